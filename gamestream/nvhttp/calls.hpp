// Requests as values: one struct for each thing a client can ask (spec §2.3, §2.8, §3.2).
//
//   auto call = route(target, access);
//   if (!call) send(call.error());   // a stranger, an unknown path, a malformed request: the answer is ready
//   else std::visit(..., *call);
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "punktfunk/base/bytes.hpp"
#include "request.hpp"
#include "response.hpp"
#include "server_info.hpp"
#include "session_secret.hpp"

namespace punktfunk::nvhttp {

struct ServerInfoCall {};
struct AppListCall {};
struct CancelCall {};
struct AppAssetCall {
    int32_t app_id = 0;
};
// Aborts that client's pending pairing; over an authorised connection it may also remove its certificate.
struct UnpairCall {
    std::string unique_id;
};

inline constexpr size_t kMaxUniqueId = 64;

namespace pair_phase {
struct GetServerCertificate {
    std::string salt_text;  // 32 hex digits as they came: Apollo's token is made of the text
    std::array<uint8_t, 16> salt{};
    std::string client_certificate_pem;  // not parsed yet
    std::string otpauth;                 // Apollo's one-time token, hex; empty: none
};
struct ClientChallenge {
    std::array<uint8_t, 16> encrypted{};
};
struct ServerChallengeResponse {
    std::array<uint8_t, 32> encrypted{};
};
struct ClientPairingSecret {
    std::array<uint8_t, 16> secret{};
    Bytes signature;
};
struct PairChallenge {};
// A phase that cannot be read still ends the ceremony it belongs to (spec §3.3).
struct Malformed {
    std::string why;
};
}  // namespace pair_phase

struct PairCall {
    std::string unique_id;    // the same constant in many clients: no identity
    std::string device_name;  // as sent, "roth" from stock clients; make it fit to show before showing it
    std::variant<pair_phase::GetServerCertificate, pair_phase::ClientChallenge, pair_phase::ServerChallengeResponse,
                 pair_phase::ClientPairingSecret, pair_phase::PairChallenge, pair_phase::Malformed>
        phase;
};

struct DisplayMode {
    uint32_t width = 0, height = 0;   // 1..8192
    uint32_t refresh_millihertz = 0;  // 1000..1'000'000; 59940 is 59.94 Hz
    bool operator==(const DisplayMode&) const = default;
};
// "1920x1080x60", "1920x1080x59.94", or "1920x1080x59940".
[[nodiscard]] std::optional<DisplayMode> parse_mode(std::string_view text);

struct AudioChannels {
    uint32_t count = 2;  // 2, 6 or 8
    uint32_t mask = 3;   // WAVEFORMATEXTENSIBLE speaker bits
    bool operator==(const AudioChannels&) const = default;
};
// surroundAudioInfo: (mask << 16) | count, in decimal.
[[nodiscard]] std::optional<AudioChannels> parse_surround_audio_info(std::string_view text);
// rikeyid: a signed 32-bit number in decimal, as its bits.
[[nodiscard]] std::optional<uint32_t> parse_key_id(std::string_view text);

// /launch and /resume. What older clients leave out has the value they mean.
struct LaunchCall {
    bool resume = false;
    int32_t app_id = 0;               // always there on launch; 0 on a resume that does not say
    std::optional<DisplayMode> mode;  // ANNOUNCE's viewport is what counts in the end
    SessionSecret secret;
    bool may_change_mode = false;     // sops
    bool hdr = false;                 // the client can show HDR and wants it
    bool play_audio_on_host = false;  // localAudioPlayMode: the host's speakers stay on
    bool continuous_audio = false;    // silence is sent as sound
    AudioChannels audio;
    uint32_t gamepads = 0;        // bit n: gamepad n is connected
    bool keep_gamepads = false;   // gcpersist: virtual gamepads outlive the connection
    uint32_t client_version = 0;  // corever; 0 knows no encrypted RTSP or video
    std::string surround_params;  // digits of a custom Opus layout; empty: none

    // Whether sessionUrl0 is rtspenc://. What it says holds for the whole session.
    [[nodiscard]] bool encrypts_rtsp() const { return client_version >= 1; }
};

using Call = std::variant<ServerInfoCall, PairCall, UnpairCall, AppListCall, AppAssetCall, LaunchCall, CancelCall>;

// Which request it is, whether it may be made that way, and its parameters. Unknown parameters are ignored. Never a
// PairCall of phases 1 to 4 over TLS, nor PairChallenge without a paired certificate.
[[nodiscard]] std::expected<Call, Response> route(const Request& request, Access access);
// The same from the text between GET and HTTP/1.1.
[[nodiscard]] std::expected<Call, Response> route(std::string_view target, Access access);

}  // namespace punktfunk::nvhttp
