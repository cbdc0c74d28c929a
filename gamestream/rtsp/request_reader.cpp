#include "request_reader.hpp"

#include <algorithm>

#include "message.hpp"

namespace punktfunk::rtsp {

Result<std::optional<Received>> RequestReader::push(ByteView bytes) {
    const auto end = [this](Error error) {
        over_ = true;
        return std::unexpected(std::move(error));
    };
    const auto too_much = [] { return Error{ErrorCode::ProtocolViolation, "RTSP: more than one message"}; };
    if (over_ || buffer_.size() + bytes.size() > kSealedHeader + kMaxMessage) return end(too_much());
    if (bytes.empty()) return std::nullopt;
    const size_t seen = buffer_.size();
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    const bool sealed = (buffer_.front() & 0x80) != 0;
    const std::string_view text(reinterpret_cast<const char*>(buffer_.data()), buffer_.size());
    // A head that comes byte by byte is not searched from its start each time.
    const bool head_ends = text.find("\r\n\r\n", seen - std::min<size_t>(seen, 3)) != std::string_view::npos;
    if (!length_ && (sealed || head_ends || text.size() > kMaxMessage)) {
        auto length = sealed ? sealed_length(buffer_) : message_length(text);
        if (!length) return end(std::move(length.error()));
        length_ = *length;
    }
    if (!length_ || buffer_.size() < *length_) return std::nullopt;
    if (buffer_.size() > *length_) return end(too_much());
    over_ = true;
    if (!sealed) return PlainMessage{std::string(text)};
    return *parse_sealed(buffer_);
}

}  // namespace punktfunk::rtsp
