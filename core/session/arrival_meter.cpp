#include "punktfunk/session/arrival_meter.hpp"

#include <algorithm>
#include <utility>

namespace punktfunk::session {

namespace {

constexpr size_t kIpv4AndUdp = 28;
constexpr size_t kLeastTrain = 3, kLeastTrains = 5, kLeastRun = 6;
constexpr double kMostKbps = 10e6;

uint32_t kbps_of(size_t bytes, SteadyClock::duration took) {
    const double ms = std::chrono::duration<double, std::milli>(took).count();
    return static_cast<uint32_t>(std::min(kMostKbps, static_cast<double>(bytes) * 8 / std::max(ms, 1e-6)));
}

}  // namespace

void ArrivalMeter::add(const PacketHeader& header, size_t datagram_bytes, TimePoint at) {
    const size_t bytes = datagram_bytes + kIpv4AndUdp;
    ++window_.received;
    window_.wire_bytes += bytes;
    if (const size_t shards = size_t{header.data_shards} + header.recovery_shards; shards > 0)
        window_.video_bytes += size_t{header.shard_bytes} * header.data_shards / shards;
    const int32_t ahead = next_seq_ ? static_cast<int32_t>(header.stream_seq - *next_seq_) : 0;
    if (ahead >= 0) {
        window_.expected += static_cast<uint32_t>(ahead) + 1;
        next_seq_ = header.stream_seq + 1;
    }
    if ((header.user_flags & kFlagProbe) != 0) {
        window_.filler = true;
        return;
    }
    if (!frame_ || static_cast<int32_t>(header.frame_index - *frame_) > 0) {
        close_train();
        frame_ = header.frame_index;
        run_count_ = 0;
    }
    if (header.frame_index != *frame_) return;
    run_[run_count_++ % run_.size()] = {at, bytes};
    follow_train(header, bytes, at);
}

void ArrivalMeter::follow_train(const PacketHeader& header, size_t bytes, TimePoint at) {
    if (header.block_index != 0 || header.shard_index >= kTrainPackets) return;
    if (train_packets_++ == 0) {
        train_first_ = at;
    } else {
        train_bytes_ += bytes;
    }
    train_last_ = at;
    if (header.shard_index + 1 == kTrainPackets) close_train();
}

void ArrivalMeter::close_train() {
    if (train_packets_ >= kLeastTrain)
        trains_[train_count_++ % kTrains] = kbps_of(train_bytes_, train_last_ - train_first_);
    train_packets_ = train_bytes_ = 0;
}

ArrivalMeter::Window ArrivalMeter::take_window() {
    return std::exchange(window_, {});
}

std::optional<uint32_t> ArrivalMeter::path_kbps() const {
    if (train_count_ < kLeastTrains) return std::nullopt;
    auto sorted = trains_;
    const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(train_count_, kTrains));
    const auto middle = sorted.begin() + (end - sorted.begin()) / 2;
    std::nth_element(sorted.begin(), middle, end);
    return *middle;
}

std::optional<uint32_t> ArrivalMeter::run_kbps() const {
    const size_t count = std::min(run_count_, run_.size());
    if (count < kLeastRun) return std::nullopt;
    const size_t first = run_count_ - count;
    size_t bytes = 0;
    SteadyClock::duration longest{};
    for (size_t i = 1; i < count; ++i) {
        const Arrival& arrival = run_[(first + i) % run_.size()];
        bytes += arrival.bytes;
        longest = std::max(longest, arrival.at - run_[(first + i - 1) % run_.size()].at);
    }
    const auto took = run_[(run_count_ - 1) % run_.size()].at - run_[first % run_.size()].at - longest;
    return kbps_of(bytes * (count - 2) / (count - 1), took);
}

}  // namespace punktfunk::session
