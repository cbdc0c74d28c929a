#include "jitter_buffer.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>

namespace punktfunk::audio {

namespace {

constexpr size_t kChannels = 2;
constexpr size_t kTarget = 720 * kChannels;  // of small devices: 15 ms

std::vector<float> count_from(float first, size_t count) {
    std::vector<float> samples(count);
    std::iota(samples.begin(), samples.end(), first);
    return samples;
}

// In packets of a millisecond, which ask for nothing beyond the specification.
void push(JitterBuffer& buffer, const std::vector<float>& samples) {
    constexpr size_t kPacket = 48 * kChannels;
    for (size_t at = 0; at < samples.size(); at += kPacket)
        buffer.push(std::span(samples).subspan(at, std::min(kPacket, samples.size() - at)));
}

std::vector<float> pull(JitterBuffer& buffer, size_t want) {
    std::vector<float> out(want, -1);
    buffer.pull(out);
    return out;
}

}  // namespace

TEST(JitterBuffer, IsSilentUntilPrimed) {
    JitterBuffer buffer(kChannels);
    EXPECT_EQ(pull(buffer, 480), std::vector<float>(480, 0));
    push(buffer, count_from(1, kTarget - 1));
    EXPECT_EQ(pull(buffer, 480), std::vector<float>(480, 0));
    push(buffer, count_from(kTarget, 1));
    EXPECT_EQ(pull(buffer, 480), count_from(1, 480));
}

TEST(JitterBuffer, TargetIsThreeRequestsWithinItsBounds) {
    for (const auto& [want, target] : {std::pair<size_t, size_t>{96, kTarget},
                                       {480, kTarget},
                                       {600, 1800},
                                       {6400, 19200},
                                       {9600, 9600 * kChannels}}) {
        JitterBuffer buffer(kChannels);
        push(buffer, count_from(1, target - 1));
        EXPECT_EQ(pull(buffer, want)[0], 0) << want;
        push(buffer, count_from(static_cast<float>(target), 1));
        EXPECT_EQ(pull(buffer, want)[0], 1) << want;
    }
}

TEST(JitterBuffer, AnEmptyRingPrimesAgain) {
    JitterBuffer buffer(kChannels);
    push(buffer, count_from(1, kTarget));
    for (int i = 0; i < 3; ++i) EXPECT_NE(pull(buffer, 480)[0], 0);
    EXPECT_EQ(pull(buffer, 480)[0], 0);
    push(buffer, count_from(1, kTarget - 2));
    EXPECT_EQ(pull(buffer, 480)[0], 0);
    push(buffer, count_from(1, 2));
    EXPECT_EQ(pull(buffer, 480)[0], 1);
}

TEST(JitterBuffer, APartlyFilledRequestEndsInSilence) {
    JitterBuffer buffer(kChannels);
    push(buffer, count_from(1, kTarget + 100));
    for (int i = 0; i < 3; ++i) (void)pull(buffer, 480);
    auto wanted = count_from(kTarget + 1, 100);
    wanted.resize(480);
    EXPECT_EQ(pull(buffer, 480), wanted);
    EXPECT_EQ(pull(buffer, 480)[0], 0);
}

TEST(JitterBuffer, WhatIsTooOldIsDropped) {
    JitterBuffer buffer(kChannels);
    push(buffer, count_from(1, 5000));
    // Kept: the target and one request.
    EXPECT_EQ(pull(buffer, 480), count_from(5000 - (kTarget + 480) + 1, 480));
}

TEST(JitterBuffer, LongPacketsNeedTheNextOneBeforeTheLastIsPlayed) {
    JitterBuffer buffer(kChannels);
    constexpr size_t kPacket = 960 * kChannels;
    buffer.push(count_from(1, kPacket));
    EXPECT_EQ(pull(buffer, 480)[0], 0);
    buffer.push(count_from(1, kPacket));
    for (int round = 0; round < 10; ++round) {
        // The next packet is due after four requests, and comes one too late.
        for (int i = 0; i < 5; ++i) EXPECT_NE(pull(buffer, 480)[0], 0) << round;
        buffer.push(count_from(1, kPacket));
        for (int i = 0; i < 3; ++i) EXPECT_NE(pull(buffer, 480)[0], 0) << round;
        buffer.push(count_from(1, kPacket));
    }
}

TEST(JitterBuffer, AFloodIsBounded) {
    JitterBuffer buffer(kChannels);
    for (int i = 0; i < 1000; ++i) buffer.push(count_from(1, 5760 * kChannels));
    EXPECT_NE(pull(buffer, 480)[0], 0);
}

TEST(SampleRing, CarriesEverySampleAcrossThreads) {
    SampleRing ring(1000);
    constexpr size_t kCount = 480, kRounds = 1000;
    std::jthread producer([&] {
        for (size_t i = 0; i < kRounds;) {
            if (ring.write(std::vector<float>(kCount, static_cast<float>(i)))) {
                ++i;
            } else {
                std::this_thread::yield();
            }
        }
    });
    std::vector<float> out(kCount / 2);
    for (size_t i = 0; i < 2 * kRounds;) {
        if (!ring.read(out)) {
            std::this_thread::yield();
            continue;
        }
        ASSERT_EQ(out, std::vector<float>(out.size(), static_cast<float>(i / 2)));
        ++i;
    }
    EXPECT_EQ(ring.size(), 0u);
}

}  // namespace punktfunk::audio
