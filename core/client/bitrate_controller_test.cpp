// The automatic bitrate on a simulated path: a host that paces frames of the asked size, a bottleneck with a queue, the
// meter, the controller; a step is a tenth of a millisecond, messages take 10 ms.
#include "punktfunk/client/bitrate_controller.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "punktfunk/client/feedback.hpp"

namespace punktfunk::client {

using namespace std::chrono_literals;

namespace {

constexpr SteadyClock::time_point kStart{1h};
constexpr size_t kDatagram = 1472, kWire = 1500, kShard = 1408;

struct Path {
    double kbps = 50'000;
    size_t queue_packets = 50;
    double loss = 0;  // of another cause
};

class Simulation {
  public:
    Simulation(uint32_t start_kbps, const Path& of)
        : path(of), asked_(start_kbps), host_kbps_(start_kbps), feedback_(kStart) {
        feedback_.follow_path(start_kbps, {.least_kbps = 500, .most_kbps = 100'000}, kStart);
    }

    void run(SteadyClock::duration how_long) {
        for (const auto end = now_ + how_long; now_ < end; now_ += 100us) step();
    }
    [[nodiscard]] uint32_t asked() const { return asked_; }
    [[nodiscard]] uint64_t changes() const { return changes_; }

    Path path;
    uint32_t least = UINT32_MAX;
    std::vector<uint32_t> losses_ppm;
    std::vector<wire::TypedMessage> told;

  private:
    struct Packet {
        session::PacketHeader header;
        SteadyClock::time_point sent;
    };
    void step() {
        if (now_ >= next_frame_) begin_frame();
        // A burst of 16, then a quarter faster than the stream, and at least 500 packets a second.
        tokens_ = std::min(16.0, tokens_ + std::max(0.05, host_kbps_ * 1.28 * 1.25 / 8 * 1e-4 * 1000 / kWire));
        while (tokens_ >= 1 && !to_send_.empty()) {
            tokens_ -= 1;
            if (queue_.size() < path.queue_packets) queue_.push_back({to_send_.front(), now_});
            to_send_.pop_front();
        }
        credit_ = queue_.empty() ? 0 : credit_ + path.kbps / 8 * 1e-4 * 1000;
        while (credit_ >= kWire && !queue_.empty()) {
            credit_ -= kWire;
            const Packet packet = queue_.front();
            queue_.pop_front();
            if (chance_(random_) < path.loss) continue;
            if (packet.header.shard_index == 0)
                feedback_.frame(now_.time_since_epoch().count() + 5'000'000, packet.header.pts_ns);
            meter_.add(packet.header, kDatagram, now_);
        }
        for (const auto& message : feedback_.tick(meter_, 0, now_)) {
            told.push_back(message);
            if (const auto* rate = std::get_if<wire::SetBitrate>(&message)) {
                asked_ = rate->kbps;
                least = std::min(least, asked_);
                ++changes_;
                under_way_.emplace_back(now_ + 10ms, asked_);
            } else if (const auto* loss = std::get_if<wire::LossReport>(&message)) {
                losses_ppm.push_back(loss->loss_ppm);
            }
        }
        while (!under_way_.empty() && under_way_.front().first <= now_) {
            if (under_way_.front().second < host_kbps_ / 2) to_send_.clear();
            host_kbps_ = under_way_.front().second;
            under_way_.pop_front();
        }
    }
    void begin_frame() {
        next_frame_ += 16'667us;
        const auto shards = static_cast<size_t>(host_kbps_ * 1000.0 / 8 / 60 / kShard) + 1;
        const size_t parity = (shards + 4) / 5;
        for (size_t i = 0; i < shards + parity; ++i) {
            to_send_.push_back({.pts_ns = static_cast<uint64_t>(now_.time_since_epoch().count()),
                                .frame_index = frame_,
                                .stream_seq = seq_++,
                                .data_shards = static_cast<uint16_t>(shards),
                                .recovery_shards = static_cast<uint16_t>(parity),
                                .shard_index = static_cast<uint16_t>(i),
                                .shard_bytes = kShard});
        }
        ++frame_;
    }

    SteadyClock::time_point now_ = kStart, next_frame_ = kStart;
    uint32_t asked_, host_kbps_, frame_ = 0, seq_ = 0;
    uint64_t changes_ = 0;
    double tokens_ = 16, credit_ = 0;
    std::deque<session::PacketHeader> to_send_;
    std::deque<Packet> queue_;
    std::deque<std::pair<SteadyClock::time_point, uint32_t>> under_way_;
    session::ArrivalMeter meter_;
    Feedback feedback_;
    std::mt19937 random_{1};
    std::uniform_real_distribution<> chance_{0, 1};
};

// What fits through, with parity and headers.
double video_of(double kbps) {
    return kbps / 1.28;
}

}  // namespace

TEST(Bitrate, GrowsToWhatThePathCarriesAndStaysThere) {
    Simulation simulation(20'000, {.kbps = 50'000});
    simulation.run(10s);
    EXPECT_GT(simulation.asked(), 0.75 * video_of(50'000));
    EXPECT_LT(simulation.asked(), 0.95 * video_of(50'000));
    const auto changes = simulation.changes();
    simulation.run(20s);
    EXPECT_LE(simulation.changes(), changes + 3) << "it does not swing";
}

TEST(Bitrate, SurvivesATenthOfThePathAndComesBack) {
    for (const size_t queue : {32, 100, 1000}) {
        SCOPED_TRACE(queue);
        Simulation simulation(20'000, {.kbps = 50'000, .queue_packets = queue});
        simulation.run(10s);
        const uint32_t before = simulation.asked();
        simulation.path.kbps = 5'000;
        simulation.run(100ms);
        EXPECT_LT(simulation.asked(), 5'000u) << "told within a tenth of a second";
        simulation.run(8s);
        EXPECT_LT(simulation.asked(), video_of(5'000));
        EXPECT_GT(simulation.asked(), 0.5 * video_of(5'000));
        simulation.path.kbps = 50'000;
        simulation.run(6s);
        EXPECT_GE(simulation.asked(), 0.9 * before);
    }
}

TEST(Bitrate, APathThatIsALittleTooSlowIsFollowed) {
    for (const size_t queue : {32, 1000}) {
        SCOPED_TRACE(queue);
        Simulation simulation(30'000, {.kbps = 50'000, .queue_packets = queue});
        simulation.run(5s);
        simulation.path.kbps = 35'000;
        simulation.run(3s);
        EXPECT_LT(simulation.asked(), video_of(35'000));
        EXPECT_GT(simulation.asked(), 0.6 * video_of(35'000));
    }
}

TEST(Bitrate, LossOfAnotherCauseDoesNotStarveTheStream) {
    Simulation simulation(20'000, {.kbps = 100'000, .loss = 0.05});
    simulation.run(10s);
    EXPECT_GE(simulation.asked(), 20'000u);
    ASSERT_FALSE(simulation.losses_ppm.empty());
    EXPECT_NEAR(simulation.losses_ppm.back(), 50'000, 20'000);
    simulation.path.loss = 0.15;
    simulation.run(20s);
    EXPECT_GE(simulation.asked(), 10'000u) << "it has seen that a lower rate does not help";
}

TEST(Feedback, ACollapseTellsThePathBeforeTheRate) {
    Simulation simulation(20'000, {.kbps = 50'000, .queue_packets = 32});
    simulation.run(10s);
    simulation.told.clear();
    simulation.path.kbps = 5'000;
    simulation.run(100ms);
    ASSERT_GE(simulation.told.size(), 2u);
    const auto* path = std::get_if<wire::PathReport>(&simulation.told[0]);
    const auto* rate = std::get_if<wire::SetBitrate>(&simulation.told[1]);
    ASSERT_TRUE(path != nullptr && rate != nullptr);
    EXPECT_NEAR(path->kbps, 5'000, 250);
    EXPECT_LT(rate->kbps, 0.6 * path->kbps) << "the queue has to empty";
}

TEST(Feedback, LossesAreReportedAtOnceAndEveryThreeQuartersOfASecond) {
    session::ArrivalMeter meter;
    Feedback feedback(kStart);
    std::vector<std::pair<SteadyClock::duration, uint32_t>> reports;
    uint32_t seq = 0;
    for (auto at = 0ms; at < 3000ms; at += 1ms) {
        ++seq;
        const bool lost = at >= 1000ms && at < 1100ms && at.count() % 4 == 0;
        if (!lost) meter.add({.stream_seq = seq, .shard_bytes = kShard}, kDatagram, kStart + at);
        for (const auto& message : feedback.tick(meter, 0, kStart + at)) {
            if (const auto* loss = std::get_if<wire::LossReport>(&message)) reports.emplace_back(at, loss->loss_ppm);
        }
    }
    ASSERT_GE(reports.size(), 4u);
    EXPECT_EQ(reports[0].second, 0u);
    EXPECT_GT(reports[1].second, 20'000u);
    EXPECT_LT(reports[1].first, 1080ms) << "not after 750 ms";
    EXPECT_EQ(reports.back().second, 0u);
    for (size_t i = 1; i < reports.size(); ++i) EXPECT_GE(reports[i].first - reports[i - 1].first, 150ms);
}

TEST(Feedback, ThePathIsReportedWhenItHasChanged) {
    session::ArrivalMeter meter;
    Feedback feedback(kStart);
    std::vector<uint32_t> reports;
    auto now = kStart;
    uint32_t seq = 0;
    for (uint32_t frame = 0; frame < 600; ++frame) {
        const auto gap = frame < 300 ? 120us : 1200us;
        for (uint16_t shard = 0; shard < 10; ++shard) {
            meter.add({.frame_index = frame, .stream_seq = seq++, .shard_index = shard, .shard_bytes = kShard},
                      kDatagram, now + shard * gap);
        }
        now += 16ms;
        for (const auto& message : feedback.tick(meter, 0, now)) {
            if (const auto* path = std::get_if<wire::PathReport>(&message)) reports.push_back(path->kbps);
        }
    }
    ASSERT_EQ(reports.size(), 2u);
    EXPECT_NEAR(reports[0], 100'000, 1000);
    EXPECT_NEAR(reports[1], 10'000, 100);
}

TEST(Feedback, WhatParityBroughtBackIsToldOnceASecondWhileItGrows) {
    session::ArrivalMeter meter;
    Feedback feedback(kStart);
    std::vector<std::pair<SteadyClock::duration, uint64_t>> reports;
    uint64_t recovered = 0;
    for (auto at = 0ms; at < 10'000ms; at += 10ms) {
        if (at >= 2000ms && at < 5000ms) recovered += 3;
        for (const auto& message : feedback.tick(meter, recovered, kStart + at)) {
            if (const auto* report = std::get_if<wire::RecoveryReport>(&message))
                reports.emplace_back(at, report->shards);
        }
    }
    ASSERT_GE(reports.size(), 4u);
    EXPECT_LE(reports.size(), 6u);
    EXPECT_EQ(reports[0], std::pair(SteadyClock::duration(0ms), uint64_t{0})) << "that it tells";
    EXPECT_EQ(reports.back().second, recovered) << "all of it in the end";
    for (size_t i = 1; i < reports.size(); ++i) EXPECT_GE(reports[i].first - reports[i - 1].first, 1s);
}

}  // namespace punktfunk::client
