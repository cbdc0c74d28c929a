#include "handover_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace punktfunk::stream {

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

}  // namespace punktfunk::stream
