#include "throttle.hpp"

#include <gtest/gtest.h>

namespace punktfunk::management {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

TEST(Throttle, EveryWrongPasswordDoublesTheWait) {
    Throttle throttle;
    auto now = SteadyClock::now();
    const auto peer = make_address("10.0.0.1");
    for (int i = 0; i < Throttle::kFree; ++i) EXPECT_FALSE(throttle.begin(peer, now)) << i;
    auto expected = 1s;
    for (int i = 0; i < 12; ++i) {
        ASSERT_FALSE(throttle.begin(peer, now)) << i;
        const auto wait = throttle.begin(peer, now);
        ASSERT_TRUE(wait) << i;
        EXPECT_EQ(*wait, std::min<std::chrono::seconds>(expected, Throttle::kMost)) << i;
        EXPECT_TRUE(throttle.begin(peer, now + *wait - 1ms));
        now += *wait;
        expected *= 2;
    }
    throttle.succeeded(peer);
    for (int i = 0; i < Throttle::kFree; ++i) EXPECT_FALSE(throttle.begin(peer, now));
}

TEST(Throttle, WhatIsTriedAtTheSameTimeCounts) {
    Throttle throttle;
    const auto now = SteadyClock::now();
    int let_through = 0;
    for (int i = 0; i < 100; ++i) let_through += throttle.begin(make_address("10.0.0.1"), now) ? 0 : 1;
    EXPECT_EQ(let_through, Throttle::kFree + 1);
}

TEST(Throttle, ManyAddressesAreSlowedTogetherButNotTheHostItself) {
    Throttle throttle;
    const auto now = SteadyClock::now();
    int let_through = 0;
    for (int i = 0; i < 200; ++i)
        let_through += throttle.begin(make_address("10.0.1." + std::to_string(i)), now) ? 0 : 1;
    EXPECT_EQ(let_through, Throttle::kFreeGlobally + 1);
    EXPECT_FALSE(throttle.begin(make_address("127.0.0.1"), now)) << "its owner is not locked out by others";
}

TEST(Throttle, OneHouseholdIsOneAddress) {
    Throttle throttle;
    const auto now = SteadyClock::now();
    for (int i = 0; i <= Throttle::kFree; ++i)
        (void)throttle.begin(make_address("2001:db8:0:1::" + std::to_string(i + 1)), now);
    EXPECT_TRUE(throttle.begin(make_address("2001:db8:0:1::ffff"), now));
    EXPECT_FALSE(throttle.begin(make_address("2001:db8:0:2::1"), now));
    for (int i = 0; i <= Throttle::kFree; ++i) (void)throttle.begin(make_address("10.9.9.9"), now);
    EXPECT_TRUE(throttle.begin(make_address("::ffff:10.9.9.9"), now)) << "the same, by a dual-stack socket";
}

TEST(Throttle, ForgetsAndIsBounded) {
    Throttle throttle;
    auto now = SteadyClock::now();
    const auto peer = make_address("10.0.0.1");
    for (int i = 0; i <= Throttle::kFree; ++i) (void)throttle.begin(peer, now);
    EXPECT_TRUE(throttle.begin(peer, now));
    now += Throttle::kForget + 1s;
    for (int i = 0; i < Throttle::kFree; ++i) EXPECT_FALSE(throttle.begin(peer, now)) << "a quarter of an hour later";
}

}  // namespace punktfunk::management
