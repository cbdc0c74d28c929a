#include "punktfunk/stream/thumbnail.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace punktfunk::stream {

Picture make_thumbnail_buffer() {
    Picture picture;
    picture.rgb.reserve(size_t{kThumbnailSide} * kThumbnailSide * 3);
    return picture;
}

void scale_down(const capture::Frame& frame, Picture& into, uint32_t longest_side) {
    const uint32_t longer = std::max({frame.width, frame.height, 1u});
    const auto scaled = [&](uint32_t side) {
        if (longer <= longest_side) return side;
        return std::max<uint32_t>(static_cast<uint32_t>(uint64_t{side} * longest_side / longer), 1);
    };
    into.width = scaled(frame.width);
    into.height = scaled(frame.height);
    into.rgb.resize(size_t{into.width} * into.height * 3);
    constexpr uint32_t kPoints = 3;  // a side
    uint8_t* out = into.rgb.data();
    // Where in the frame the middle of a part of a pixel lies.
    const auto at = [](uint32_t pixel, uint32_t part, uint32_t from, uint32_t to) {
        return static_cast<uint32_t>((uint64_t{pixel} * kPoints * 2 + part * 2 + 1) * from /
                                     (uint64_t{to} * kPoints * 2));
    };
    for (uint32_t y = 0; y < into.height; ++y) {
        std::array<const uint8_t*, kPoints> rows{};
        for (uint32_t part = 0; part < kPoints; ++part)
            rows[part] = frame.pixels + size_t{at(y, part, frame.height, into.height)} * frame.stride;
        for (uint32_t x = 0; x < into.width; ++x) {
            uint32_t blue = 0, green = 0, red = 0;
            for (uint32_t part = 0; part < kPoints; ++part) {
                const size_t offset = size_t{at(x, part, frame.width, into.width)} * 4;
                for (const uint8_t* row : rows) {
                    blue += row[offset];
                    green += row[offset + 1];
                    red += row[offset + 2];
                }
            }
            for (const uint32_t sum : {red, green, blue}) *out++ = static_cast<uint8_t>(sum / (kPoints * kPoints));
        }
    }
}

void ThumbnailRequests::ask(Done done) {
    Request request{make_thumbnail_buffer(), std::move(done)};
    std::unique_lock lock(mutex_);
    if (!closed_ && waiting_.size() < kMost) {
        waiting_.push_back(std::move(request));
        return;
    }
    const bool closed = closed_;
    lock.unlock();
    request.done(closed ? fail(ErrorCode::Closed, "the session is over")
                        : fail(ErrorCode::Exhausted, "too many ask for a picture of this session"));
}

void ThumbnailRequests::serve(const capture::Frame& frame) {
    std::vector<Request> served;
    {
        const std::lock_guard lock(mutex_);
        served.swap(waiting_);
    }
    for (Request& request : served) {
        scale_down(frame, request.buffer);
        request.done(std::move(request.buffer));
    }
}

void ThumbnailRequests::close() {
    std::vector<Request> left;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        left.swap(waiting_);
    }
    for (const Request& request : left) request.done(fail(ErrorCode::Closed, "the session is over"));
}

}  // namespace punktfunk::stream
