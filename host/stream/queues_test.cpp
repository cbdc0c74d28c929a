#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "handover_queue.hpp"
#include "input_queue.hpp"

namespace punktfunk::stream {

using enum wire::InputKind;

TEST(HandoverQueue, KeepsOrderAndReusesItsBuffers) {
    HandoverQueue queue;
    constexpr int kUnits = 1000;
    std::jthread producer([&](const std::stop_token& stop) {
        for (int i = 0; i < kUnits; ++i) {
            queue.push(stop, [&](HandoverSlot& slot) {
                slot.data.assign(100, static_cast<uint8_t>(i));
                slot.pts_ns = static_cast<uint64_t>(i);
            });
        }
    });
    const std::stop_source never;
    std::vector<const uint8_t*> buffers;
    for (int i = 0; i < kUnits; ++i) {
        ASSERT_TRUE(queue.pop(never.get_token(), SteadyClock::time_point::max(), [&](const HandoverSlot& slot) {
            EXPECT_EQ(slot.pts_ns, static_cast<uint64_t>(i));
            EXPECT_EQ(slot.data[99], static_cast<uint8_t>(i));
            if (std::ranges::find(buffers, slot.data.data()) == buffers.end()) buffers.push_back(slot.data.data());
        }));
    }
    EXPECT_LE(buffers.size(), HandoverQueue::kDepth);
}

TEST(HandoverQueue, AFullQueueHoldsTheEncoderUntilStopped) {
    HandoverQueue queue;
    std::atomic<int> pushed{0};
    std::atomic<bool> refused{false};
    std::jthread producer([&](const std::stop_token& stop) {
        while (queue.push(stop, [](HandoverSlot&) {})) ++pushed;
        refused = true;
    });
    while (pushed < static_cast<int>(HandoverQueue::kDepth)) std::this_thread::yield();
    producer.request_stop();
    producer.join();
    EXPECT_EQ(pushed, static_cast<int>(HandoverQueue::kDepth));
    EXPECT_TRUE(refused);
}

TEST(InputQueue, MotionIsMergedAndReleasesSurviveAFlood) {
    InputQueue queue;
    const std::stop_source never;
    std::optional<wire::InputEvent> event;
    queue.push({.kind = MouseMove, .x = 3, .y = -1});
    queue.push({.kind = MouseMove, .x = 4, .y = 1});
    ASSERT_TRUE(queue.pop(never.get_token(), event));
    EXPECT_EQ(*event, (wire::InputEvent{.kind = MouseMove, .x = 7, .y = 0}));

    queue.push({.kind = MouseMove, .x = INT32_MAX});
    queue.push({.kind = MouseMove, .x = 1});
    ASSERT_TRUE(queue.pop(never.get_token(), event));
    EXPECT_EQ(event->x, INT32_MAX) << "sums do not wrap";

    for (size_t i = 0; i < 2 * InputQueue::kBound; ++i) queue.push({.kind = KeyDown, .code = 0x41});
    queue.push({.kind = KeyUp, .code = 0x41});
    size_t count = 0;
    wire::InputEvent last;
    while (last.kind != KeyUp) {
        ASSERT_TRUE(queue.pop(never.get_token(), event));
        last = *event;
        ASSERT_LE(++count, InputQueue::kBound + 1);
    }
    queue.poke();
    ASSERT_TRUE(queue.pop(never.get_token(), event));
    EXPECT_FALSE(event);
}

}  // namespace punktfunk::stream
