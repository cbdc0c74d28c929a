// Sound to Opus packets and back: 48 kHz, interleaved floats, for both ends of a stream. One thread at a time; nothing
// is allocated after create().
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

struct OpusMSEncoder;
struct OpusDecoder;

namespace punktfunk::opus {

constexpr uint32_t kRate = 48000;
constexpr size_t kMaxFrame = kRate / 1000 * 120;  // samples a channel of the longest packet there is

enum class Purpose : uint8_t {
    Desktop,  // lowest delay, constant bit rate: every packet has the same size
    Voice,    // a microphone
};

struct EncoderConfig {
    Purpose purpose = Purpose::Desktop;
    uint32_t channels = 2;         // up to 8
    uint32_t frame_samples = 240;  // a channel and packet: 120, 240, 480, 960, 1920 or 2880
    uint32_t bitrate = 128'000;    // bit/s, of all streams together
    // Multistream (RFC 7845 §5.1.1): a packet holds `streams`, of which the first `coupled` are stereo. One stream of
    // one or two channels is a plain Opus packet.
    uint32_t streams = 1, coupled = 1;
    std::array<uint8_t, 8> mapping{0, 1};  // of the first `channels`
};

class Encoder {
  public:
    static Result<Encoder> create(const EncoderConfig& config);
    // Exactly one frame: channels * frame_samples values. The packet is valid until the next encode().
    Result<ByteView> encode(std::span<const float> frame);

  private:
    struct Free {
        void operator()(OpusMSEncoder* encoder) const;
    };
    explicit Encoder(const EncoderConfig& config) : config_(config) {}
    EncoderConfig config_;
    std::unique_ptr<OpusMSEncoder, Free> encoder_;
    std::array<uint8_t, 1500> packet_{};
};

class Decoder {
  public:
    static Result<Decoder> create(uint32_t channels = 2);  // whatever the packets have
    // Any packet, whoever made it: ProtocolViolation when it is none. Valid until the next call of this object.
    Result<std::span<const float>> decode(ByteView packet);
    // What is played in place of `samples` (a channel; a multiple of 120) that are lost.
    Result<std::span<const float>> conceal(size_t samples);

  private:
    struct Free {
        void operator()(OpusDecoder* decoder) const;
    };
    explicit Decoder(uint32_t channels) : channels_(channels), samples_(channels * kMaxFrame) {}
    Result<std::span<const float>> answer(int samples);
    uint32_t channels_;
    std::unique_ptr<OpusDecoder, Free> decoder_;
    std::vector<float> samples_;
};

}  // namespace punktfunk::opus
