// A playing stream of class Audio/Source is a microphone to PipeWire's programs.
#include "audio_stream.hpp"
#include "jitter_buffer.hpp"
#include "punktfunk/audio/microphone.hpp"
#include "punktfunk/opus/opus_codec.hpp"

namespace punktfunk::audio {

namespace {

using namespace std::chrono_literals;

constexpr auto kMicrophonePatience = 5s;
constexpr uint32_t kChannels = 2;
constexpr uint32_t kLatencySamples = 480;

class PipeWireMicrophone final : public Microphone {
  public:
    explicit PipeWireMicrophone(opus::Decoder decoder) : decoder_(std::move(decoder)) {}

    Result<void> open(const display::SoundTarget& target) {
        auto connection = PipeWireConnection::open(target.pipewire_socket, kMicrophonePatience);
        if (!connection) return std::unexpected(connection.error());
        connection_ = std::move(*connection);
        return stream_.open(*connection_,
                            {.direction = PW_DIRECTION_OUTPUT,
                             .media_class = "Audio/Source",
                             .name = target.name + "-mic",
                             .description = "punktfunk: the client's microphone",
                             .default_priority = !target.shared,
                             .channels = kChannels,
                             .latency_samples = kLatencySamples},
                            [this](std::span<float> samples) { jitter_.pull(samples); });
    }

    Result<void> play(ByteView opus) override {
        auto samples = decoder_.decode(opus);
        if (!samples) return std::unexpected(samples.error());
        jitter_.push(*samples);
        return {};
    }

    Result<void> wait(std::chrono::milliseconds timeout, int wake_fd) override {
        return connection_->wait(timeout, wake_fd, -1);
    }

  private:
    opus::Decoder decoder_;
    JitterBuffer jitter_{kChannels};
    std::unique_ptr<PipeWireConnection> connection_;
    AudioStream stream_;  // goes first: nothing is asked for after it
};

}  // namespace

Result<std::unique_ptr<Microphone>> open_microphone(const display::SoundTarget& target) {
    auto decoder = opus::Decoder::create(kChannels);
    if (!decoder) return std::unexpected(decoder.error());
    auto microphone = std::make_unique<PipeWireMicrophone>(std::move(*decoder));
    if (auto opened = microphone->open(target); !opened) return std::unexpected(opened.error());
    return microphone;
}

}  // namespace punktfunk::audio
