// The control stream's messages: bytes <-> values (spec §2, §11.5). Framing is u16 length + payload; the codecs here
// take and give payloads, MessageFramer does the framing.
//
// Positional messages (Hello, Welcome, Start) grow by appending: missing tail fields take their defaults, unknown
// trailing bytes are ignored. Typed messages ("PKFc" + type) are accepted when at least as long as specified (a v0.31
// peer sends longer ones) and sent at exactly the seed's length.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::wire {

inline constexpr uint32_t kWireVersion = 2;
inline constexpr size_t kMaxMessageBytes = 65535;

enum class Compositor : uint8_t { Auto = 0, KWin = 1, Wlroots = 2, Mutter = 3, Gamescope = 4 };
enum class Gamepad : uint8_t { Auto = 0, Xbox360 = 1, DualSense = 2 };
// "auto", "xbox360", "dualsense", and the names from and for people (spec §2.3), in any case; nullopt for others.
[[nodiscard]] std::optional<Gamepad> parse_gamepad(std::string_view text);
[[nodiscard]] std::string_view to_string(Gamepad gamepad);
enum VideoCodec : uint8_t {
    kCodecH264 = 1,
    kCodecHevc = 2,
    kCodecAv1 = 4
};  // bits of Hello.video_codecs; one in Welcome.codec
// Bits of Hello.video_caps.
inline constexpr uint8_t kCapHostTiming = 0x08, kCapProbeSequence = 0x10, kCapMultiSlice = 0x80;
// Bits of WelcomeTail.host_caps.
inline constexpr uint8_t kHostCapGamepadState = 0x01;  // input kinds 12 to 14
inline constexpr uint8_t kHostCapText = 0x04;          // input kind 15

struct Mode {
    uint32_t width = 0, height = 0, refresh_hz = 0;
    bool operator==(const Mode&) const = default;
};

// v0.31's continuation of Hello, after video_caps. Only the fields this host acts on are named; the tail is encoded up
// to max_shard_payload.
struct HelloTail {
    uint8_t audio_channels = 2;
    uint8_t video_codecs = 0;     // bit set; 0 = HEVC only
    uint8_t preferred_codec = 0;  // 0 = no preference
    std::optional<std::array<uint8_t, 28>> display_hdr;
    uint8_t client_caps = 0;
    uint16_t max_shard_payload = 0;  // 0 = legacy
    bool operator==(const HelloTail&) const = default;
};

struct Hello {
    uint32_t abi_version = kWireVersion;
    Mode mode;
    Compositor compositor = Compositor::Auto;
    Gamepad gamepad = Gamepad::Auto;
    uint32_t bitrate_kbps = 0;
    std::optional<std::string> name;    // <= 64 bytes
    std::optional<std::string> launch;  // <= 128 bytes
    uint8_t video_caps = 0;
    std::optional<HelloTail> tail;  // present when any byte follows video_caps
    bool operator==(const Hello&) const = default;
};

// v0.31's continuation of Welcome, bytes 60..67. Never write past 67: offset 68 is the cipher id and fails closed.
struct WelcomeTail {
    std::array<uint8_t, 4> colour{1, 1, 1, 0};  // primaries, transfer, matrix, full range
    uint8_t chroma_format_idc = 1;
    uint8_t audio_channels = 2;
    uint8_t codec = kCodecHevc;
    uint8_t host_caps = 0;
    bool operator==(const WelcomeTail&) const = default;
};

struct Welcome {
    uint32_t abi_version = kWireVersion;
    uint16_t udp_port = 0;
    Mode mode;
    uint8_t fec_scheme = 1;
    uint8_t fec_percent = 20;
    uint16_t max_data_per_block = 4096;
    uint16_t shard_payload = 1408;
    bool encrypt = true;
    std::array<uint8_t, 16> key{};
    std::array<uint8_t, 4> salt{};
    uint32_t frames = 0;
    Compositor compositor = Compositor::Auto;
    Gamepad gamepad = Gamepad::Auto;
    uint32_t bitrate_kbps = 0;
    uint8_t bit_depth = 8;
    std::optional<WelcomeTail>
        tail;  // absent: 60 bytes as the seed; decoded when >= 68 bytes (shorter tails take defaults)
    bool operator==(const Welcome&) const = default;
};

struct Start {
    uint16_t client_udp_port = 0;
    bool operator==(const Start&) const = default;
};

struct Reconfigure {
    Mode mode;
    bool operator==(const Reconfigure&) const = default;
};
struct Reconfigured {
    bool accepted = false;
    Mode mode;
    bool operator==(const Reconfigured&) const = default;
};
struct RequestKeyframe {
    bool operator==(const RequestKeyframe&) const = default;
};
struct LossReport {
    uint32_t loss_ppm = 0;
    bool operator==(const LossReport&) const = default;
};  // 0x04
struct SetBitrate {
    uint32_t kbps = 0;
    bool operator==(const SetBitrate&) const = default;
};  // 0x05
struct BitrateChanged {
    uint32_t kbps = 0;
    bool operator==(const BitrateChanged&) const = default;
};  // 0x06
struct RfiRequest {
    uint32_t first = 0, last = 0;
    bool operator==(const RfiRequest&) const = default;
};  // 0x07
struct PipelineGap {
    uint32_t ms = 0;
    bool operator==(const PipelineGap&) const = default;
};  // 0x0A: for so long the host had no picture
// Our own, client to host; whoever does not know it ignores it (§2.1). How fast the path carried packets that left
// together, headers counted: a host may space its packets by it.
struct PathReport {
    uint32_t kbps = 0;
    bool operator==(const PathReport&) const = default;
};  // 0xF0
// Our own too, client to host: how many shards parity has brought back since the stream began. The whole count, so that
// none is missing when one of these messages is.
struct RecoveryReport {
    uint64_t shards = 0;
    bool operator==(const RecoveryReport&) const = default;
};  // 0xF1
struct PairRequest {
    std::string name;
    Bytes spake;
    bool operator==(const PairRequest&) const = default;
};  // 0x10
struct PairChallenge {
    Bytes spake;
    std::array<uint8_t, 32> confirm{};
    bool operator==(const PairChallenge&) const = default;
};
struct PairProof {
    std::array<uint8_t, 32> confirm{};
    bool operator==(const PairProof&) const = default;
};
struct PairResult {
    bool ok = false;
    bool operator==(const PairResult&) const = default;
};
struct ProbeRequest {
    uint32_t target_kbps = 0, duration_ms = 0;
    bool operator==(const ProbeRequest&) const = default;
};
// v0.31's continuation of ProbeResult: datagrams the kernel took, and those it did not.
struct ProbeWireCounts {
    uint32_t packets_sent = 0, packets_dropped = 0;
    bool operator==(const ProbeWireCounts&) const = default;
};
struct ProbeResult {
    uint64_t bytes_sent = 0;
    uint32_t packets_sent = 0, duration_ms = 0;  // packets: access units
    std::optional<ProbeWireCounts> wire;         // 29 bytes instead of 21
    bool operator==(const ProbeResult&) const = default;
};
struct ClockProbe {
    uint64_t t1_ns = 0;
    bool operator==(const ClockProbe&) const = default;
};
struct ClockEcho {
    uint64_t t1_ns = 0, t2_ns = 0, t3_ns = 0;
    bool operator==(const ClockEcho&) const = default;
};

using TypedMessage = std::variant<Reconfigure, Reconfigured, RequestKeyframe, LossReport, SetBitrate, BitrateChanged,
                                  RfiRequest, PipelineGap, PairRequest, PairChallenge, PairProof, PairResult,
                                  ProbeRequest, ProbeResult, ClockProbe, ClockEcho, PathReport, RecoveryReport>;

[[nodiscard]] Bytes encode(const Hello&);
[[nodiscard]] Bytes encode(const Welcome&);
[[nodiscard]] Bytes encode(const Start&);
[[nodiscard]] Bytes encode(const TypedMessage&);

// ProtocolViolation when the magic is wrong or the message is shorter than its minimum.
[[nodiscard]] Result<Hello> decode_hello(ByteView payload);
[[nodiscard]] Result<Welcome> decode_welcome(ByteView payload);
[[nodiscard]] Result<Start> decode_start(ByteView payload);
// nullopt for anything that is not a known, well-formed typed message: log and ignore, never fatal.
[[nodiscard]] std::optional<TypedMessage> decode_typed(ByteView payload);

// u16 length || payload.
[[nodiscard]] Bytes frame_message(ByteView payload);

// Cuts a byte stream into messages, whatever the chunks. Holds at most one message (64 KiB) and its prefix.
class MessageFramer {
  public:
    void feed(ByteView chunk);
    // The next whole payload, or nullopt until more is fed.
    [[nodiscard]] std::optional<Bytes> next();

  private:
    Bytes buffer_;
    size_t consumed_ = 0;
};

// One clock sample and the estimate over several (spec §2.6). offset = host clock - client clock.
struct ClockSample {
    uint64_t t1, t2, t3, t4;
};
struct ClockEstimate {
    int64_t offset_ns = 0;
    uint64_t rtt_ns = 0;
};
[[nodiscard]] ClockEstimate estimate_of(const ClockSample& sample);
// The first sample of minimal rtt; nullopt for none.
[[nodiscard]] std::optional<ClockEstimate> best_estimate(std::span<const ClockSample> samples);

}  // namespace punktfunk::wire
