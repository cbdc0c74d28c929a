#include "input_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <vector>

namespace punktfunk::stream {

using namespace std::chrono_literals;
using enum wire::InputKind;
using wire::InputEvent;

namespace {

std::vector<InputEvent> take(InputQueue& queue) {
    const std::stop_source never;
    std::vector<InputEvent> events;
    queue.poke();  // so that an empty queue answers too
    EXPECT_TRUE(queue.pop(never.get_token(), events));
    return events;
}

// What is down at the end of it all: what a desktop that got these events would think.
class Model {
  public:
    void apply(const InputEvent& event) {
        switch (event.kind) {
            case KeyDown:
            case MouseButtonDown:
            case TouchDown:
                RC_ASSERT(down_.insert({event.kind, event.code}).second || event.kind == TouchDown);
                break;
            case KeyUp:
                RC_ASSERT(down_.erase({KeyDown, event.code}) == 1);
                break;
            case MouseButtonUp:
                RC_ASSERT(down_.erase({MouseButtonDown, event.code}) == 1);
                break;
            case TouchUp:
                RC_ASSERT(down_.erase({TouchDown, event.code}) == 1);
                break;
            default:
                break;
        }
    }
    [[nodiscard]] bool nothing_down() const { return down_.empty(); }

  private:
    std::set<std::pair<wire::InputKind, uint32_t>> down_;
};

// Few codes, so that they meet.
rc::Gen<InputEvent> any_event() {
    return rc::gen::map(
        rc::gen::pair(rc::gen::element(KeyDown, KeyUp, MouseButtonDown, MouseButtonUp, TouchDown, TouchUp, TouchMove,
                                       MouseMove, MouseMoveAbs, MouseScroll, TextInput),
                      rc::gen::inRange<uint32_t>(1, 6)),
        [](const auto& drawn) { return InputEvent{.kind = drawn.first, .code = drawn.second}; });
}

}  // namespace

TEST(InputQueue, MotionIsMerged) {
    InputQueue queue;
    queue.push({.kind = MouseMove, .x = 3, .y = -1});
    queue.push({.kind = MouseMove, .x = 4, .y = 1});
    EXPECT_EQ(take(queue), std::vector{(InputEvent{.kind = MouseMove, .x = 7, .y = 0})});

    queue.push({.kind = MouseMove, .x = INT32_MAX});
    queue.push({.kind = MouseMove, .x = 1});
    EXPECT_EQ(take(queue).at(0).x, INT32_MAX) << "sums do not wrap";

    queue.push({.kind = TouchMove, .code = 1, .x = 1});
    queue.push({.kind = TouchMove, .code = 1, .x = 2});
    queue.push({.kind = TouchMove, .code = 2, .x = 3});
    EXPECT_EQ(take(queue).size(), 2u) << "each finger for itself";
}

TEST(InputQueue, AFloodCostsPressesAndNeverARelease) {
    InputQueue queue;
    queue.push({.kind = KeyDown, .code = 0x41});
    for (uint32_t i = 0; i < 3 * InputQueue::kBound; ++i) queue.push({.kind = MouseScroll, .x = 1});
    queue.push({.kind = KeyDown, .code = 0x42});
    queue.push({.kind = KeyUp, .code = 0x42});
    queue.push({.kind = KeyUp, .code = 0x41});
    const auto events = take(queue);
    EXPECT_EQ(events.size(), InputQueue::kBound + 1);
    EXPECT_EQ(events.back(), (InputEvent{.kind = KeyUp, .code = 0x41}));
    EXPECT_EQ(std::ranges::count(events, InputEvent{.kind = KeyUp, .code = 0x42}), 0) << "its press was dropped";
}

TEST(InputQueue, OfATextThatIsTooLongTheEndIsCut) {
    InputQueue queue;
    for (uint32_t i = 0; i < InputQueue::kTextBound + 10; ++i) queue.push({.kind = TextInput, .code = i});
    for (uint32_t i = 0; i < 3 * InputQueue::kBound; ++i) queue.push({.kind = MouseScroll, .x = 1});
    auto events = take(queue);
    std::erase_if(events, [](const InputEvent& event) { return event.kind != TextInput; });
    ASSERT_EQ(events.size(), InputQueue::kTextBound) << "other events do not take the text's place";
    for (uint32_t i = 0; i < events.size(); ++i) ASSERT_EQ(events[i].code, i);
    queue.push({.kind = TextInput, .code = 1});
    EXPECT_EQ(take(queue).size(), 1u);
}

TEST(InputQueue, AReleaseThatOvertookItsPressEndsIt) {
    InputQueue queue;
    const InputQueue::TimePoint now{};
    queue.push({.kind = KeyUp, .code = 0x41}, now);
    queue.push({.kind = KeyDown, .code = 0x41}, now + 5ms);
    EXPECT_EQ(take(queue), (std::vector<InputEvent>{{.kind = KeyDown, .code = 0x41}, {.kind = KeyUp, .code = 0x41}}));
    // Long after, or of another key, it means nothing.
    queue.push({.kind = KeyUp, .code = 0x41}, now);
    queue.push({.kind = KeyDown, .code = 0x42}, now + 1ms);
    queue.push({.kind = KeyDown, .code = 0x41}, now + InputQueue::kReorderWindow + 1ms);
    EXPECT_EQ(take(queue), (std::vector<InputEvent>{{.kind = KeyDown, .code = 0x42}, {.kind = KeyDown, .code = 0x41}}));
}

// Whatever a client sends, loses and reorders, and however the queue is emptied meanwhile: once its releases are
// through, nothing is down; what comes out is bounded; text is complete and in order.
TEST(InputQueue, NothingStaysDown) {
    const bool held = rc::check([] {
        InputQueue queue;
        Model model;
        auto sent = *rc::gen::container<std::vector<InputEvent>>(any_event());
        const auto flood = *rc::gen::element<size_t>(0, 0, 0, 2 * InputQueue::kBound);
        std::vector<uint32_t> text_sent, text_seen;
        const auto deliver = [&] {
            const auto events = take(queue);
            RC_ASSERT(events.size() <= 2 * InputQueue::kBound + InputQueue::kMaxHeld + InputQueue::kTextBound);
            for (const auto& event : events) {
                model.apply(event);
                if (event.kind == TextInput) text_seen.push_back(event.code);
            }
        };
        InputQueue::TimePoint now{};
        for (const auto& event : sent) {
            now += std::chrono::milliseconds(*rc::gen::inRange(0, 40));
            queue.push(event, now);
            if (event.kind == TextInput) text_sent.push_back(event.code);
            for (size_t i = 0; i < flood; ++i) queue.push({.kind = MouseScroll, .x = 1}, now);
            if (*rc::gen::inRange(0, 4) == 0) deliver();
        }
        for (uint32_t code = 1; code < 6; ++code) {
            for (const auto release : {KeyUp, MouseButtonUp, TouchUp}) queue.push({.kind = release, .code = code}, now);
        }
        deliver();
        RC_ASSERT(model.nothing_down());
        RC_ASSERT(text_seen == text_sent);
    });
    EXPECT_TRUE(held);
}

TEST(InputQueue, WithoutPermissionWhatIsHeldIsReleasedAndTheRestIsLost) {
    InputQueue queue;
    queue.push({.kind = KeyDown, .code = 0x41});
    queue.push({.kind = MouseButtonDown, .code = 1});
    EXPECT_EQ(take(queue).size(), 2u);
    queue.push({.kind = TextInput, .code = 'x'});
    queue.push({.kind = MouseMove, .x = 5});
    queue.push({.kind = MouseScroll, .x = 120});
    queue.push({.kind = KeyDown, .code = 0x42});
    queue.push({.kind = KeyUp, .code = 0x41});
    queue.allow(false);
    const auto left = take(queue);
    const auto count = [&](wire::InputKind kind, uint32_t code) {
        return std::ranges::count_if(left, [&](const auto& e) { return e.kind == kind && e.code == code; });
    };
    EXPECT_EQ(left.size(), 4u);
    EXPECT_EQ(count(KeyUp, 0x41), 1);
    EXPECT_EQ(count(MouseButtonUp, 1), 1);
    EXPECT_EQ(count(KeyDown, 0x42), count(KeyUp, 0x42));

    for (const auto kind : {KeyDown, KeyUp, MouseMove, MouseButtonDown, TouchDown, TextInput, MouseScroll})
        queue.push({.kind = kind, .code = 0x43});
    EXPECT_TRUE(take(queue).empty());
    queue.allow(true);
    queue.push({.kind = KeyDown, .code = 0x43});
    EXPECT_EQ(take(queue).size(), 1u);
}

}  // namespace punktfunk::stream
