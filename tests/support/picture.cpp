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

}  // namespace punktfunk::test
