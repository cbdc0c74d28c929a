// What the arrival of packets says about the path. Pure; times are given. One thread.
//
// Loss: the sender numbers its packets. Capacity: the first packets of a frame leave the host in one piece, so the pace
// at which they arrive is the path's (a train; the median of the latest is believed). Collapse: the latest packets of
// the frame under way, wherever in it they are, show how fast the path is at this moment, even when no frame gets
// through any more; they are slower than the path when the host paces them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/session/packet_header.hpp"

namespace punktfunk::session {

class ArrivalMeter {
  public:
    using TimePoint = SteadyClock::time_point;
    static constexpr size_t kTrainPackets = 16, kTrains = 15;

    struct Window {
        uint64_t expected = 0, received = 0;       // packets
        uint64_t wire_bytes = 0, video_bytes = 0;  // headers of IPv4 and UDP counted; video: its share of shards
        bool filler = false;                       // a speed test was running
        [[nodiscard]] uint64_t lost() const { return expected > received ? expected - received : 0; }
    };

    void add(const PacketHeader& header, size_t datagram_bytes, TimePoint at);
    // What came since the last call.
    Window take_window();
    // Capacity, headers counted. nullopt: too few trains yet. Nothing is faster than 10 Gbit/s.
    [[nodiscard]] std::optional<uint32_t> path_kbps() const;
    // The pace of the latest packets of the frame under way, its longest pause left out.
    [[nodiscard]] std::optional<uint32_t> run_kbps() const;

  private:
    struct Arrival {
        TimePoint at;
        size_t bytes;
    };
    void follow_train(const PacketHeader& header, size_t bytes, TimePoint at);
    void close_train();

    std::optional<uint32_t> next_seq_;
    Window window_;

    std::optional<uint32_t> frame_;  // the newest one; trains and runs are of one frame
    std::array<Arrival, kTrainPackets> run_{};
    size_t run_count_ = 0;

    TimePoint train_first_, train_last_;
    size_t train_packets_ = 0, train_bytes_ = 0;  // bytes: without the first packet's
    std::array<uint32_t, kTrains> trains_{};
    size_t train_count_ = 0;
};

}  // namespace punktfunk::session
