#include "punktfunk/gs_video/fec_plan.hpp"

#include <algorithm>

#include "punktfunk/fec/erasure_code.hpp"

namespace punktfunk::gs_video {
namespace {

using fec::recovery_count;

// data + ceil(data * percent / 100) <= 255, solved for either.
constexpr size_t largest_block(unsigned percent) {
    return 100 * kMaxBlockPackets / (100 + percent);
}
constexpr unsigned highest_percent(size_t data) {
    return static_cast<unsigned>(100 * (kMaxBlockPackets - data) / data);
}

FecBlock make_block(size_t data, unsigned percent, unsigned min_parity) {
    if (percent != 0 && recovery_count(data, percent) < min_parity) {
        percent = static_cast<unsigned>(100 * min_parity / data);
        if (recovery_count(data, percent) < min_parity) ++percent;  // more than 100 data packets
        percent = std::min({percent, highest_percent(data), 255u});
    }
    return {data, recovery_count(data, percent), static_cast<uint8_t>(percent)};
}

}  // namespace

size_t FecPlan::packets() const {
    size_t sum = 0;
    for (const FecBlock& block : blocks()) sum += block.data + block.parity;
    return sum;
}

size_t most_data_packets(uint8_t percent) {
    return kMaxBlocks * (percent == 0 ? kMaxUnprotectedPackets : largest_block(1));
}

size_t most_fully_protected_packets(uint8_t percent) {
    return percent == 0 ? most_data_packets(0) : kMaxBlocks * largest_block(percent);
}

std::optional<FecPlan> plan_fec(size_t data_packets, uint8_t percent, uint8_t min_parity) {
    if (data_packets > most_data_packets(percent)) return std::nullopt;
    const size_t wanted = largest_block(percent);
    const size_t count = std::min(kMaxBlocks, (data_packets + wanted - 1) / wanted);
    const size_t each = (data_packets + count - 1) / count;
    const unsigned affordable = percent == 0 ? 0 : std::min<unsigned>(percent, highest_percent(each));

    FecPlan plan;
    plan.count_ = count;
    for (size_t i = 0; i < count; ++i) {
        plan.blocks_[i] = make_block(std::min(each, data_packets - i * each), affordable, min_parity);
    }
    return plan;
}

}  // namespace punktfunk::gs_video
