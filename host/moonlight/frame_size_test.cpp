// What the real encoders make, and what GameStream's packets can carry (spec §6.6, §6.8).
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "punktfunk/encode/video_encoder.hpp"
#include "punktfunk/gs_video/fec_plan.hpp"
#include "punktfunk/gs_video/packetizer.hpp"
#include "test_sps.hpp"

namespace punktfunk::moonlight {

namespace {

struct Noise {
    uint32_t width, height;
    std::vector<uint8_t> pixels = std::vector<uint8_t>(size_t{4} * width * height);
    std::mt19937 random{1};
    capture::Frame next() {
        for (size_t i = 0; i + 4 <= pixels.size(); i += 4) {
            const uint32_t value = random();
            std::copy_n(reinterpret_cast<const uint8_t*>(&value), 4, &pixels[i]);
        }
        return {.pixels = pixels.data(), .width = width, .height = height, .stride = 4 * width};
    }
};

const std::vector<encode::ProbeResult>& encoders() {
    static const auto probed = encode::probe_encoders();
    return probed;
}

class FrameSize : public ::testing::TestWithParam<encode::Codec> {};
class FirstPacket : public ::testing::TestWithParam<encode::Codec> {};

// The types of the NAL units that begin in the first `bytes`, parameter sets and the rest.
std::vector<int> units_beginning_in(ByteView unit, size_t bytes, encode::Codec codec) {
    std::vector<int> types;
    for (size_t i = 0; i + 3 < std::min(unit.size(), bytes); ++i) {
        if (unit[i] != 0 || unit[i + 1] != 0 || unit[i + 2] != 1) continue;
        types.push_back(codec == encode::Codec::H264 ? unit[i + 3] & 0x1F : unit[i + 3] >> 1 & 0x3F);
    }
    return types;
}

}  // namespace

// At 30 Hz and 900 Mbit/s every picture would be three times what fits. (4K takes the others minutes.)
TEST_P(FrameSize, NoiseAtARateThatNoPacketsCarryIsNeverSentWithoutParity) {
    const bool h264 = GetParam() == encode::Codec::H264;
    const uint32_t width = h264 ? 3840 : 1920, height = h264 ? 2160 : 1080;
    const gs_video::VideoConfig packets{.packet_bytes = 1392, .key = {}};
    auto encoder = encode::make_encoder({.codec = GetParam(),
                                         .width = width,
                                         .height = height,
                                         .refresh_hz = 30,
                                         .bitrate_kbps = 900'000,
                                         .max_unit_bytes = gs_video::max_fully_protected_bytes(packets)},
                                        encoders());
    if (!encoder) GTEST_SKIP() << encoder.error().message;
    auto packetizer = gs_video::Packetizer::create(packets);
    ASSERT_TRUE(packetizer);
    Noise noise{width, height};
    constexpr int kPictures = 4;
    size_t largest = 0;
    int sent = 0;
    for (int i = 0; i < kPictures; ++i) {
        const auto unit = (*encoder)->encode(noise.next(), i == kPictures / 2);
        ASSERT_TRUE(unit) << unit.error().message;
        largest = std::max(largest, unit->data.size());
        const auto batch = packetizer->packetize(unit->data, {.rtp_timestamp = 1});
        if (!batch) continue;  // dropped by the session, which tries again at half the rate
        ++sent;
        EXPECT_GT(batch->count, packets.data_packets(unit->data.size())) << "without parity";
    }
    fmt::print("{}: the largest of {} pictures has {} of {} bytes, {} fit\n", (*encoder)->name(), kPictures, largest,
               gs_video::max_frame_bytes(packets), sent);
    // libaom keeps a rate over several pictures, and a keyframe of noise takes more than its share.
    EXPECT_GE(sent, GetParam() == encode::Codec::Av1 ? kPictures / 2 : kPictures - 1);
}

// Clients look for the parameter sets and the first slice in a picture's first packet only; AV1 they do not look into.
TEST_P(FirstPacket, AKeyframeBeginsInItsFirstPacketOnThePathsWithTheSmallestPackets) {
    constexpr size_t kFirst = 1024 - 16 - 8;
    auto encoder = encode::make_encoder({.codec = GetParam(), .width = 1280, .height = 720}, encoders());
    if (!encoder) GTEST_SKIP() << encoder.error().message;
    Noise noise{1280, 720};
    for (int i = 0; i < 4; ++i) {
        const auto unit = (*encoder)->encode(noise.next(), i % 2 == 0);
        ASSERT_TRUE(unit);
        ASSERT_EQ(unit->keyframe, i % 2 == 0);
        if (!unit->keyframe) continue;
        auto types = units_beginning_in(unit->data, kFirst, GetParam());
        const bool h264 = GetParam() == encode::Codec::H264;
        std::erase_if(types, [&](int type) { return h264 ? type == 9 || type == 6 : type == 35 || type == 39; });
        const std::vector<int> sets = h264 ? std::vector{7, 8} : std::vector{32, 33, 34};
        ASSERT_GT(types.size(), sets.size());
        EXPECT_TRUE(std::equal(sets.begin(), sets.end(), types.begin()));
        const int slice = types[sets.size()];
        EXPECT_TRUE(h264 ? slice == 5 : slice >= 16 && slice <= 21) << slice;
    }
}

// Clients patch the parameter sets to one reference for decoders that want it, and show pictures as they come.
TEST_P(FirstPacket, OnePictureRefersToTheOneBefore) {
    const bool h264 = GetParam() == encode::Codec::H264;
    auto encoder = encode::make_encoder({.codec = GetParam(), .width = 640, .height = 360}, encoders());
    if (!encoder) GTEST_SKIP() << encoder.error().message;
    Noise noise{640, 360};
    const auto unit = (*encoder)->encode(noise.next(), true);
    ASSERT_TRUE(unit);
    size_t sets = 0;
    for (size_t i = 0; i + 3 < unit->data.size(); ++i) {
        if (unit->data[i] != 0 || unit->data[i + 1] != 0 || unit->data[i + 2] != 1) continue;
        const ByteView nal = unit->data.subspan(i + 3);
        if (h264 ? (nal[0] & 0x1F) != 7 : (nal[0] >> 1 & 0x3F) != 33) continue;
        ++sets;
        const auto sequence = h264 ? h264_sequence(nal) : hevc_sequence(nal);
        ASSERT_TRUE(sequence) << "the decoder has to guess";
        EXPECT_EQ(sequence->reordered, 0u);
        // Of HEVC it says how much room there is, not how many are used; x265 asks for one more than it needs.
        EXPECT_LE(sequence->buffered, h264 ? 1u : 2u);
        EXPECT_LE(sequence->references, h264 ? 1u : 2u);
    }
    EXPECT_EQ(sets, 1u);
}

constexpr auto kName = [](const auto& tested) {
    return tested.param == encode::Codec::H264 ? "H264" : tested.param == encode::Codec::Hevc ? "HEVC" : "AV1";
};
INSTANTIATE_TEST_SUITE_P(Codecs, FrameSize,
                         ::testing::Values(encode::Codec::H264, encode::Codec::Hevc, encode::Codec::Av1), kName);
INSTANTIATE_TEST_SUITE_P(Codecs, FirstPacket, ::testing::Values(encode::Codec::H264, encode::Codec::Hevc), kName);

}  // namespace punktfunk::moonlight
