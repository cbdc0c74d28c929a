// Hello, Welcome, Start: the positional messages (spec §2.3–§2.5, §11.5).
#include <algorithm>

#include "punktfunk/wire/control.hpp"
#include "punktfunk/wire/device_name.hpp"
#include "utf8.hpp"

namespace punktfunk::wire {

namespace {

constexpr std::string_view kHandshakeMagic = "PKF1";
constexpr size_t kLaunchBytes = 128;
constexpr size_t kHelloMinimum = 20, kWelcomeMinimum = 53, kStartMinimum = 6;

bool starts_with_magic(ByteView payload) {
    return payload.size() >= kHandshakeMagic.size() &&
           std::equal(kHandshakeMagic.begin(), kHandshakeMagic.end(), payload.begin());
}

// A byte, or the default where the message ends before it.
template <typename T>
T field_or(ByteView payload, size_t at, T absent) {
    return at + sizeof(T) <= payload.size() ? load_le<T>(payload.data() + at) : absent;
}

template <typename Enum>
Enum known_or_auto(uint8_t value, Enum highest) {
    return value <= static_cast<uint8_t>(highest) ? static_cast<Enum>(value) : Enum::Auto;
}

// A string of a length byte and its bytes at `at`; "none" for anything that is not one. The raw length byte is what
// locates the field behind it, even when it is invalid.
std::optional<std::string> text_at(ByteView payload, size_t at, size_t cap) {
    const size_t length = field_or<uint8_t>(payload, at, 0);
    if (length == 0 || length > cap || at + 1 + length > payload.size()) return std::nullopt;
    const std::string_view text(reinterpret_cast<const char*>(payload.data() + at + 1), length);
    if (!is_utf8(text)) return std::nullopt;
    return std::string(text);
}

void write_text(ByteWriter& writer, const std::optional<std::string>& text, size_t cap) {
    const std::string_view cut = text ? cut_at_character(*text, cap) : std::string_view();
    writer.write<uint8_t>(static_cast<uint8_t>(cut.size())).append(cut);
}

}  // namespace

Bytes encode(const Hello& hello) {
    ByteWriter writer;
    writer.append(kHandshakeMagic).write<uint32_t>(hello.abi_version);
    writer.write<uint32_t>(hello.mode.width).write<uint32_t>(hello.mode.height).write<uint32_t>(hello.mode.refresh_hz);
    writer.write<uint8_t>(static_cast<uint8_t>(hello.compositor)).write<uint8_t>(static_cast<uint8_t>(hello.gamepad));
    writer.write<uint32_t>(hello.bitrate_kbps);
    const bool caps = hello.video_caps != 0 || hello.tail;
    const bool launch = hello.launch || caps;
    if (hello.name || launch) write_text(writer, hello.name, kMaxDeviceName);
    if (launch) write_text(writer, hello.launch, kLaunchBytes);
    if (caps) writer.write<uint8_t>(hello.video_caps);
    if (hello.tail) {
        const HelloTail& tail = *hello.tail;
        writer.write<uint8_t>(tail.audio_channels)
            .write<uint8_t>(tail.video_codecs)
            .write<uint8_t>(tail.preferred_codec);
        // The HDR block is present iff 28 bytes remain, so what follows it must stay shorter than that.
        if (tail.display_hdr) writer.append(*tail.display_hdr);
        writer.write<uint8_t>(tail.client_caps).write<uint16_t>(tail.max_shard_payload);
    }
    return std::move(writer).finish();
}

Result<Hello> decode_hello(ByteView payload) {
    if (!starts_with_magic(payload) || payload.size() < kHelloMinimum) {
        return fail(ErrorCode::ProtocolViolation, "not a Hello ({} bytes)", payload.size());
    }
    const uint8_t* at = payload.data();
    Hello hello{.abi_version = load_le<uint32_t>(at + 4),
                .mode = {load_le<uint32_t>(at + 8), load_le<uint32_t>(at + 12), load_le<uint32_t>(at + 16)}};
    hello.compositor = known_or_auto(field_or<uint8_t>(payload, 20, 0), Compositor::Gamescope);
    hello.gamepad = known_or_auto(field_or<uint8_t>(payload, 21, 0), Gamepad::DualSense);
    hello.bitrate_kbps = field_or<uint32_t>(payload, 22, 0);
    const size_t name_at = 26;
    const size_t launch_at = name_at + 1 + field_or<uint8_t>(payload, name_at, 0);
    const size_t caps_at = launch_at + 1 + field_or<uint8_t>(payload, launch_at, 0);
    hello.name = text_at(payload, name_at, kMaxDeviceName);
    hello.launch = text_at(payload, launch_at, kLaunchBytes);
    hello.video_caps = field_or<uint8_t>(payload, caps_at, 0);
    size_t tail_at = caps_at + 1;
    if (payload.size() > tail_at) {
        HelloTail tail;
        tail.audio_channels = field_or<uint8_t>(payload, tail_at, 2);
        tail.video_codecs = field_or<uint8_t>(payload, tail_at + 1, 0);
        tail.preferred_codec = field_or<uint8_t>(payload, tail_at + 2, 0);
        tail_at += 3;
        if (payload.size() >= tail_at + 28) {
            tail.display_hdr.emplace();
            std::copy_n(payload.begin() + static_cast<ptrdiff_t>(tail_at), 28, tail.display_hdr->begin());
            tail_at += 28;
        }
        tail.client_caps = field_or<uint8_t>(payload, tail_at, 0);
        tail.max_shard_payload = field_or<uint16_t>(payload, tail_at + 1, 0);
        hello.tail = tail;
    }
    return hello;
}

Bytes encode(const Welcome& welcome) {
    ByteWriter writer;
    writer.append(kHandshakeMagic).write<uint32_t>(welcome.abi_version).write<uint16_t>(welcome.udp_port);
    writer.write<uint32_t>(welcome.mode.width)
        .write<uint32_t>(welcome.mode.height)
        .write<uint32_t>(welcome.mode.refresh_hz);
    writer.write<uint8_t>(welcome.fec_scheme)
        .write<uint8_t>(welcome.fec_percent)
        .write<uint16_t>(welcome.max_data_per_block);
    writer.write<uint16_t>(welcome.shard_payload)
        .write<uint8_t>(welcome.encrypt ? 1 : 0)
        .append(welcome.key)
        .append(welcome.salt);
    writer.write<uint32_t>(welcome.frames);
    writer.write<uint8_t>(static_cast<uint8_t>(welcome.compositor))
        .write<uint8_t>(static_cast<uint8_t>(welcome.gamepad));
    writer.write<uint32_t>(welcome.bitrate_kbps).write<uint8_t>(welcome.bit_depth);
    if (welcome.tail) {
        const WelcomeTail& tail = *welcome.tail;
        writer.append(tail.colour).write<uint8_t>(tail.chroma_format_idc).write<uint8_t>(tail.audio_channels);
        writer.write<uint8_t>(tail.codec).write<uint8_t>(tail.host_caps);
    }
    return std::move(writer).finish();
}

Result<Welcome> decode_welcome(ByteView payload) {
    if (!starts_with_magic(payload) || payload.size() < kWelcomeMinimum) {
        return fail(ErrorCode::ProtocolViolation, "not a Welcome ({} bytes)", payload.size());
    }
    const uint8_t* at = payload.data();
    Welcome welcome{.abi_version = load_le<uint32_t>(at + 4),
                    .udp_port = load_le<uint16_t>(at + 8),
                    .mode = {load_le<uint32_t>(at + 10), load_le<uint32_t>(at + 14), load_le<uint32_t>(at + 18)},
                    .fec_scheme = at[22],
                    .fec_percent = at[23],
                    .max_data_per_block = load_le<uint16_t>(at + 24),
                    .shard_payload = load_le<uint16_t>(at + 26),
                    .encrypt = at[28] != 0,
                    .frames = load_le<uint32_t>(at + 49)};
    std::copy_n(at + 29, welcome.key.size(), welcome.key.begin());
    std::copy_n(at + 45, welcome.salt.size(), welcome.salt.begin());
    welcome.compositor = known_or_auto(field_or<uint8_t>(payload, 53, 0), Compositor::Gamescope);
    welcome.gamepad = known_or_auto(field_or<uint8_t>(payload, 54, 0), Gamepad::DualSense);
    welcome.bitrate_kbps = field_or<uint32_t>(payload, 55, 0);
    welcome.bit_depth = field_or<uint8_t>(payload, 59, 8);
    if (payload.size() > 60) {
        WelcomeTail tail;
        for (size_t i = 0; i < tail.colour.size(); ++i)
            tail.colour[i] = field_or<uint8_t>(payload, 60 + i, tail.colour[i]);
        tail.chroma_format_idc = field_or<uint8_t>(payload, 64, 1);
        tail.audio_channels = field_or<uint8_t>(payload, 65, 2);
        tail.codec = field_or<uint8_t>(payload, 66, kCodecHevc);
        tail.host_caps = field_or<uint8_t>(payload, 67, 0);
        welcome.tail = tail;
    }
    return welcome;
}

Bytes encode(const Start& start) {
    ByteWriter writer;
    writer.append(kHandshakeMagic).write<uint16_t>(start.client_udp_port);
    return std::move(writer).finish();
}

Result<Start> decode_start(ByteView payload) {
    if (!starts_with_magic(payload) || payload.size() < kStartMinimum) {
        return fail(ErrorCode::ProtocolViolation, "not a Start ({} bytes)", payload.size());
    }
    return Start{load_le<uint16_t>(payload.data() + 4)};
}

}  // namespace punktfunk::wire
