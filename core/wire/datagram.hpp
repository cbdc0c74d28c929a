// The QUIC DATAGRAM side planes (spec §5): one datagram is one message, its first byte the tag. Decoders accept longer
// datagrams, drop shorter ones, and answer nullopt for tags and kinds they do not know.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

#include "punktfunk/wire/input.hpp"

namespace punktfunk::wire {

enum class Tag : uint8_t {
    Input = 0xC8,
    Audio = 0xC9,
    Rumble = 0xCA,
    Mic = 0xCB,
    RichInput = 0xCC,
    HidOutput = 0xCD,
    HostTiming = 0xCF
};

// Opus packet, either direction. `opus` points into the datagram (decode) or at the caller's bytes (encode).
struct AudioPacket {
    uint32_t seq = 0;
    uint64_t pts_ns = 0;
    ByteView opus;
};
struct MicPacket {
    uint32_t seq = 0;
    uint64_t pts_ns = 0;
    ByteView opus;
};

// A level that stays until the next one. v2 adds the envelope: the sender's count, per pad, and how long the level
// holds unless it is renewed; v3 adds the motors in the triggers, and never travels without an envelope (§11.6).
struct Rumble {
    struct Envelope {
        uint8_t seq = 0;
        uint16_t ttl_ms = 0;
        bool operator==(const Envelope&) const = default;
    };
    struct Triggers {
        uint16_t left = 0, right = 0;
        bool operator==(const Triggers&) const = default;
    };
    uint16_t pad = 0, low = 0, high = 0;
    std::optional<Envelope> envelope{};
    std::optional<Triggers> triggers{};
    bool operator==(const Rumble&) const = default;
};

struct Touchpad {
    uint8_t pad = 0, finger = 0;
    bool active = false;
    uint16_t x = 0, y = 0;
    bool operator==(const Touchpad&) const = default;
};
struct Motion {
    uint8_t pad = 0;
    std::array<int16_t, 3> gyro{}, accel{};
    bool operator==(const Motion&) const = default;
};
// v0.31's form of Touchpad: pads with more than one surface, x and y centred at 0, y downwards.
struct TouchpadEx {
    uint8_t pad = 0;
    uint8_t surface = 0;  // 0 the only one, 1 left, 2 right
    uint8_t finger = 0;
    bool touch = false, click = false;
    int16_t x = 0, y = 0;
    uint16_t pressure = 0;  // 0 without such a sensor
    bool operator==(const TouchpadEx&) const = default;
};
using RichInput = std::variant<Touchpad, Motion, TouchpadEx>;

struct Lightbar {
    uint8_t pad = 0, r = 0, g = 0, b = 0;
    bool operator==(const Lightbar&) const = default;
};
struct PlayerLeds {
    uint8_t pad = 0, bits = 0;
    bool operator==(const PlayerLeds&) const = default;
};
// which: 0 = L2, 1 = R2. Effects longer than 11 bytes are cut when decoding.
struct TriggerEffect {
    uint8_t pad = 0, which = 0, length = 0;
    std::array<uint8_t, 11> effect{};
    bool operator==(const TriggerEffect&) const = default;
};
using HidOutput = std::variant<Lightbar, PlayerLeds, TriggerEffect>;

[[nodiscard]] Bytes encode(const AudioPacket&);
// Into memory that is there already. Answers the datagram's part of `out`; empty when it does not fit.
[[nodiscard]] ByteView encode_into(std::span<uint8_t> out, const AudioPacket& packet);
[[nodiscard]] Bytes encode(const MicPacket&);
[[nodiscard]] Bytes encode(const Rumble&);
[[nodiscard]] Bytes encode(const RichInput&);
[[nodiscard]] Bytes encode(const HidOutput&);

// When a frame left the host, in microseconds after its pts; only towards clients with video_caps 0x08 (§11.6).
// host_us = all of it; queue = waiting, encode = conversion and encoder, pace = FEC, seal and sending (13-byte form:
// host_us only).
struct HostTiming {
    uint64_t pts_ns = 0;
    uint32_t host_us = 0;
    bool detailed = false;
    uint32_t queue_us = 0, encode_us = 0, pace_us = 0;
    bool operator==(const HostTiming&) const = default;
};
[[nodiscard]] Bytes encode(const HostTiming&);

using ClientDatagram = std::variant<InputEvent, MicPacket, RichInput>;          // client -> host
using HostDatagram = std::variant<AudioPacket, Rumble, HidOutput, HostTiming>;  // host -> client
[[nodiscard]] std::optional<ClientDatagram> decode_client_datagram(ByteView datagram);
[[nodiscard]] std::optional<HostDatagram> decode_host_datagram(ByteView datagram);

}  // namespace punktfunk::wire
