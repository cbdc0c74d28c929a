// A WAV file sent as this client's microphone, in real time (spec §5.2).
#pragma once

#include <optional>
#include <vector>

#include "punktfunk/client/native_client.hpp"
#include "punktfunk/opus/opus_codec.hpp"

namespace punktfunk::cli {

class MicSender {
  public:
    // 48 kHz, mono or stereo.
    static Result<MicSender> open(const std::filesystem::path& file);
    // Sends the frames whose time has come.
    Result<void> send_due(client::NativeClient& connection, SteadyClock::time_point now);
    // When to call again; nullopt once everything is sent.
    [[nodiscard]] std::optional<SteadyClock::time_point> next() const;

  private:
    MicSender(opus::Encoder encoder, std::vector<float> samples)
        : encoder_(std::move(encoder)), samples_(std::move(samples)) {}
    opus::Encoder encoder_;
    std::vector<float> samples_;  // stereo, whole frames
    size_t sent_ = 0;
    uint32_t seq_ = 0;
    SteadyClock::time_point due_ = SteadyClock::now();
};

}  // namespace punktfunk::cli
