#include "punktfunk/session/arrival_meter.hpp"

#include <gtest/gtest.h>

namespace punktfunk::session {

using namespace std::chrono_literals;

namespace {

constexpr size_t kDatagram = 1472;  // 1500 with its headers: 120 us at 100 Mbit/s
constexpr SteadyClock::time_point kStart{1h};

PacketHeader packet(uint32_t seq, uint32_t frame, uint16_t shard, uint32_t flags = kDeltaFrame) {
    return {.frame_index = frame,
            .stream_seq = seq,
            .user_flags = flags,
            .data_shards = 50,
            .recovery_shards = 10,
            .shard_index = shard,
            .shard_bytes = 1408};
}

}  // namespace

TEST(ArrivalMeter, CountsWhatIsMissing) {
    ArrivalMeter meter;
    for (const uint32_t seq : {100u, 101u, 104u, 103u, 105u, 109u}) meter.add(packet(seq, 1, 0), kDatagram, kStart);
    auto window = meter.take_window();
    EXPECT_EQ(window.expected, 10u);
    EXPECT_EQ(window.received, 6u);
    EXPECT_EQ(window.lost(), 4u);
    EXPECT_EQ(window.wire_bytes, 6u * 1500);
    EXPECT_EQ(window.video_bytes, 6u * 1173) << "five sixths of a shard each";
    EXPECT_EQ(meter.take_window().expected, 0u);
    meter.add(packet(110, 2, 0), kDatagram, kStart);
    EXPECT_EQ(meter.take_window().lost(), 0u);
}

TEST(ArrivalMeter, TheSequenceMayWrap) {
    ArrivalMeter meter;
    for (const uint32_t seq : {0xffff'fffeu, 0xffff'ffffu, 0u, 2u}) meter.add(packet(seq, 1, 0), kDatagram, kStart);
    EXPECT_EQ(meter.take_window().lost(), 1u);
}

TEST(ArrivalMeter, TrainsShowTheCapacityNotThePace) {
    ArrivalMeter meter;
    auto now = kStart;
    uint32_t seq = 0;
    for (uint32_t frame = 0; frame < 20; ++frame) {
        for (uint16_t shard = 0; shard < 60; ++shard) {
            meter.add(packet(seq++, frame, shard), kDatagram, now);
            now += shard < 16 ? 120us : 240us;  // the host paces what follows the train
        }
        EXPECT_EQ(meter.path_kbps().has_value(), frame >= 4) << "one or two trains prove nothing";
        now += 5ms;
    }
    EXPECT_NEAR(*meter.path_kbps(), 100'000, 100);
    EXPECT_NEAR(*meter.run_kbps(), 50'000, 100);
}

TEST(ArrivalMeter, OneBadTrainOfManyIsNotBelieved) {
    ArrivalMeter meter;
    auto now = kStart;
    for (uint32_t frame = 0; frame < 20; ++frame) {
        for (uint16_t shard = 0; shard < 16; ++shard, now += 120us)
            meter.add(packet(frame * 16 + shard, frame, shard), kDatagram, now + (frame % 4 == 0 ? shard * 2ms : 0ms));
        now += 50ms;
    }
    EXPECT_NEAR(*meter.path_kbps(), 100'000, 100);
}

TEST(ArrivalMeter, ARunShowsAPathThatHasBecomeSlowButNotAPauseOfTheHost) {
    ArrivalMeter meter;
    auto now = kStart;
    for (uint16_t shard = 0; shard < 12; ++shard, now += 120us)
        meter.add(packet(shard, 1, shard), kDatagram, now + (shard >= 6 ? 80ms : 0ms));
    EXPECT_NEAR(*meter.run_kbps(), 100'000, 100) << "it overslept in the middle of a frame";
    now += 100ms;
    for (uint16_t shard = 12; shard < 28; ++shard, now += 2400us) meter.add(packet(shard, 1, shard), kDatagram, now);
    EXPECT_NEAR(*meter.run_kbps(), 5'000, 10);
    meter.add(packet(28, 2, 0), kDatagram, now);
    EXPECT_FALSE(meter.run_kbps()) << "a run is of one frame";
}

TEST(ArrivalMeter, FillerIsNoFrame) {
    ArrivalMeter meter;
    for (uint16_t i = 0; i < 200; ++i) meter.add(packet(i, i / 16u, i % 16u, kFlagProbe), kDatagram, kStart + i * 1ms);
    EXPECT_FALSE(meter.path_kbps() || meter.run_kbps());
    EXPECT_TRUE(meter.take_window().filler);
}

}  // namespace punktfunk::session
