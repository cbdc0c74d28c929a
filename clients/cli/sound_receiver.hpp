// The desktop's sound at the client: counted, and written to a WAV file when one is wanted.
#pragma once

#include <optional>

#include "punktfunk/client/native_client.hpp"
#include "punktfunk/media/wav_file.hpp"
#include "punktfunk/opus/opus_codec.hpp"

namespace punktfunk::cli {

struct SoundCounts {
    uint64_t received = 0, lost = 0, late = 0;  // late: after its place had been filled
    uint64_t undecodable = 0;
};

class SoundReceiver {
  public:
    Result<void> record_to(const std::filesystem::path& file);
    // Takes what has arrived. Does not block.
    Result<void> collect(client::NativeClient& connection);
    Result<void> take(const client::ReceivedAudio& packet);
    Result<void> finish();
    [[nodiscard]] const SoundCounts& counts() const { return counts_; }

  private:
    Result<void> fill_gap(uint32_t packets);
    Result<void> fill_pause(uint64_t pts_ns);
    Result<void> write_silence(uint64_t samples);

    SoundCounts counts_;
    std::optional<uint32_t> next_seq_;
    uint64_t last_pts_ns_ = 0;
    SteadyClock::time_point last_arrival_;
    std::optional<opus::Decoder> decoder_;
    std::optional<media::WavWriter> file_;
};

}  // namespace punktfunk::cli
