#include "png_file.hpp"

#include <png.h>

#include <cerrno>
#include <cstring>

namespace punktfunk::media {

Result<void> write_png(const RgbPicture& picture, const std::filesystem::path& file) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = picture.width;
    image.height = picture.height;
    image.format = PNG_FORMAT_RGB;
    errno = 0;
    if (png_image_write_to_file(&image, file.c_str(), 0, picture.pixels.data(), 0, nullptr) == 0) {
        return fail(ErrorCode::Io, "cannot write {}: {}", file.string(),
                    errno != 0 ? std::strerror(errno) : image.message);
    }
    return {};
}

}  // namespace punktfunk::media
