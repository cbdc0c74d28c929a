// The video stream's datagrams to access units that a decoder may have, and what a stock client tells the host
// meanwhile (spec §6). Strict: what such a client trips over is a fault, told once for each kind. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/crypto/aes_gcm.hpp"
#include "punktfunk/gs_control/messages.hpp"
#include "punktfunk/gs_video/depacketizer.hpp"
#include "sdp.hpp"

namespace punktfunk::moonlight_client {

struct VideoCounts {
    uint64_t datagrams = 0, dropped = 0;  // dropped: on purpose
    uint64_t frames = 0;                  // for the decoder
    uint64_t idr_frames = 0, discarded = 0, frames_lost = 0, recovered_packets = 0;
    uint64_t idr_requests = 0, invalidations = 0, fec_reports = 0;
    uint64_t unprotected_frames = 0;            // with a block that has no parity
    uint64_t full_frames = 0;                   // in as many blocks as there can be
    uint32_t most_shards = 0;                   // of a block
    std::chrono::microseconds host_latency{0};  // of all frames together, as the host says it
};

class VideoReceiver {
  public:
    struct Options {
        Codec codec = Codec::H264;
        uint32_t packet_bytes = 1024;  // as announced
        bool encrypted = false;
        std::array<uint8_t, 16> key{};
        bool invalidates_frames = false;  // both ends can
        bool tells_fec_status = true;
        double loss = 0;
        uint32_t seed = 1;
    };
    struct Effects {
        std::function<void(const gs_control::ClientMessage&)> send;
        std::function<void(std::string)> fault;
        // False when it does not decode.
        std::function<bool(ByteView access_unit, bool idr)> decode;
    };
    static Result<VideoReceiver> create(const Options& options, Effects effects);

    void push(std::span<uint8_t> datagram);
    [[nodiscard]] const VideoCounts& counts() const { return counts_; }

  private:
    // A FEC block as its packets show it.
    struct Block {
        uint32_t frame = 0;
        uint8_t index = 0, last = 0, percent = 0;
        uint16_t data = 0, parity = 0, base = 0, highest = 0;
        std::vector<bool> present;
        bool begun = false;
    };
    struct Header;

    VideoReceiver(const Options& options, Effects effects, gs_video::Depacketizer depacketizer);
    std::span<uint8_t> unseal(std::span<uint8_t> datagram);
    void check(const Header& header, size_t size);
    void count_shards(const Header& header);
    void tally(const Header& header);
    void report_block();
    void check_bitstream(ByteView access_unit, bool idr);
    void take(const gs_video::ReceivedFrame& frame);
    void ask_for_recovery(uint32_t last);
    void fault(std::string what);

    Options options_;
    Effects effects_;
    gs_video::Depacketizer depacketizer_;
    std::unique_ptr<crypto::AesGcm> cipher_;
    std::mt19937 random_;
    VideoCounts counts_;
    std::set<std::string> told_;

    bool begun_ = false;
    uint32_t last_unprotected_ = 0, last_full_ = 0;  // frames
    uint16_t last_sequence_ = 0;
    uint32_t last_frame_ = 0;  // seen on the wire
    uint64_t last_seal_ = 0;   // the IV's counter
    Block block_;
    SteadyClock::time_point report_window_;
    int reports_in_window_ = 0;

    bool waiting_ = true;  // for a frame that needs none that is missing
    bool waits_for_idr_ = true;
    bool asked_ = false;
    uint32_t next_frame_ = 1;  // the first that is missing
    int discarded_in_a_row_ = 0;
};

}  // namespace punktfunk::moonlight_client
