// What a GameStream client's messages say about loss (spec §5.4, §6.9). Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "punktfunk/gs_control/messages.hpp"

namespace punktfunk::moonlight {

class LossMeter {
  public:
    // A block that was repaired, or could not be; again when more of it is known.
    void on(const gs_control::FrameFecStatus& status) {
        const std::pair block{status.frame, status.block};
        if (block != block_) counted_ = recovered_of_block_ = 0;
        block_ = block;
        // The packets that have not come yet are not lost.
        if (status.missing_before_highest > counted_)
            lost_packets_ += status.missing_before_highest - std::exchange(counted_, status.missing_before_highest);
        const uint16_t recovered = recovered_in(status);
        if (recovered > recovered_of_block_)
            recovered_packets_ += recovered - std::exchange(recovered_of_block_, recovered);
    }
    // Repeated, with more of them, until a clean picture has come.
    void on(const gs_control::InvalidateFrames& lost) {
        if (lost.last > newest_lost_) ++lost_pictures_;
        newest_lost_ = std::max(newest_lost_, lost.last);
    }
    // The first one of all is the session's beginning.
    void on(const gs_control::RequestIdr&) {
        if (std::exchange(begun_, true)) ++lost_pictures_;
    }

    // Since it was asked last.
    struct Losses {
        uint64_t packets = 0, recovered = 0;
        uint32_t pictures = 0;
    };
    Losses take() {
        return {.packets = std::exchange(lost_packets_, 0),
                .recovered = std::exchange(recovered_packets_, 0),
                .pictures = std::exchange(lost_pictures_, 0)};
    }

  private:
    // Any `total_data` packets of a block bring back all of its data.
    static uint16_t recovered_in(const gs_control::FrameFecStatus& status) {
        const bool enough = status.received_data + status.received_parity >= status.total_data;
        return enough && status.received_data < status.total_data
                   ? static_cast<uint16_t>(status.total_data - status.received_data)
                   : uint16_t{0};
    }

    std::pair<uint32_t, uint8_t> block_;
    uint16_t counted_ = 0, recovered_of_block_ = 0;
    uint32_t newest_lost_ = 0;
    uint64_t lost_packets_ = 0, recovered_packets_ = 0;
    uint32_t lost_pictures_ = 0;
    bool begun_ = false;
};

}  // namespace punktfunk::moonlight
