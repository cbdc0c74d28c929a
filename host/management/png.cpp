#include "png.hpp"

#include <png.h>

namespace punktfunk::management {

Result<std::string> encode_png(const stream::Picture& picture) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = picture.width;
    image.height = picture.height;
    image.format = PNG_FORMAT_RGB;
    image.flags = PNG_IMAGE_FLAG_FAST;
    std::string out(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
    png_alloc_size_t size = out.size();
    if (png_image_write_to_memory(&image, out.data(), &size, 0, picture.rgb.data(), 0, nullptr) == 0)
        return fail(ErrorCode::Internal, "libpng: {}", image.message);
    out.resize(size);
    return out;
}

}  // namespace punktfunk::management
