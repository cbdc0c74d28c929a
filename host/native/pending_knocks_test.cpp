#include "pending_knocks.hpp"

#include <gtest/gtest.h>

namespace punktfunk::native {

using namespace std::chrono_literals;

namespace {
crypto::Fingerprint device(uint8_t number) {
    return {number};
}
bool nobody(const crypto::Fingerprint&) {
    return false;
}
}  // namespace

TEST(PendingKnocks, ADeviceThatKnocksAgainKeepsItsIdAndItsTime) {
    PendingKnocks knocks;
    const PendingKnocks::TimePoint now{};
    const auto id = knocks.record(device(1), "tv", now, nobody);
    const auto other = knocks.record(device(2), "phone", now + 1min, nobody);
    EXPECT_NE(id, other);
    EXPECT_EQ(knocks.record(device(1), "living room", now + 9min, nobody), id);
    const auto list = knocks.list(now + 12min);
    ASSERT_EQ(list.size(), 1u) << "the other one has expired";
    EXPECT_EQ(list[0].name, "living room");
    EXPECT_TRUE(knocks.find(id, now + 18min));
    EXPECT_FALSE(knocks.find(id, now + 19min));
    EXPECT_FALSE(knocks.find(other, now + 11min));
    EXPECT_NE(knocks.record(device(2), "phone", now + 30min, nobody), other) << "an id means one knock";
    knocks.forget(device(2));
    EXPECT_TRUE(knocks.list(now + 30min).empty());
}

TEST(PendingKnocks, AFloodIsBounded) {
    PendingKnocks knocks;
    PendingKnocks::TimePoint now{};
    const auto first = knocks.record(device(0), "first", now, nobody);
    for (uint8_t i = 1; i < 200; ++i) {
        (void)knocks.record(device(i), "flood", now += 1s, nobody);
        if (i % 20 != 0) continue;
        EXPECT_EQ(knocks.record(device(0), "first", now += 1s, nobody), first) << "it keeps asking";
    }
    EXPECT_EQ(knocks.list(now).size(), PendingKnocks::kCap);
    EXPECT_TRUE(knocks.find(first, now));
}

// Identities cost nothing: who has made many must not push out whoever waits for somebody at the host to look.
TEST(PendingKnocks, AFloodDoesNotPushOutWhoWaits) {
    PendingKnocks knocks;
    PendingKnocks::TimePoint now{};
    const auto waits = [](const crypto::Fingerprint& fingerprint) { return fingerprint == device(7); };
    const auto id = knocks.record(device(7), "waits", now, waits);
    for (uint8_t i = 10; i < 200; ++i) (void)knocks.record(device(i), "flood", now += 1s, waits);
    EXPECT_TRUE(knocks.find(id, now));
    EXPECT_EQ(knocks.list(now).size(), PendingKnocks::kCap);
}

}  // namespace punktfunk::native
