#include "punktfunk/net/pacer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace punktfunk::net {

using namespace std::chrono_literals;

namespace {

constexpr SteadyClock::time_point kStart{1h};
constexpr size_t kDatagram = 1472;  // 1500 bytes with its headers: 120 us at 100 Mbit/s
constexpr uint64_t kHundredMegabit = 12'500'000;

// What waits in front of a bottleneck of `rate` when packets come as given.
class Queue {
  public:
    explicit Queue(uint64_t rate) : rate_(rate) {}
    void add(size_t packets, SteadyClock::time_point at) {
        const double passed = std::chrono::duration<double>(at - last_).count() * static_cast<double>(rate_) / 1500;
        waiting_ = std::max(0.0, waiting_ - passed) + static_cast<double>(packets);
        most = std::max(most, waiting_);
        last_ = at;
    }
    double most = 0;

  private:
    uint64_t rate_;
    double waiting_ = 0;
    SteadyClock::time_point last_ = kStart;
};

}  // namespace

TEST(Pacer, ABurstThenHalvesAtThePace) {
    Pacer pacer;
    pacer.set_rate(kHundredMegabit);
    EXPECT_EQ(pacer.take(40, kDatagram, kStart).packets, 16u);
    auto now = kStart;
    for (int i = 1; i <= 3; ++i) {
        const auto wait = pacer.take(24, kDatagram, now);
        EXPECT_EQ(wait.packets, 0u);
        EXPECT_EQ(wait.ask_again_at, kStart + i * 960us);
        now = wait.ask_again_at;
        EXPECT_EQ(pacer.take(24, kDatagram, now).packets, 8u);
    }
}

TEST(Pacer, ANewFrameDoesNotForgetTheLastOne) {
    Pacer pacer;
    pacer.set_rate(kHundredMegabit);
    EXPECT_EQ(pacer.take(16, kDatagram, kStart).packets, 16u);
    EXPECT_EQ(pacer.take(4, kDatagram, kStart + 100us).ask_again_at, kStart + 480us);
    EXPECT_EQ(pacer.take(40, kDatagram, kStart + 1s).packets, 16u) << "a rest is worth a burst, however long it was";
}

TEST(Pacer, AfterACollapseTheFullQueueIsWaitedFor) {
    Pacer pacer;
    Queue queue(kHundredMegabit / 10);
    queue.add(32, kStart);
    pacer.set_rate(kHundredMegabit / 10 * 9 / 10);
    pacer.expect_queue();
    auto now = kStart;
    for (size_t left = 40; left > 0;) {
        const auto grant = pacer.take(left, kDatagram, now);
        if (grant.packets == 0) {
            now = grant.ask_again_at;
            continue;
        }
        queue.add(grant.packets, now);
        left -= grant.packets;
    }
    EXPECT_LE(queue.most, 32) << "a queue of 32 packets has lost some";
}

TEST(Pacer, WithoutARateEverythingLeavesAtOnce) {
    Pacer pacer;
    EXPECT_EQ(pacer.take(5000, kDatagram, kStart).packets, 5000u);
}

TEST(Pacer, BurstsGrowWithThePaceOnFastPaths) {
    Pacer pacer;
    pacer.set_rate(10 * kHundredMegabit);  // 500 us are 41 packets
    EXPECT_EQ(pacer.take(500, kDatagram, kStart).packets, 41u);
}

TEST(Pacer, APathAsFastAsThePaceNeverHoldsMoreThanABurst) {
    EXPECT_TRUE(rc::check("any frames, any oversleeping", [](std::vector<uint8_t> frames,
                                                             std::vector<uint16_t> late_us) {
        Pacer pacer;
        pacer.set_rate(kHundredMegabit);
        Queue queue(kHundredMegabit);
        auto now = kStart;
        SteadyClock::duration overslept{};
        size_t turn = 0, sent = 0;
        for (const uint8_t frame : frames) {
            for (size_t left = frame; left > 0;) {
                const auto grant = pacer.take(left, kDatagram, now);
                RC_ASSERT(grant.packets <= left);
                if (grant.packets == 0) {
                    RC_ASSERT(grant.ask_again_at > now);
                    const auto late = std::chrono::microseconds(late_us.empty() ? 0 : late_us[turn++ % late_us.size()]);
                    now = grant.ask_again_at + late;
                    overslept += late;
                    continue;
                }
                queue.add(grant.packets, now);
                left -= grant.packets;
                sent += grant.packets;
            }
        }
        RC_ASSERT(queue.most <= Pacer::kBurstPackets + 0.01);
        RC_ASSERT(now - kStart <= sent * 120us + overslept + 1ms);
    }));
}

}  // namespace punktfunk::net
