// The audio stream's datagrams to samples (spec §7). Strict, as video_receiver.hpp. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "punktfunk/gs_audio/depacketizer.hpp"
#include "punktfunk/media/wav_file.hpp"
#include "sdp.hpp"

struct OpusMSDecoder;

namespace punktfunk::moonlight_client {

struct AudioCounts {
    uint64_t datagrams = 0, dropped = 0;
    uint64_t packets = 0, recovered = 0, lost = 0, undecodable = 0;
};

class AudioReceiver {
  public:
    struct Options {
        OpusStreams layout;
        uint32_t packet_ms = 5;
        std::optional<gs_audio::AudioKey> key;
        double loss = 0;
        uint32_t seed = 1;
    };
    static Result<AudioReceiver> create(const Options& options, std::function<void(std::string)> fault);

    void push(ByteView datagram);
    [[nodiscard]] const AudioCounts& counts() const { return counts_; }
    // All that was heard: what is lost is concealed.
    [[nodiscard]] const media::Sound& sound() const { return sound_; }

  private:
    struct Free {
        void operator()(OpusMSDecoder* decoder) const;
    };
    AudioReceiver(const Options& options, std::function<void(std::string)> fault, gs_audio::Depacketizer depacketizer,
                  std::unique_ptr<OpusMSDecoder, Free> decoder);
    void decode(ByteView opus);  // empty: conceals
    void fault(std::string what);

    Options options_;
    std::function<void(std::string)> tell_;
    gs_audio::Depacketizer depacketizer_;
    std::unique_ptr<OpusMSDecoder, Free> decoder_;
    std::mt19937 random_;
    AudioCounts counts_;
    std::set<std::string> told_;
    media::Sound sound_;
    bool begun_ = false, heard_ = false;
    uint16_t next_sequence_ = 0;  // to hear
    uint64_t position_ = 0;       // the sequence number without its wrap
    size_t packet_bytes_ = 0;
};

}  // namespace punktfunk::moonlight_client
