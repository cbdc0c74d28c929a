#include "compress.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace punktfunk::management {

Result<std::string> gzip(std::string_view data) {
    z_stream stream{};
    constexpr int kGzip = 16 + 15;  // a gzip header, and the largest window
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return fail(ErrorCode::Internal, "zlib cannot begin");
    std::string out(deflateBound(&stream, static_cast<uLong>(data.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));  // zlib only reads it
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (ended != Z_STREAM_END) return fail(ErrorCode::Internal, "zlib stopped with {}", ended);
    return out;
}

std::string tar(const std::vector<std::pair<std::string, std::string>>& files, int64_t unix_time) {
    constexpr size_t kBlock = 512;
    std::string archive;
    for (const auto& [name, content] : files) {
        std::array<char, kBlock> header{};
        const auto put = [&](size_t at, std::string_view text) {
            std::ranges::copy(text, header.begin() + static_cast<ptrdiff_t>(at));
        };
        put(0, std::string_view(name).substr(0, 100));
        put(100, "0000600");
        put(108, "0000000");
        put(116, "0000000");
        put(124, fmt::format("{:011o}", content.size()));
        put(136, fmt::format("{:011o}", std::max<int64_t>(unix_time, 0)));
        put(148, "        ");
        put(156, "0");
        put(257, std::string_view("ustar\00000", 8));
        unsigned sum = 0;
        for (const char c : header) sum += static_cast<unsigned char>(c);
        put(148, fmt::format("{:06o}", sum));
        header[154] = '\0';
        archive.append(header.data(), header.size());
        archive += content;
        archive.append((kBlock - content.size() % kBlock) % kBlock, '\0');
    }
    archive.append(2 * kBlock, '\0');
    return archive;
}

}  // namespace punktfunk::management
