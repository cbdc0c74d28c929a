#include "punktfunk/impair/link.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "punktfunk/impair/departure_queue.hpp"

namespace punktfunk::impair {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

constexpr TimePoint kStart{};
constexpr size_t kMany = 200'000;

// What became of `count` datagrams, one every millisecond.
std::vector<Departures> travel(const LinkSettings& settings, uint64_t seed, size_t count) {
    EXPECT_TRUE(settings.validate());
    Link link(settings, seed);
    std::vector<Departures> all;
    for (size_t i = 0; i < count; ++i) all.push_back(link.push(1000, kStart + i * 1ms));
    return all;
}

std::vector<bool> losses(const LinkSettings& settings, uint64_t seed, size_t count = kMany) {
    std::vector<bool> lost;
    for (const Departures& d : travel(settings, seed, count)) lost.push_back(d.empty());
    return lost;
}

struct Runs {
    double share = 0, mean = 0, adjacent = 0;  // lost; length of a run of losses; lost, of those behind a loss
};
Runs runs_of(const std::vector<bool>& lost) {
    size_t count = 0, runs = 0, behind = 0;
    for (size_t i = 0; i < lost.size(); ++i) {
        count += lost[i];
        runs += lost[i] && (i == 0 || !lost[i - 1]);
        behind += i > 0 && lost[i] && lost[i - 1];
    }
    const auto n = static_cast<double>(count);
    return {n / static_cast<double>(lost.size()), n / static_cast<double>(runs), static_cast<double>(behind) / n};
}

// Within four standard errors of a share of `expected` in `count` independent trials.
void expect_share(double seen, double expected, size_t count) {
    EXPECT_NEAR(seen, expected, 4 * std::sqrt(expected * (1 - expected) / static_cast<double>(count)));
}

}  // namespace

TEST(Link, APerfectLinkChangesNothing) {
    for (const Departures& d : travel({}, 1, 100)) ASSERT_EQ(d.size(), 1u);
    EXPECT_EQ(travel({}, 1, 3)[2].front(), kStart + 2ms);
}

TEST(Link, LosesTheShareItIsAskedFor) {
    for (const double loss : {0.001, 0.05, 0.3, 0.9}) {
        const Runs runs = runs_of(losses({.loss = loss}, 7));
        expect_share(runs.share, loss, kMany);
        expect_share(runs.adjacent, loss, static_cast<size_t>(loss * kMany));  // the next one is lost as likely as any
    }
    EXPECT_EQ(runs_of(losses({.loss = 1}, 7)).share, 1);
}

TEST(Link, BurstsHaveTheAskedShareAndMeanLength) {
    for (const double burst : {1.0, 2.0, 8.0, 40.0}) {
        const Runs runs = runs_of(losses({.loss = 0.05, .burst = burst}, 11));
        // A chain's share spreads by (1 + c) / (1 - c) more than independent trials, c its correlation.
        const LossChain chain = LossChain::of(0.05, burst);
        const double c = 1 - chain.good_to_bad - chain.bad_to_good;
        EXPECT_NEAR(runs.share, 0.05, 4 * std::sqrt(0.05 * 0.95 / kMany * (1 + c) / (1 - c))) << burst;
        // Runs are geometric: their lengths spread by sqrt(burst * (burst - 1)).
        const double count = kMany * 0.05 / burst;
        EXPECT_NEAR(runs.mean, burst, 4 * std::sqrt(burst * (burst - 1) / count) + 1e-9) << burst;
    }
}

TEST(Link, TheSameSeedDoesTheSame) {
    const LinkSettings settings{.loss = 0.1, .burst = 3, .delay = 5ms, .jitter = 3ms, .reorder = 0.1, .duplicate = 0.1};
    const auto once = travel(settings, 42, 5000), again = travel(settings, 42, 5000);
    size_t different = 0;
    const auto other = travel(settings, 43, 5000);
    for (size_t i = 0; i < once.size(); ++i) {
        ASSERT_TRUE(std::ranges::equal(once[i], again[i]));
        different += !std::ranges::equal(once[i], other[i]);
    }
    EXPECT_GT(different, 4000u);
}

TEST(Link, TheSameDatagramsAreLostWhateverElseHappensToThem) {
    const auto plain = losses({.loss = 0.1, .burst = 3}, 5, 5000);
    EXPECT_EQ(plain, losses({.loss = 0.1, .burst = 3, .jitter = 9ms, .reorder = 0.5, .duplicate = 0.3}, 5, 5000));
}

TEST(Link, DelaysAndJittersEvenly) {
    double sum = 0;
    nanoseconds least = 1h, most = 0ns;
    const auto all = travel({.delay = 20ms, .jitter = 8ms}, 3, kMany);
    for (size_t i = 0; i < all.size(); ++i) {
        const nanoseconds took = all[i].front() - (kStart + i * 1ms);
        least = std::min(least, took);
        most = std::max(most, took);
        sum += std::chrono::duration<double, std::milli>(took).count();
    }
    EXPECT_GE(least, 20ms);
    EXPECT_LT(least, 20ms + 10us);
    EXPECT_LT(most, 28ms);
    EXPECT_GT(most, 28ms - 10us);
    EXPECT_NEAR(sum / kMany, 24, 4 * 8 / std::sqrt(12.0 * kMany));
}

TEST(Link, HoldsBackAndDoublesTheShareItIsAskedFor) {
    size_t late = 0, twice = 0;
    const auto all = travel({.reorder = 0.02, .reorder_delay = 3500us, .duplicate = 0.05}, 9, kMany);
    for (size_t i = 0; i < all.size(); ++i) {
        late += all[i].front() == kStart + i * 1ms + 3500us;
        twice += all[i].size() == 2;
    }
    expect_share(static_cast<double>(late) / kMany, 0.02, kMany);
    expect_share(static_cast<double>(twice) / kMany, 0.05, kMany);
}

TEST(Link, ABottleneckSendsAtItsRateAndDropsFromTheTail) {
    // 1000 bytes with their headers take exactly a millisecond.
    Link link({.rate_bps = (1000 + Link::kHeaderBytes) * 8 * 1000, .queue_packets = 10}, 1);
    std::vector<TimePoint> times;
    for (int i = 0; i < 25; ++i) {
        for (const TimePoint when : link.push(1000, kStart)) times.push_back(when);
    }
    ASSERT_EQ(times.size(), 10u) << "what does not fit is dropped";
    for (size_t i = 0; i < times.size(); ++i) EXPECT_EQ(times[i], kStart + (i + 1) * 1ms);
    EXPECT_EQ(link.stats().queue_dropped, 15u);
    EXPECT_EQ(link.push(1000, kStart + 3ms).front(), kStart + 11ms) << "room again, behind those that wait";
    EXPECT_EQ(link.push(1000, kStart + 100ms).front(), kStart + 101ms) << "an idle bottleneck starts at once";
}

TEST(Link, AQueueCanBeLimitedInBytes) {
    const size_t wire = 1000 + Link::kHeaderBytes;
    Link link({.rate_bps = 1'000'000, .queue_packets = 0, .queue_bytes = 3 * wire}, 1);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(link.push(1000, kStart).empty());
    EXPECT_TRUE(link.push(1000, kStart).empty());
    EXPECT_TRUE(link.push(1, kStart).empty()) << "nothing at all fits any more";
}

TEST(Link, OverloadDeliversTheRate) {
    // Twice what the bottleneck takes: half of it is dropped, and the rest leaves without a gap.
    Link link({.rate_bps = (1000 + Link::kHeaderBytes) * 8 * 500, .queue_packets = 50}, 1);
    size_t delivered = 0;
    TimePoint last = kStart;
    for (int i = 0; i < 10'000; ++i) {
        for (const TimePoint when : link.push(1000, kStart + i * 1ms)) {
            EXPECT_EQ(when - last, 2ms);
            last = when;
            ++delivered;
        }
    }
    EXPECT_NEAR(static_cast<double>(delivered), 5000 + 50, 1);
}

TEST(Link, ImpossibleSettingsAreRefused) {
    for (const LinkSettings& wrong :
         {LinkSettings{.loss = -0.1}, LinkSettings{.loss = 1.1}, LinkSettings{.loss = NAN},
          LinkSettings{.loss = 0.1, .burst = 0.5}, LinkSettings{.loss = 0.9, .burst = 2},
          LinkSettings{.loss = 1, .burst = 3}, LinkSettings{.delay = -1ms}, LinkSettings{.jitter = 1h},
          LinkSettings{.reorder = 2}, LinkSettings{.duplicate = -1}}) {
        const auto valid = wrong.validate();
        ASSERT_FALSE(valid);
        EXPECT_EQ(valid.error().code, ErrorCode::InvalidArgument);
    }
}

TEST(DepartureQueue, HandsOutByTimeThenByArrivalWithinItsLimit) {
    DepartureQueue queue(10 + 3 * DepartureQueue::kItemBytes);
    const Bytes three{1, 2, 3}, four{4, 5, 6, 7};
    EXPECT_TRUE(queue.hold(kStart + 2ms, 1, three));
    EXPECT_TRUE(queue.hold(kStart + 1ms, 2, three));
    EXPECT_TRUE(queue.hold(kStart + 2ms, 3, four));
    EXPECT_FALSE(queue.hold(kStart, 4, {})) << "three items and 10 bytes are held";
    EXPECT_EQ(queue.next(), kStart + 1ms);
    EXPECT_EQ(queue.take(kStart), nullptr);
    EXPECT_EQ(queue.take(kStart + 5ms)->destination, 2u);
    EXPECT_EQ(queue.take(kStart + 5ms)->destination, 1u);
    EXPECT_EQ(queue.take(kStart + 5ms)->bytes, four);
    EXPECT_EQ(queue.next(), std::nullopt);
    EXPECT_TRUE(queue.hold(kStart, 5, Bytes(10 + 2 * DepartureQueue::kItemBytes)))
        << "what was handed out no longer counts";
}

}  // namespace punktfunk::impair
