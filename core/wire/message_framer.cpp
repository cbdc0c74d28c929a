#include "punktfunk/wire/control.hpp"

namespace punktfunk::wire {

Bytes frame_message(ByteView payload) {
    ByteWriter writer;
    writer.write<uint16_t>(static_cast<uint16_t>(payload.size())).append(payload);
    return std::move(writer).finish();
}

void MessageFramer::feed(ByteView chunk) {
    if (consumed_ > 0) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(consumed_));
        consumed_ = 0;
    }
    buffer_.insert(buffer_.end(), chunk.begin(), chunk.end());
}

std::optional<Bytes> MessageFramer::next() {
    const ByteView waiting = ByteView(buffer_).subspan(consumed_);
    if (waiting.size() < 2) return std::nullopt;
    const size_t length = load_le<uint16_t>(waiting.data());
    if (waiting.size() < 2 + length) return std::nullopt;
    consumed_ += 2 + length;
    const ByteView payload = waiting.subspan(2, length);
    return Bytes(payload.begin(), payload.end());
}

}  // namespace punktfunk::wire
