#include "picture.hpp"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <stdexcept>

namespace punktfunk::test {

Picture read_png(const std::filesystem::path& file) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_file(&image, file.c_str()) == 0)
        throw std::runtime_error(file.string() + ": " + image.message);
    image.format = PNG_FORMAT_RGB;
    Picture picture{image.width, image.height, std::vector<uint8_t>(PNG_IMAGE_SIZE(image))};
    if (png_image_finish_read(&image, nullptr, picture.rgb.data(), 0, nullptr) == 0)
        throw std::runtime_error(file.string() + ": " + image.message);
    return picture;
}

Picture read_ppm(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string magic;
    Picture picture;
    int maximum = 0;
    in >> magic >> picture.width >> picture.height >> maximum;
    in.get();
    if (!in || magic != "P6" || maximum != 255) throw std::runtime_error(file.string() + ": not a PPM of 8 bits");
    picture.rgb.resize(size_t{picture.width} * picture.height * 3);
    in.read(reinterpret_cast<char*>(picture.rgb.data()), static_cast<std::streamsize>(picture.rgb.size()));
    if (!in) throw std::runtime_error(file.string() + ": too short");
    return picture;
}

double psnr(const Picture& a, const Picture& b) {
    if (a.width != b.width || a.height != b.height) throw std::runtime_error("pictures of different sizes");
    double sum = 0;
    for (size_t i = 0; i < a.rgb.size(); ++i) {
        const double difference = double{1} * a.rgb[i] - b.rgb[i];
        sum += difference * difference;
    }
    return sum == 0 ? 100 : 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.rgb.size()) / sum);
}

Picture rotated_180(const Picture& picture) {
    Picture turned = picture;
    const size_t pixels = turned.rgb.size() / 3;
    for (size_t i = 0; i < pixels; ++i) std::copy_n(&picture.rgb[3 * i], 3, &turned.rgb[3 * (pixels - 1 - i)]);
    return turned;
}

Picture shifted_right(const Picture& picture, uint32_t pixels) {
    Picture shifted = picture;
    const size_t row = size_t{picture.width} * 3, offset = size_t{pixels} * 3;
    for (size_t y = 0; y < picture.height; ++y) {
        std::copy_n(&picture.rgb[y * row], row - offset, &shifted.rgb[y * row + offset]);
    }
    return shifted;
}

Picture skewed(const Picture& picture) {
    Picture out = picture;
    for (size_t y = 0; y < picture.height; ++y) {
        for (size_t x = 0; x < picture.width; ++x) {
            const size_t from = y * picture.width + (x + y) % picture.width;
            std::copy_n(&picture.rgb[3 * from], 3, &out.rgb[3 * (y * picture.width + x)]);
        }
    }
    return out;
}

namespace {

struct Matrix {
    double red, blue;  // Kr, Kb
    [[nodiscard]] double green() const { return 1 - red - blue; }
};
constexpr Matrix kBt709{0.2126, 0.0722}, kBt601{0.299, 0.114};

// Luma 0..1, chroma -0.5..0.5.
struct Yuv {
    double y, cb, cr;
};

template <typename Misread>
Picture misread(const Picture& picture, const Matrix& decoded_as, Misread&& change) {
    Picture out = picture;
    for (size_t i = 0; i < out.rgb.size(); i += 3) {
        const double r = picture.rgb[i] / 255.0, g = picture.rgb[i + 1] / 255.0, b = picture.rgb[i + 2] / 255.0;
        const double y = kBt709.red * r + kBt709.green() * g + kBt709.blue * b;
        const Yuv seen = change(Yuv{y, (b - y) / (2 * (1 - kBt709.blue)), (r - y) / (2 * (1 - kBt709.red))});
        const double red = seen.y + 2 * (1 - decoded_as.red) * seen.cr;
        const double blue = seen.y + 2 * (1 - decoded_as.blue) * seen.cb;
        const double green = (seen.y - decoded_as.red * red - decoded_as.blue * blue) / decoded_as.green();
        const double rgb[] = {red, green, blue};
        for (size_t c = 0; c < 3; ++c)
            out.rgb[i + c] = static_cast<uint8_t>(std::lround(255 * std::clamp(rgb[c], 0.0, 1.0)));
    }
    return out;
}

}  // namespace

Picture read_as_bt601(const Picture& picture) {
    return misread(picture, kBt601, [](const Yuv& yuv) { return yuv; });
}

Picture read_as_full_range(const Picture& picture) {
    return misread(picture, kBt709, [](const Yuv& yuv) {
        return Yuv{(16 + 219 * yuv.y) / 255, yuv.cb * 224 / 255, yuv.cr * 224 / 255};
    });
}

Picture with_chroma_swapped(const Picture& picture) {
    return misread(picture, kBt709, [](const Yuv& yuv) { return Yuv{yuv.y, yuv.cr, yuv.cb}; });
}

}  // namespace punktfunk::test
