#include "punktfunk/wire/datagram.hpp"

#include <algorithm>

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 sees overflows in the growth of a vector that cannot be.
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

namespace punktfunk::wire {

namespace {

constexpr size_t kMediaHeaderBytes = 13;
enum RichKind : uint8_t { kTouchpad = 1, kMotion = 2, kTouchpadEx = 3 };
constexpr uint8_t kTouchBit = 1, kClickBit = 2;
enum HidKind : uint8_t { kLightbar = 1, kPlayerLeds = 2, kTrigger = 3 };

Bytes encode_media(Tag tag, uint32_t seq, uint64_t pts_ns, ByteView opus) {
    ByteWriter writer;
    writer.write<uint8_t>(static_cast<uint8_t>(tag)).write<uint32_t>(seq).write<uint64_t>(pts_ns).append(opus);
    return std::move(writer).finish();
}

template <typename Packet>
std::optional<Packet> decode_media(ByteView datagram) {
    if (datagram.size() < kMediaHeaderBytes) return std::nullopt;
    return Packet{load_le<uint32_t>(datagram.data() + 1), load_le<uint64_t>(datagram.data() + 5),
                  datagram.subspan(kMediaHeaderBytes)};
}

std::optional<RichInput> decode_rich(ByteView d) {
    if (d.size() < 2) return std::nullopt;
    if (d[1] == kTouchpad && d.size() >= 9) {
        return Touchpad{d[2], d[3], d[4] != 0, load_le<uint16_t>(&d[5]), load_le<uint16_t>(&d[7])};
    }
    if (d[1] == kMotion && d.size() >= 15) {
        Motion motion{.pad = d[2]};
        for (size_t i = 0; i < 3; ++i) {
            motion.gyro[i] = load_le<int16_t>(&d[3 + 2 * i]);
            motion.accel[i] = load_le<int16_t>(&d[9 + 2 * i]);
        }
        return motion;
    }
    if (d[1] == kTouchpadEx && d.size() >= 12) {
        return TouchpadEx{.pad = d[2],
                          .surface = d[3],
                          .finger = d[4],
                          .touch = (d[5] & kTouchBit) != 0,
                          .click = (d[5] & kClickBit) != 0,
                          .x = load_le<int16_t>(&d[6]),
                          .y = load_le<int16_t>(&d[8]),
                          .pressure = load_le<uint16_t>(&d[10])};
    }
    return std::nullopt;
}

std::optional<Rumble> decode_rumble(ByteView d) {
    if (d.size() < 7) return std::nullopt;
    Rumble rumble{load_le<uint16_t>(&d[1]), load_le<uint16_t>(&d[3]), load_le<uint16_t>(&d[5])};
    if (d.size() >= 10) rumble.envelope = {d[7], load_le<uint16_t>(&d[8])};
    if (d.size() >= 14) rumble.triggers = {load_le<uint16_t>(&d[10]), load_le<uint16_t>(&d[12])};
    return rumble;
}

std::optional<HidOutput> decode_hid(ByteView d) {
    if (d.size() < 4) return std::nullopt;
    if (d[1] == kLightbar && d.size() >= 6) return Lightbar{d[2], d[3], d[4], d[5]};
    if (d[1] == kPlayerLeds) return PlayerLeds{d[2], d[3]};
    if (d[1] == kTrigger) {
        TriggerEffect trigger{.pad = d[2], .which = d[3]};
        const ByteView effect = d.subspan(4);
        trigger.length = static_cast<uint8_t>(std::min(effect.size(), trigger.effect.size()));
        std::copy_n(effect.begin(), trigger.length, trigger.effect.begin());
        return trigger;
    }
    return std::nullopt;
}

std::optional<HostTiming> decode_timing(ByteView d) {
    if (d.size() < 13) return std::nullopt;
    HostTiming timing{.pts_ns = load_le<uint64_t>(&d[1]), .host_us = load_le<uint32_t>(&d[9])};
    if (d.size() >= 25) {
        timing.detailed = true;
        timing.queue_us = load_le<uint32_t>(&d[13]);
        timing.encode_us = load_le<uint32_t>(&d[17]);
        timing.pace_us = load_le<uint32_t>(&d[21]);
    }
    return timing;
}

}  // namespace

Bytes encode(const AudioPacket& packet) {
    return encode_media(Tag::Audio, packet.seq, packet.pts_ns, packet.opus);
}
ByteView encode_into(std::span<uint8_t> out, const AudioPacket& packet) {
    if (out.size() < kMediaHeaderBytes + packet.opus.size()) return {};
    out[0] = static_cast<uint8_t>(Tag::Audio);
    store_le<uint32_t>(&out[1], packet.seq);
    store_le<uint64_t>(&out[5], packet.pts_ns);
    std::ranges::copy(packet.opus, out.begin() + kMediaHeaderBytes);
    return out.first(kMediaHeaderBytes + packet.opus.size());
}
Bytes encode(const MicPacket& packet) {
    return encode_media(Tag::Mic, packet.seq, packet.pts_ns, packet.opus);
}

Bytes encode(const Rumble& rumble) {
    ByteWriter writer;
    writer.write<uint8_t>(static_cast<uint8_t>(Tag::Rumble))
        .write<uint16_t>(rumble.pad)
        .write<uint16_t>(rumble.low)
        .write<uint16_t>(rumble.high);
    if (rumble.envelope) writer.write<uint8_t>(rumble.envelope->seq).write<uint16_t>(rumble.envelope->ttl_ms);
    if (rumble.envelope && rumble.triggers)
        writer.write<uint16_t>(rumble.triggers->left).write<uint16_t>(rumble.triggers->right);
    return std::move(writer).finish();
}

namespace {

Bytes encode_rich(const Touchpad& touch) {
    ByteWriter writer;
    writer.write<uint8_t>(static_cast<uint8_t>(Tag::RichInput))
        .write<uint8_t>(kTouchpad)
        .write<uint8_t>(touch.pad)
        .write<uint8_t>(touch.finger)
        .write<uint8_t>(touch.active ? 1 : 0)
        .write<uint16_t>(touch.x)
        .write<uint16_t>(touch.y);
    return std::move(writer).finish();
}

Bytes encode_rich(const Motion& motion) {
    ByteWriter writer;
    writer.write<uint8_t>(static_cast<uint8_t>(Tag::RichInput)).write<uint8_t>(kMotion).write<uint8_t>(motion.pad);
    for (const int16_t value : motion.gyro) writer.write<int16_t>(value);
    for (const int16_t value : motion.accel) writer.write<int16_t>(value);
    return std::move(writer).finish();
}

Bytes encode_rich(const TouchpadEx& touch) {
    ByteWriter writer;
    writer.write<uint8_t>(static_cast<uint8_t>(Tag::RichInput))
        .write<uint8_t>(kTouchpadEx)
        .write<uint8_t>(touch.pad)
        .write<uint8_t>(touch.surface)
        .write<uint8_t>(touch.finger)
        .write<uint8_t>((touch.touch ? kTouchBit : 0) | (touch.click ? kClickBit : 0))
        .write<int16_t>(touch.x)
        .write<int16_t>(touch.y)
        .write<uint16_t>(touch.pressure);
    return std::move(writer).finish();
}

}  // namespace

Bytes encode(const RichInput& input) {
    return std::visit([](const auto& kind) { return encode_rich(kind); }, input);
}

Bytes encode(const HidOutput& output) {
    ByteWriter writer;
    writer.write<uint8_t>(static_cast<uint8_t>(Tag::HidOutput));
    if (const auto* light = std::get_if<Lightbar>(&output)) {
        writer.write<uint8_t>(kLightbar)
            .write<uint8_t>(light->pad)
            .write<uint8_t>(light->r)
            .write<uint8_t>(light->g)
            .write<uint8_t>(light->b);
    } else if (const auto* leds = std::get_if<PlayerLeds>(&output)) {
        writer.write<uint8_t>(kPlayerLeds).write<uint8_t>(leds->pad).write<uint8_t>(leds->bits);
    } else {
        const auto& trigger = std::get<TriggerEffect>(output);
        writer.write<uint8_t>(kTrigger).write<uint8_t>(trigger.pad).write<uint8_t>(trigger.which);
        writer.append(ByteView(trigger.effect).first(std::min<size_t>(trigger.length, trigger.effect.size())));
    }
    return std::move(writer).finish();
}

Bytes encode(const HostTiming& timing) {
    ByteWriter writer;
    writer.write<uint8_t>(static_cast<uint8_t>(Tag::HostTiming))
        .write<uint64_t>(timing.pts_ns)
        .write<uint32_t>(timing.host_us);
    if (timing.detailed)
        writer.write<uint32_t>(timing.queue_us).write<uint32_t>(timing.encode_us).write<uint32_t>(timing.pace_us);
    return std::move(writer).finish();
}

std::optional<ClientDatagram> decode_client_datagram(ByteView datagram) {
    if (datagram.empty()) return std::nullopt;
    switch (static_cast<Tag>(datagram[0])) {
        case Tag::Input:
            return decode_input(datagram);
        case Tag::Mic:
            return decode_media<MicPacket>(datagram);
        case Tag::RichInput:
            return decode_rich(datagram);
        default:
            return std::nullopt;
    }
}

std::optional<HostDatagram> decode_host_datagram(ByteView datagram) {
    if (datagram.empty()) return std::nullopt;
    switch (static_cast<Tag>(datagram[0])) {
        case Tag::Audio:
            return decode_media<AudioPacket>(datagram);
        case Tag::Rumble:
            return decode_rumble(datagram);
        case Tag::HidOutput:
            return decode_hid(datagram);
        case Tag::HostTiming:
            return decode_timing(datagram);
        default:
            return std::nullopt;
    }
}

}  // namespace punktfunk::wire
