#include "punktfunk/demo_desktop/pictures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <numbers>

namespace punktfunk::demo {

namespace {

constexpr uint32_t grey(uint32_t level) {
    return level << 16 | level << 8 | level;
}

// 0, 1, 0, 1, ... as a straight line up and down.
double triangle(double phase) {
    return std::abs(std::fmod(phase, 2.0) - 1.0);
}

}  // namespace

void Canvas::fill(int64_t left, int64_t top, int64_t fill_width, int64_t fill_height, uint32_t colour) const {
    const int64_t right = std::min<int64_t>(left + fill_width, width);
    const int64_t bottom = std::min<int64_t>(top + fill_height, height);
    left = std::max<int64_t>(left, 0);
    if (left >= right) return;
    for (int64_t y = std::max<int64_t>(top, 0); y < bottom; ++y) {
        std::ranges::fill(pixels.subspan(static_cast<size_t>(y) * width + static_cast<size_t>(left),
                                         static_cast<size_t>(right - left)),
                          colour);
    }
}

void paint_motion(const Canvas& canvas, double seconds) {
    for (uint32_t y = 0; y < canvas.height; ++y) {
        const double angle = 2 * std::numbers::pi * (0.1 * seconds + 0.5 * y / canvas.height);
        const auto red = static_cast<uint32_t>(40 + 30 * std::sin(angle));
        const auto blue = static_cast<uint32_t>(90 + 50 * std::cos(angle));
        canvas.fill(0, y, canvas.width, 1, red << 16 | 30u << 8 | blue);
    }
    const double radius = std::min(canvas.width, canvas.height) / 8.0;
    const double centre_x = radius + triangle(0.55 * seconds) * (canvas.width - 2 * radius);
    const double centre_y = radius + triangle(0.83 * seconds) * (canvas.height - 2 * radius);
    for (double dy = -radius; dy <= radius; ++dy) {
        const double half = std::sqrt(radius * radius - dy * dy);
        canvas.fill(std::lround(centre_x - half), std::lround(centre_y + dy), std::lround(2 * half), 1, 0xf0c040);
    }
    // A second hand along the bottom: once around in a second.
    canvas.fill(0, canvas.height - 6, std::lround(std::fmod(seconds, 1.0) * canvas.width), 6, 0x60e090);
}

void paint_bars(const Canvas& canvas) {
    constexpr std::array<uint32_t, 8> kBars = {0xffffff, 0xe0e000, 0x00d0d0, 0x00c000,
                                               0xc000c0, 0xd00000, 0x0000d0, 0x101010};
    const int64_t width = canvas.width, height = canvas.height;
    const auto bars = static_cast<int64_t>(kBars.size());
    for (int64_t i = 0; i < bars; ++i) {
        canvas.fill(width * i / bars, 0, width / bars + 1, height / 2, kBars[static_cast<size_t>(i)]);
    }
    for (int64_t x = 0; x < width; ++x) {
        canvas.fill(x, height / 2, 1, height / 4, grey(static_cast<uint32_t>(255 * x / width)));
        canvas.fill(x, height * 3 / 4, 1, height, x / 8 % 2 == 0 ? 0xd0d0d0 : 0x303030);
    }
    const int64_t side = std::max<int64_t>(8, std::min(width, height) / 10 / 8 * 8);
    canvas.fill(0, 0, side, side, 0xd00000);
    canvas.fill(width - side, 0, side, side, 0x00c000);
    canvas.fill(0, height - side, side, side, 0x0000d0);
    canvas.fill(width - side, height - side, side, side, 0xe0e000);
}

void paint_noise(const Canvas& canvas, uint64_t& seed) {
    for (uint32_t& pixel : canvas.pixels) {
        seed = seed * 6364136223846793005 + 1442695040888963407;
        pixel = static_cast<uint32_t>(seed >> 40);
    }
}

Result<void> write_ppm(const Canvas& canvas, const std::filesystem::path& file) {
    auto part = file;
    part += ".part";
    {
        std::ofstream out(part, std::ios::binary);
        out << "P6\n" << canvas.width << ' ' << canvas.height << "\n255\n";
        for (const uint32_t pixel : canvas.pixels) {
            const std::array<char, 3> rgb = {static_cast<char>(pixel >> 16), static_cast<char>(pixel >> 8),
                                             static_cast<char>(pixel)};
            out.write(rgb.data(), rgb.size());
        }
        if (!out.flush()) return fail(ErrorCode::Io, "cannot write {}", part.string());
    }
    std::error_code error;
    std::filesystem::rename(part, file, error);
    if (error) return fail(ErrorCode::Io, "cannot write {}: {}", file.string(), error.message());
    return {};
}

}  // namespace punktfunk::demo
