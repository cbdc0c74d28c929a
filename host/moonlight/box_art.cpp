#include "box_art.hpp"

#include <png.h>

#include <array>
#include <vector>

#include "punktfunk/base/atomic_file.hpp"

namespace punktfunk::moonlight {

namespace {

constexpr uint32_t kWidth = 628, kHeight = 888;
constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";

struct Rectangle {
    uint32_t left, top, right, bottom;
    [[nodiscard]] bool contains(uint32_t x, uint32_t y) const {
        return x >= left && x < right && y >= top && y < bottom;
    }
};
// A screen on its stand, in the upper half: the name is written below.
constexpr Rectangle kFrame{124, 190, 504, 430}, kScreen{140, 206, 488, 414}, kNeck{290, 430, 338, 480},
    kFoot{224, 480, 404, 496};

using Colour = std::array<uint8_t, 3>;

Colour colour_at(uint32_t x, uint32_t y) {
    if (kScreen.contains(x, y)) return {0x2f, 0x7d, 0x6b};
    if (kFrame.contains(x, y) || kNeck.contains(x, y) || kFoot.contains(x, y)) return {0xdf, 0xe6, 0xee};
    const auto shade = static_cast<uint8_t>(y * 24 / kHeight);
    return {static_cast<uint8_t>(0x16 + shade), static_cast<uint8_t>(0x20 + shade), static_cast<uint8_t>(0x2e + shade)};
}

}  // namespace

bool is_jpeg(std::string_view picture) {
    return picture.starts_with("\xff\xd8\xff");
}

Result<std::string> load_box_art(const std::filesystem::path& file) {
    std::error_code ec;
    if (std::filesystem::exists(file, ec) && !std::filesystem::is_regular_file(file, ec))  // a pipe would be waited for
        return fail(ErrorCode::InvalidArgument, "{} is no ordinary file", file.string());
    auto bytes = read_file(file, kMaxBoxArt);
    if (bytes && !bytes->starts_with(kSignature) && !is_jpeg(*bytes))
        return fail(ErrorCode::InvalidArgument, "{} is neither a PNG nor a JPEG picture", file.string());
    return bytes;
}

Result<std::string> default_box_art() {
    std::vector<uint8_t> pixels;
    pixels.reserve(size_t{3} * kWidth * kHeight);
    for (uint32_t y = 0; y < kHeight; ++y) {
        for (uint32_t x = 0; x < kWidth; ++x) {
            const Colour colour = colour_at(x, y);
            pixels.insert(pixels.end(), colour.begin(), colour.end());
        }
    }
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = kWidth;
    image.height = kHeight;
    image.format = PNG_FORMAT_RGB;
    std::string out(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
    png_alloc_size_t size = out.size();
    if (::png_image_write_to_memory(&image, out.data(), &size, 0, pixels.data(), 0, nullptr) == 0)
        return fail(ErrorCode::Internal, "libpng: {}", image.message);
    out.resize(size);
    return out;
}

}  // namespace punktfunk::moonlight
