// The connect family and the planes, spec §9.6.
#include <algorithm>
#include <memory>

#include "boundary.hpp"
#include "events.hpp"
#include "punktfunk/client/native_client.hpp"
#include "punktfunk/wire/utf8.hpp"

using namespace punktfunk;
using abi::guard;
using std::chrono::milliseconds;

struct PunktfunkConnection {
    std::unique_ptr<client::NativeClient> client;
    // What next_au and next_audio last handed out; each belongs to its plane's thread.
    client::ReceivedFrame frame;
    client::ReceivedAudio audio;
};

namespace {

// Any value that is not one of the enumeration's is Auto.
template <typename Enum>
Enum known_or_auto(uint32_t value, Enum highest) {
    return value <= static_cast<uint32_t>(highest) ? static_cast<Enum>(value) : Enum::Auto;
}

PunktfunkStatus plane_status(const Error& error) {
    return error.code == ErrorCode::Timeout ? PUNKTFUNK_STATUS_NO_FRAME : PUNKTFUNK_STATUS_CLOSED;
}

PunktfunkStatus sent(bool alive) {
    return alive ? PUNKTFUNK_STATUS_OK : PUNKTFUNK_STATUS_CLOSED;
}

// Runs `body(client)` when the handle is there.
template <typename Body>
PunktfunkStatus with(const PunktfunkConnection* connection, Body&& body) {
    return guard([&]() -> PunktfunkStatus {
        return connection == nullptr ? PUNKTFUNK_STATUS_NULL_POINTER : body(*connection->client);
    });
}

struct ToC {
    PunktfunkHidOutput out{};
    void operator()(const wire::Lightbar& light) {
        out.kind = PUNKTFUNK_HIDOUT_LED;
        out.pad = light.pad;
        out.r = light.r;
        out.g = light.g;
        out.b = light.b;
    }
    void operator()(const wire::PlayerLeds& leds) {
        out.kind = PUNKTFUNK_HIDOUT_PLAYER_LEDS;
        out.pad = leds.pad;
        out.player_bits = leds.bits;
    }
    void operator()(const wire::TriggerEffect& trigger) {
        out.kind = PUNKTFUNK_HIDOUT_TRIGGER;
        out.pad = trigger.pad;
        out.which = trigger.which;
        out.effect_len = trigger.length;
        std::copy_n(trigger.effect.begin(), trigger.length, out.effect);
    }
};

std::optional<wire::RichInput> from_c(const PunktfunkRichInput& input) {
    if (input.kind == PUNKTFUNK_RICH_TOUCHPAD)
        return wire::Touchpad{input.pad, input.finger, input.active != 0, input.x, input.y};
    if (input.kind != PUNKTFUNK_RICH_MOTION) return std::nullopt;
    wire::Motion motion{.pad = input.pad};
    std::ranges::copy(input.gyro, motion.gyro.begin());
    std::ranges::copy(input.accel, motion.accel.begin());
    return motion;
}

}  // namespace

PunktfunkConnection* punktfunk_connect_ex4(const char* host, uint16_t port, uint32_t width, uint32_t height,
                                           uint32_t refresh_hz, uint32_t compositor, uint32_t gamepad,
                                           uint32_t bitrate_kbps, const char* launch_id, const uint8_t* pin_sha256,
                                           uint8_t* observed_sha256_out, const char* client_cert_pem,
                                           const char* client_key_pem, uint32_t timeout_ms) {
    return guard(
        [&]() -> PunktfunkConnection* {
            if (host == nullptr || (client_cert_pem == nullptr) != (client_key_pem == nullptr)) return nullptr;
            client::ConnectOptions options;
            options.host = host;
            options.port = port;
            options.timeout = milliseconds(timeout_ms);
            options.hello.mode = {width, height, refresh_hz};
            options.hello.compositor = known_or_auto(compositor, wire::Compositor::Gamescope);
            options.hello.gamepad = known_or_auto(gamepad, wire::Gamepad::DualSense);
            options.hello.bitrate_kbps = bitrate_kbps;
            if (launch_id != nullptr && *launch_id != '\0' && wire::is_utf8(launch_id))
                options.hello.launch = launch_id;
            if (pin_sha256 != nullptr) std::copy_n(pin_sha256, 32, options.pin.emplace().begin());
            if (client_cert_pem != nullptr) {
                auto identity = crypto::parse_identity(client_cert_pem, client_key_pem);
                if (!identity) return nullptr;
                options.identity = std::move(*identity);
            }
            auto connected = client::NativeClient::connect(options);
            if (!connected) return nullptr;
            auto connection = std::make_unique<PunktfunkConnection>();
            connection->client = std::move(*connected);
            if (observed_sha256_out != nullptr)
                std::ranges::copy(connection->client->host_fingerprint(), observed_sha256_out);
            return connection.release();
        },
        nullptr);
}

PunktfunkConnection* punktfunk_connect_ex3(const char* host, uint16_t port, uint32_t width, uint32_t height,
                                           uint32_t refresh_hz, uint32_t compositor, uint32_t gamepad,
                                           uint32_t bitrate_kbps, const uint8_t* pin_sha256,
                                           uint8_t* observed_sha256_out, const char* client_cert_pem,
                                           const char* client_key_pem, uint32_t timeout_ms) {
    return punktfunk_connect_ex4(host, port, width, height, refresh_hz, compositor, gamepad, bitrate_kbps, nullptr,
                                 pin_sha256, observed_sha256_out, client_cert_pem, client_key_pem, timeout_ms);
}

PunktfunkConnection* punktfunk_connect_ex2(const char* host, uint16_t port, uint32_t width, uint32_t height,
                                           uint32_t refresh_hz, uint32_t compositor, uint32_t gamepad,
                                           const uint8_t* pin_sha256, uint8_t* observed_sha256_out,
                                           const char* client_cert_pem, const char* client_key_pem,
                                           uint32_t timeout_ms) {
    return punktfunk_connect_ex3(host, port, width, height, refresh_hz, compositor, gamepad, 0, pin_sha256,
                                 observed_sha256_out, client_cert_pem, client_key_pem, timeout_ms);
}

PunktfunkConnection* punktfunk_connect_ex(const char* host, uint16_t port, uint32_t width, uint32_t height,
                                          uint32_t refresh_hz, uint32_t compositor, const uint8_t* pin_sha256,
                                          uint8_t* observed_sha256_out, const char* client_cert_pem,
                                          const char* client_key_pem, uint32_t timeout_ms) {
    return punktfunk_connect_ex2(host, port, width, height, refresh_hz, compositor, PUNKTFUNK_GAMEPAD_AUTO, pin_sha256,
                                 observed_sha256_out, client_cert_pem, client_key_pem, timeout_ms);
}

PunktfunkConnection* punktfunk_connect(const char* host, uint16_t port, uint32_t width, uint32_t height,
                                       uint32_t refresh_hz, const uint8_t* pin_sha256, uint8_t* observed_sha256_out,
                                       const char* client_cert_pem, const char* client_key_pem, uint32_t timeout_ms) {
    return punktfunk_connect_ex(host, port, width, height, refresh_hz, PUNKTFUNK_COMPOSITOR_AUTO, pin_sha256,
                                observed_sha256_out, client_cert_pem, client_key_pem, timeout_ms);
}

PunktfunkStatus punktfunk_connection_next_au(PunktfunkConnection* connection, PunktfunkFrame* out,
                                             uint32_t timeout_ms) {
    return with(connection, [&](client::NativeClient& client) {
        if (out == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
        connection->frame = {};  // its memory serves the next one
        auto frame = client.next_frame(milliseconds(timeout_ms));
        if (!frame) return plane_status(frame.error());
        connection->frame = std::move(*frame);
        const client::ReceivedFrame& held = connection->frame;
        *out = {held.data.data(), held.data.size(), held.frame_index, held.pts_ns, held.user_flags};
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_connection_next_audio(PunktfunkConnection* connection, PunktfunkAudioPacket* out,
                                                uint32_t timeout_ms) {
    return with(connection, [&](client::NativeClient& client) {
        if (out == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
        auto packet = client.next_audio(milliseconds(timeout_ms));
        if (!packet) return plane_status(packet.error());
        connection->audio = std::move(*packet);
        const client::ReceivedAudio& held = connection->audio;
        *out = {held.opus.data(), held.opus.size(), held.seq, held.pts_ns};
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_connection_next_rumble(PunktfunkConnection* connection, uint16_t* pad, uint16_t* low,
                                                 uint16_t* high, uint32_t timeout_ms) {
    return with(connection, [&](client::NativeClient& client) {
        const auto rumble = client.next_rumble(milliseconds(timeout_ms));
        if (!rumble) return plane_status(rumble.error());
        abi::store_if(pad, rumble->pad);
        abi::store_if(low, rumble->low);
        abi::store_if(high, rumble->high);
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_connection_next_hidout(PunktfunkConnection* connection, PunktfunkHidOutput* out,
                                                 uint32_t timeout_ms) {
    return with(connection, [&](client::NativeClient& client) {
        if (out == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
        const auto output = client.next_hid_output(milliseconds(timeout_ms));
        if (!output) return plane_status(output.error());
        ToC to_c;
        std::visit(to_c, *output);
        *out = to_c.out;
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_connection_send_input(PunktfunkConnection* connection, const PunktfunkInputEvent* event) {
    return with(connection, [&](client::NativeClient& client) {
        if (event == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
        const auto known = abi::from_c(*event);
        return known ? sent(client.send_input(*known)) : PUNKTFUNK_STATUS_INVALID_ARG;
    });
}

PunktfunkStatus punktfunk_connection_send_mic(PunktfunkConnection* connection, const uint8_t* opus, uintptr_t len,
                                              uint32_t seq, uint64_t pts_ns) {
    return with(connection, [&](client::NativeClient& client) {
        if (opus == nullptr && len > 0) return PUNKTFUNK_STATUS_NULL_POINTER;
        if (len > MAX_DATAGRAM_BYTES) return PUNKTFUNK_STATUS_INVALID_ARG;
        return sent(client.send_mic({seq, pts_ns, {opus, len}}));
    });
}

PunktfunkStatus punktfunk_connection_send_rich_input(PunktfunkConnection* connection, const PunktfunkRichInput* input) {
    return with(connection, [&](client::NativeClient& client) {
        if (input == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
        const auto known = from_c(*input);
        return known ? sent(client.send_rich_input(*known)) : PUNKTFUNK_STATUS_INVALID_ARG;
    });
}

PunktfunkStatus punktfunk_connection_mode(const PunktfunkConnection* connection, uint32_t* width, uint32_t* height,
                                          uint32_t* refresh_hz) {
    return with(connection, [&](client::NativeClient& client) {
        const wire::Mode mode = client.mode();
        abi::store_if(width, mode.width);
        abi::store_if(height, mode.height);
        abi::store_if(refresh_hz, mode.refresh_hz);
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_connection_gamepad(const PunktfunkConnection* connection, uint32_t* out) {
    return with(connection, [&](client::NativeClient& client) {
        abi::store_if(out, static_cast<uint32_t>(client.welcome().gamepad));
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_connection_compositor(const PunktfunkConnection* connection, uint32_t* out) {
    return with(connection, [&](client::NativeClient& client) {
        abi::store_if(out, static_cast<uint32_t>(client.welcome().compositor));
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_connection_bitrate(const PunktfunkConnection* connection, uint32_t* out) {
    return with(connection, [&](client::NativeClient& client) {
        abi::store_if(out, client.welcome().bitrate_kbps);
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_connection_clock_offset_ns(const PunktfunkConnection* connection, int64_t* out) {
    return with(connection, [&](client::NativeClient& client) {
        const auto clock = client.clock();
        abi::store_if(out, clock ? clock->offset_ns : 0);
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_connection_request_mode(const PunktfunkConnection* connection, uint32_t width,
                                                  uint32_t height, uint32_t refresh_hz) {
    return with(connection,
                [&](client::NativeClient& client) { return sent(client.request_mode({width, height, refresh_hz})); });
}

PunktfunkStatus punktfunk_connection_request_keyframe(const PunktfunkConnection* connection) {
    return with(connection, [](client::NativeClient& client) { return sent(client.request_keyframe()); });
}

PunktfunkStatus punktfunk_connection_speed_test(const PunktfunkConnection* connection, uint32_t target_kbps,
                                                uint32_t duration_ms) {
    return with(connection,
                [&](client::NativeClient& client) { return sent(client.start_probe({target_kbps, duration_ms})); });
}

PunktfunkStatus punktfunk_connection_probe_result(const PunktfunkConnection* connection, PunktfunkProbeResult* out) {
    return with(connection, [&](client::NativeClient& client) {
        if (out == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
        const client::ProbeReport report = client.probe_report();
        *out = {.done = static_cast<uint8_t>(report.done ? 1 : 0),
                .recv_bytes = report.recv_bytes,
                .recv_packets = report.recv_units,
                .host_bytes = report.host_bytes,
                .host_packets = report.host_units,
                .elapsed_ms = report.elapsed_ms,
                .throughput_kbps = report.throughput_kbps,
                .loss_pct = report.loss_pct};
        return PUNKTFUNK_STATUS_OK;
    });
}

void punktfunk_connection_close(PunktfunkConnection* connection) {
    delete connection;
}
