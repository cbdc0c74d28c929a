#include "sound_receiver.hpp"

#include <gtest/gtest.h>

#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::cli {

namespace {

constexpr size_t kPacketValues = 480;

struct Receiver {
    test::TempDirectory directory;
    std::filesystem::path file = directory.path() / "heard.wav";
    SoundReceiver sound;
    opus::Encoder encoder = opus::Encoder::create({}).value();
    Bytes packet;

    Receiver() {
        EXPECT_TRUE(sound.record_to(file));
        const auto encoded = encoder.encode(std::vector<float>(kPacketValues, 0.1F));
        packet.assign(encoded->begin(), encoded->end());
    }
    void take(uint32_t seq, uint64_t pts_ns = 0) { EXPECT_TRUE(sound.take({packet, seq, pts_ns})); }
    size_t packets_in_file() {
        EXPECT_TRUE(sound.finish());
        const auto read = media::read_wav(file);
        return read ? read->samples.size() / kPacketValues : 0;
    }
};

}  // namespace

TEST(SoundReceiver, FillsWhatIsLostAndLeavesOutWhatIsLate) {
    Receiver receiver;
    for (const uint32_t seq : {0U, 1U, 4U, 3U, 5U}) receiver.take(seq);
    const auto& counts = receiver.sound.counts();
    EXPECT_EQ(counts.received, 5u);
    EXPECT_EQ(counts.lost, 1u);  // 2
    EXPECT_EQ(counts.late, 1u);  // 3
    EXPECT_EQ(receiver.packets_in_file(), 6u);
}

TEST(SoundReceiver, TheNumbersWrapAround) {
    Receiver receiver;
    for (const uint32_t seq : {0xFFFFFFFEU, 0xFFFFFFFFU, 0U, 2U}) receiver.take(seq);
    EXPECT_EQ(receiver.sound.counts().lost, 1u);
    EXPECT_EQ(receiver.packets_in_file(), 5u);
}

TEST(SoundReceiver, NonsenseFillsNoDisk) {
    Receiver receiver;
    receiver.take(0, 1);
    receiver.take(0x70000000);
    receiver.take(5, UINT64_MAX);
    receiver.take(6, 0);
    receiver.packet = {0xFF, 0xFF, 0xFF};
    receiver.take(7);
    receiver.packet.clear();  // legal: silence
    receiver.take(8);
    EXPECT_EQ(receiver.sound.counts().undecodable, 1u);
    EXPECT_LE(receiver.packets_in_file(), 10u);
}

}  // namespace punktfunk::cli
