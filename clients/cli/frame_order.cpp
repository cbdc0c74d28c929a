#include "frame_order.hpp"

#include <algorithm>

#include "punktfunk/session/packet_header.hpp"

namespace punktfunk::cli {

namespace {

// Indices wrap: a is before b when the way forward from a to b is the shorter one.
bool before(uint32_t a, uint32_t b) {
    return static_cast<int32_t>(a - b) < 0;
}

bool stands_alone(const client::ReceivedFrame& frame) {
    return (frame.user_flags & session::kFlagStartOfFrame) != 0;
}

}  // namespace

bool FrameOrder::push(client::ReceivedFrame frame, SteadyClock::time_point now) {
    if (next_ && before(frame.frame_index, *next_)) return false;
    const auto at = std::ranges::find_if(
        held_, [&](const Held& held) { return !before(held.frame.frame_index, frame.frame_index); });
    held_.insert(at, {std::move(frame), now});
    return true;
}

std::optional<client::ReceivedFrame> FrameOrder::pop(SteadyClock::time_point now) {
    while (!held_.empty()) {
        const uint32_t first = held_.front().frame.frame_index;
        const bool in_turn = !next_ || first == *next_;
        const bool given_up = held_.size() > kMaxHeld || now >= held_.front().since + patience_;
        if (!in_turn && !given_up && !stands_alone(held_.front().frame)) return std::nullopt;
        if (!in_turn) {
            lost_ += first - *next_;
            awaiting_keyframe_ = true;
        }
        client::ReceivedFrame frame = std::move(held_.front().frame);
        held_.erase(held_.begin());
        next_ = first + 1;
        if (stands_alone(frame)) awaiting_keyframe_ = false;
        if (!awaiting_keyframe_) return frame;
        ++undecodable_;
    }
    return std::nullopt;
}

std::optional<SteadyClock::time_point> FrameOrder::deadline() const {
    if (held_.empty()) return std::nullopt;
    return held_.front().since + patience_;
}

}  // namespace punktfunk::cli
