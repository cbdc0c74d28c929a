#include "punktfunk/opus/opus_codec.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

namespace punktfunk::opus {

namespace {

std::vector<float> tone(double hz, size_t frames, size_t first) {
    std::vector<float> samples;
    for (size_t i = first; i < first + frames; ++i) {
        const auto value =
            static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / kRate));
        samples.push_back(value);
        samples.push_back(-value);
    }
    return samples;
}

}  // namespace

TEST(Opus, EveryDesktopPacketHasEightyBytes) {
    auto encoder = Encoder::create({});
    ASSERT_TRUE(encoder) << encoder.error().message;
    const std::vector<float> silence(480);
    for (size_t i = 0; i < 200; ++i) {
        const auto packet = encoder->encode(i % 3 == 0 ? silence : tone(1000, 240, 240 * i));
        ASSERT_TRUE(packet) << packet.error().message;
        ASSERT_EQ(packet->size(), 80u) << i;
        // RFC 6716 §3.1: fullband CELT-only of 5 ms is configuration 29, as the restricted application makes it;
        // the next bit says stereo, and no more than one frame is in it.
        EXPECT_EQ((*packet)[0], 29 << 3 | 1 << 2);
    }
}

TEST(Opus, DecodesWhatWasEncoded) {
    auto encoder = Encoder::create({});
    auto decoder = Decoder::create(2);
    ASSERT_TRUE(encoder && decoder);
    double signal = 0, error = 0;
    constexpr size_t kDelay = 120;  // of the restricted application: 2.5 ms
    std::vector<float> sent, received;
    for (size_t i = 0; i < 100; ++i) {
        const auto frame = tone(440, 240, 240 * i);
        sent.insert(sent.end(), frame.begin(), frame.end());
        const auto packet = encoder->encode(frame);
        ASSERT_TRUE(packet);
        const auto samples = decoder->decode(*packet);
        ASSERT_TRUE(samples);
        ASSERT_EQ(samples->size(), 480u);
        received.insert(received.end(), samples->begin(), samples->end());
    }
    for (size_t i = 4800; i + 2 * kDelay < sent.size(); ++i) {
        signal += sent[i] * sent[i];
        error += std::pow(sent[i] - received[i + 2 * kDelay], 2);
    }
    EXPECT_GT(10 * std::log10(signal / error), 20);
}

TEST(Opus, MonoIsDecodedAsStereoAndVoiceHasTwentyMilliseconds) {
    auto encoder = Encoder::create(
        {.purpose = Purpose::Voice, .channels = 1, .frame_samples = 960, .bitrate = 64'000, .coupled = 0});
    auto decoder = Decoder::create(2);
    ASSERT_TRUE(encoder && decoder);
    const auto packet = encoder->encode(std::vector<float>(960, 0.1F));
    ASSERT_TRUE(packet);
    const auto samples = decoder->decode(*packet);
    ASSERT_TRUE(samples);
    EXPECT_EQ(samples->size(), 1920u);
}

TEST(Opus, ConcealsAndSurvivesNonsense) {
    auto decoder = Decoder::create(2);
    ASSERT_TRUE(decoder);
    EXPECT_EQ(decoder->conceal(240)->size(), 480u);
    EXPECT_EQ(decoder->decode({}).error().code, ErrorCode::ProtocolViolation);
    std::minstd_rand random(1);
    for (int i = 0; i < 2000; ++i) {
        Bytes packet(1 + random() % 200);
        for (auto& byte : packet) byte = static_cast<uint8_t>(random() >> 8);
        const auto samples = decoder->decode(packet);
        EXPECT_LE(samples ? samples->size() : 0, 2 * kMaxFrame);
    }
    // The longest packet there is: two frames of 60 ms.
    EXPECT_EQ(decoder->conceal(kMaxFrame)->size(), 2 * kMaxFrame);
}

// Every layout of GameStream's: each packet of the same size, and small enough for a datagram of 1400 bytes.
// Every layout and packet of GameStream's: parity needs packets of one length.
TEST(Opus, PacketsOfALayoutAreAllAlike) {
    constexpr std::array<uint8_t, 8> kIdentity{0, 1, 2, 3, 4, 5, 6, 7};
    const EncoderConfig layouts[]{
        {.channels = 2, .bitrate = 96'000},
        {.channels = 2, .bitrate = 512'000},
        {.channels = 2, .frame_samples = 480, .bitrate = 96'000},
        {.channels = 2, .frame_samples = 480, .bitrate = 512'000},
        {.channels = 6, .bitrate = 256'000, .streams = 4, .coupled = 2, .mapping = kIdentity},
        {.channels = 6, .bitrate = 1'536'000, .streams = 6, .coupled = 0, .mapping = kIdentity},
        {.channels = 8, .bitrate = 450'000, .streams = 5, .coupled = 3, .mapping = kIdentity},
        {.channels = 8, .bitrate = 2'048'000, .streams = 8, .coupled = 0, .mapping = kIdentity},
        {.channels = 8, .frame_samples = 480, .bitrate = 450'000, .streams = 5, .coupled = 3, .mapping = kIdentity}};
    for (const EncoderConfig& layout : layouts) {
        auto encoder = Encoder::create(layout);
        ASSERT_TRUE(encoder) << encoder.error().message;
        std::vector<float> frame(size_t{layout.channels} * layout.frame_samples);
        std::minstd_rand random(3);
        for (int i = 0; i < 60; ++i) {
            for (auto& value : frame) value = i % 3 == 0 ? 0 : static_cast<float>(random() % 2000) / 2000 - 0.5F;
            const auto packet = encoder->encode(frame);
            ASSERT_TRUE(packet) << packet.error().message;
            EXPECT_EQ(packet->size(), layout.bitrate / 8 * layout.frame_samples / kRate) << layout.channels;
            EXPECT_LE(packet->size(), 1280u);
        }
    }
}

TEST(Opus, AWrongFrameIsRefused) {
    auto encoder = Encoder::create({});
    ASSERT_TRUE(encoder);
    EXPECT_EQ(encoder->encode(std::vector<float>(100)).error().code, ErrorCode::InvalidArgument);
    EXPECT_FALSE(Encoder::create({.channels = 9}));
}

}  // namespace punktfunk::opus
