#include "punktfunk/library/pictures.hpp"

#include "punktfunk/base/atomic_file.hpp"

namespace punktfunk::library {

std::string_view picture_type(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return "image/png";
    if (bytes.starts_with("\xff\xd8\xff"sv)) return "image/jpeg";
    if (bytes.starts_with("RIFF"sv) && bytes.substr(0, 12).ends_with("WEBP"sv)) return "image/webp";
    const auto start = bytes.find_first_not_of(" \t\r\n");
    const auto text = start == std::string_view::npos ? std::string_view() : bytes.substr(start);
    const bool document = text.starts_with("<?xml") || text.starts_with("<!DOCTYPE svg") || text.starts_with("<!--");
    if (text.starts_with("<svg") || (document && text.substr(0, 4096).find("<svg") != std::string_view::npos))
        return "image/svg+xml";
    return {};
}

Result<Picture> read_picture(const std::filesystem::path& file) {
    constexpr size_t kMaxPicture = 4 << 20;
    auto bytes = read_file(file, kMaxPicture);
    if (!bytes) return std::unexpected(bytes.error());
    const auto type = picture_type(*bytes);
    if (type.empty()) return fail(ErrorCode::InvalidArgument, "{} is not a picture", file.string());
    return Picture{std::string(type), std::move(*bytes)};
}

std::filesystem::path first_picture(const std::vector<std::filesystem::path>& candidates) {
    for (const auto& candidate : candidates) {
        std::error_code missing;
        if (std::filesystem::is_regular_file(candidate, missing)) return candidate;
    }
    return {};
}

}  // namespace punktfunk::library
