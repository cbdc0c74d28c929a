// What a page that plays and the host say to each other over a WebSocket (docs/browser.md). Bytes and values only.
//
// Text messages are JSON objects with a "type". Binary ones, from the page: an input event as in punktfunk/1 (spec §6).
// From the host: a header of 12 bytes, then an access unit (H.264, Annex B) or an Opus packet.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "punktfunk/base/error.hpp"
#include "punktfunk/display/display.hpp"

namespace punktfunk::browser {

// {"type": "start", "width": 1280, "height": 720, "refresh_hz": 60, "bitrate_kbps": 8000, "sound": true}
struct Start {
    display::Mode mode;
    uint32_t bitrate_kbps = 8000;
    bool sound = true;
};
// {"type": "resize", "width": 1024, "height": 768, "refresh_hz": 60}
struct Resize {
    display::Mode mode;
};
// {"type": "keyframe"}
struct Keyframe {};
using PageMessage = std::variant<Start, Resize, Keyframe>;

inline constexpr size_t kMaxPageMessage = 1024;  // bytes, text or binary

// Sides are rounded down to even numbers. ProtocolViolation names the member that is wrong; members that are not known
// are wrong, too.
[[nodiscard]] Result<PageMessage> parse_page_message(std::string_view text);

[[nodiscard]] std::string started_message(const display::Mode& mode, std::string_view encoder, bool sound);
[[nodiscard]] std::string mode_message(const display::Mode& mode, bool accepted);
[[nodiscard]] std::string ended_message(std::string_view reason);

enum class MediaKind : uint8_t { Video = 1, Sound = 2 };
// kind, flags (1: keyframe), two bytes of zero, then microseconds of CLOCK_REALTIME, little-endian.
inline constexpr size_t kMediaHeaderBytes = 12;
[[nodiscard]] std::array<uint8_t, kMediaHeaderBytes> media_header(MediaKind kind, bool keyframe, uint64_t pts_ns);

}  // namespace punktfunk::browser
