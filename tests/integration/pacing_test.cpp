// What a stream loses by its own doing in front of a bottleneck, by real sockets, timers and threads: the relay takes
// packets as fast as the host hands them to the kernel, and a link of 100 Mbit/s with a queue of 32 packets takes them
// from there.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "narrow_stream.hpp"
#include "punktfunk/rate/pace_controller.hpp"

namespace punktfunk::test {

namespace {

NarrowOutcome run_and_print(const char* what, uint64_t pace) {
    const NarrowOutcome outcome = run({.pace = pace});
    fmt::print(
        "  60 Mbit/s through 100 with a queue of 32, {}: {} of {} packets lost ({:.4f} %), a frame takes {:.1f} ms\n",
        what, outcome.lost, outcome.packets, outcome.lost_percent(), outcome.spread_ms);
    return outcome;
}

uint64_t pace_of(const rate::PaceController& pace) {
    return pace.bytes_per_second(SteadyClock::now());
}

}  // namespace

TEST(Pacing, AStreamLosesNothingInFrontOfAShortQueue) {
    const NarrowStream stream;
    rate::PaceController pace;
    pace.stream_is(stream.kbps, stream.fec_percent);
    const auto outcome = run_and_print("paced by its own rate", pace_of(pace));
    EXPECT_GE(outcome.packets, 20'000u);
    EXPECT_LE(outcome.lost_percent(), 0.01);
    EXPECT_GE(outcome.frames, static_cast<uint64_t>(stream.hz * stream.seconds - 1));
}

TEST(Pacing, AMeasuredPathIsUsedWithoutLoss) {
    rate::PaceController pace;
    pace.stream_is(10'000, 20);
    pace.path_reported(100'000);
    EXPECT_LE(run_and_print("paced by the path's", pace_of(pace)).lost_percent(), 0.01);
}

TEST(Pacing, WithoutItTheQueueOverflows) {
    EXPECT_GT(run_and_print("not paced", 0).lost_percent(), 10) << "the tests above could not fail";
}

}  // namespace punktfunk::test
