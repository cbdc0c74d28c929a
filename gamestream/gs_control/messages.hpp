// The control stream's messages, bytes <-> values (spec §5.4, §5.5): what cipher.hpp seals and opens.
//
// The same number may mean different things in the two directions, so each has its own variant. Longer payloads than
// specified are taken and unknown types are Ignored: clients grow.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/gs_control/input.hpp"

namespace punktfunk::gs_control {

// --- client -> host --------------------------------------------------------------------------------------------------

// Also the first message of every session ("start A").
struct RequestIdr {
    bool operator==(const RequestIdr&) const = default;
};

struct StartB {
    bool operator==(const StartB&) const = default;
};

// Every 100 ms, as a sign of life.
struct KeepAlive {
    bool operator==(const KeepAlive&) const = default;
};

// Frames first to last are lost; the next one may reference nothing from `first` on (spec §6.9). Repeated, with a
// growing `last`, until a frame that is marked AfterInvalidation, IntraRefreshed or Idr arrives. first is 0 when the
// client has no good frame yet: only an IDR helps then.
struct InvalidateFrames {
    uint32_t first = 0, last = 0;  // first <= last
    bool operator==(const InvalidateFrames&) const = default;
};

// A frame that was sent as a long-term reference has arrived whole.
struct AcknowledgeFrame {
    uint32_t frame = 0;
    bool operator==(const AcknowledgeFrame&) const = default;
};

// After a recovery, or when it failed; at most eight in 100 ms, over an unreliable channel.
struct FrameFecStatus {
    uint32_t frame = 0;
    uint16_t highest_received_sequence = 0, next_contiguous_sequence = 0, missing_before_highest = 0;
    uint16_t total_data = 0, total_parity = 0, received_data = 0, received_parity = 0;
    uint8_t fec_percent = 0, block = 0, block_count = 0;
    bool operator==(const FrameFecStatus&) const = default;
};

// Input packets, for take_input(); a view of the message's bytes.
struct Input {
    ByteView packets;
};

struct Ignored {
    uint16_t type = 0;
    bool operator==(const Ignored&) const = default;
};

using ClientMessage =
    std::variant<Ignored, RequestIdr, StartB, KeepAlive, InvalidateFrames, AcknowledgeFrame, FrameFecStatus, Input>;

// --- host -> client: all reliable, on channel 0 ----------------------------------------------------------------------

// Spec §8.6. The client passes other numbers on as they are.
enum class TerminationCode : uint32_t {
    Graceful = 0x80030023,  // an error for a client that has seen no frame yet
    ProtectedContent = 0x800E9302,
    EncoderFailed = 0x800E9403,
};

// The client tears its session down at once.
struct Termination {
    TerminationCode code = TerminationCode::Graceful;
    bool operator==(const Termination&) const = default;
};

// Feedback is for the controller of that number; one that the client does not have ignores it.

// Strengths 0 to 65535; both 0 stop it. Clients stop by themselves after 30 s: repeat what goes on.
struct Rumble {
    uint16_t controller = 0, low_frequency = 0, high_frequency = 0;
    bool operator==(const Rumble&) const = default;
};

struct TriggerRumble {
    uint16_t controller = 0, left = 0, right = 0;
    bool operator==(const TriggerRumble&) const = default;
};

// Asks for ControllerMotion of a type. Rate 0 ends it; a client counts the period in eight bits of milliseconds, so
// anything else should be 4 or more.
struct MotionReports {
    uint16_t controller = 0, rate_hz = 0;
    MotionType type{};
    bool operator==(const MotionReports&) const = default;
};

struct LedColour {
    uint16_t controller = 0;
    uint8_t red = 0, green = 0, blue = 0;
    bool operator==(const LedColour&) const = default;
};

// In the DualSense's own terms.
struct TriggerEffect {
    uint8_t type = 0;
    std::array<uint8_t, 10> parameters{};
    bool operator==(const TriggerEffect&) const = default;
};

// A trigger without an effect keeps the one it has.
struct AdaptiveTriggers {
    uint16_t controller = 0;
    std::optional<TriggerEffect> left, right;
    bool operator==(const AdaptiveTriggers&) const = default;
};

struct Chromaticity {
    uint16_t x = 0, y = 0;  // 1/50000
    bool operator==(const Chromaticity&) const = default;
};

struct HdrMetadata {
    Chromaticity red, green, blue, white;
    uint16_t max_luminance = 0;  // nits
    uint16_t min_luminance = 0;  // 1/10000 nit
    uint16_t max_content_light_level = 0, max_frame_average_light_level = 0, max_full_frame_luminance = 0;  // nits
    bool operator==(const HdrMetadata&) const = default;
};

// Clients begin with HDR off, whatever was negotiated: send it as soon as the control stream is up when HDR is
// captured.
struct HdrMode {
    bool enabled = false;
    HdrMetadata metadata;  // zeros when off
    bool operator==(const HdrMode&) const = default;
};

using HostMessage =
    std::variant<Ignored, Termination, Rumble, TriggerRumble, MotionReports, LedColour, AdaptiveTriggers, HdrMode>;

// -----------------------------------------------------------------------------------------------------------------------

// ProtocolViolation for bytes that are no message, or one whose payload is too short or contradicts itself. Input is
// not looked into: that is take_input()'s.
[[nodiscard]] Result<ClientMessage> decode_client_message(ByteView message);
[[nodiscard]] Bytes encode(const HostMessage& message);  // empty for Ignored

// The client's side, for tests and for the project's own test client.
[[nodiscard]] Result<HostMessage> decode_host_message(ByteView message);
[[nodiscard]] Bytes encode(const ClientMessage& message);  // empty for Ignored

}  // namespace punktfunk::gs_control
