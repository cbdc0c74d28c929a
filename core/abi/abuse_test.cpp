// Every function, called wrongly: a status or NULL comes back, and nothing else happens. Runs under the sanitizers too.
#include <gtest/gtest.h>

#include <memory>

#include "boundary.hpp"
#include "punktfunk/testing/fake_host.hpp"
#include "testing.hpp"

namespace punktfunk::abi {

namespace {

constexpr auto kNull = PUNKTFUNK_STATUS_NULL_POINTER;
constexpr auto kInvalid = PUNKTFUNK_STATUS_INVALID_ARG;

struct Sessions {
    PunktfunkSession *host = nullptr, *client = nullptr;
    Sessions() {
        const auto host_config = config_for(0), client_config = config_for(1);
        EXPECT_EQ(punktfunk_test_loopback_pair(&host_config, &client_config, &host, &client), PUNKTFUNK_STATUS_OK);
    }
    ~Sessions() {
        punktfunk_session_free(host);
        punktfunk_session_free(client);
    }
};

}  // namespace

TEST(Abuse, PlainSessionsWithoutPointers) {
    const Sessions sessions;
    const auto config = config_for(0);
    const PunktfunkInputEvent event{};
    PunktfunkFrame frame{};
    PunktfunkStats stats{};
    PunktfunkSession* out = nullptr;
    EXPECT_EQ(punktfunk_session_new(nullptr, "127.0.0.1:0", "127.0.0.1:9"), nullptr);
    EXPECT_EQ(punktfunk_session_new(&config, nullptr, "127.0.0.1:9"), nullptr);
    EXPECT_EQ(punktfunk_session_new(&config, "127.0.0.1:0", nullptr), nullptr);
    EXPECT_EQ(punktfunk_test_loopback_pair(nullptr, &config, &out, &out), kNull);
    EXPECT_EQ(punktfunk_test_loopback_pair(&config, nullptr, &out, &out), kNull);
    EXPECT_EQ(punktfunk_test_loopback_pair(&config, &config, nullptr, &out), kNull);
    EXPECT_EQ(punktfunk_test_loopback_pair(&config, &config, &out, nullptr), kNull);
    punktfunk_session_free(nullptr);
    EXPECT_EQ(punktfunk_host_submit_frame(nullptr, nullptr, 0, 0, 0), kNull);
    EXPECT_EQ(punktfunk_host_submit_frame(sessions.host, nullptr, 1, 0, 0), kNull);
    EXPECT_EQ(punktfunk_client_poll_frame(nullptr, &frame), kNull);
    EXPECT_EQ(punktfunk_client_poll_frame(sessions.client, nullptr), kNull);
    EXPECT_EQ(punktfunk_send_input(nullptr, &event), kNull);
    EXPECT_EQ(punktfunk_send_input(sessions.client, nullptr), kNull);
    EXPECT_EQ(punktfunk_set_input_callback(nullptr, nullptr, nullptr), kNull);
    EXPECT_EQ(punktfunk_host_poll_input(nullptr), int32_t{kNull});
    EXPECT_EQ(punktfunk_get_stats(nullptr, &stats), kNull);
    EXPECT_EQ(punktfunk_get_stats(sessions.host, nullptr), kNull);
}

TEST(Abuse, TheWrongEndOfASession) {
    const Sessions sessions;
    const PunktfunkInputEvent event{};
    const uint8_t byte = 0;
    PunktfunkFrame frame{};
    EXPECT_EQ(punktfunk_host_submit_frame(sessions.client, &byte, 1, 0, 0), kInvalid);
    EXPECT_EQ(punktfunk_client_poll_frame(sessions.host, &frame), kInvalid);
    EXPECT_EQ(punktfunk_send_input(sessions.host, &event), kInvalid);
    EXPECT_EQ(punktfunk_host_poll_input(sessions.client), int32_t{kInvalid});
    const auto host = config_for(0), client = config_for(1);
    PunktfunkSession *a = nullptr, *b = nullptr;
    EXPECT_EQ(punktfunk_test_loopback_pair(&client, &host, &a, &b), kInvalid);
    EXPECT_EQ(punktfunk_test_loopback_pair(&host, &host, &a, &b), kInvalid);
    EXPECT_FALSE(a || b);
}

TEST(Abuse, AConfigurationThatEndsEarlyIsNotReadOn) {
    // Four bytes on the heap: one byte read behind them is an error to AddressSanitizer.
    const auto short_config = std::make_unique<uint32_t>(4);
    const auto* config = reinterpret_cast<const PunktfunkConfig*>(short_config.get());
    PunktfunkSession *host = nullptr, *client = nullptr;
    const auto good = config_for(1);
    EXPECT_EQ(punktfunk_session_new(config, "127.0.0.1:0", "127.0.0.1:9"), nullptr);
    EXPECT_EQ(punktfunk_test_loopback_pair(config, &good, &host, &client), kInvalid);
}

TEST(Abuse, AddressesThatAreNone) {
    const auto config = config_for(1);
    for (const char* bad : {"", ":", "127.0.0.1", "127.0.0.1:", ":9", "127.0.0.1:notaport", "127.0.0.1:99999999",
                            "[::1", "[::1]", "256.1.1.1:9", "\xff\xfe:1", "no such name:9"}) {
        EXPECT_EQ(punktfunk_session_new(&config, bad, "127.0.0.1:9"), nullptr) << bad;
        EXPECT_EQ(punktfunk_session_new(&config, "127.0.0.1:0", bad), nullptr) << bad;
    }
    EXPECT_EQ(punktfunk_session_new(&config, "127.0.0.1:0", "127.0.0.1:0"), nullptr) << "nobody to send to";
    EXPECT_EQ(punktfunk_session_new(&config, "192.0.2.1:0", "127.0.0.1:9"), nullptr) << "not this machine's";
}

TEST(Abuse, KindsThatAreNone) {
    const Sessions sessions;
    testing::FakeHost host;
    PunktfunkConnection* connection =
        punktfunk_connect("127.0.0.1", host.port(), 640, 360, 30, nullptr, nullptr, nullptr, nullptr, 5000);
    ASSERT_NE(connection, nullptr);
    for (unsigned kind = 0; kind < 256; ++kind) {
        PunktfunkInputEvent event{};
        event.kind = static_cast<PunktfunkInputKind>(kind);
        const auto expected = kind <= PUNKTFUNK_INPUT_KIND_TOUCH_UP ? PUNKTFUNK_STATUS_OK : kInvalid;
        EXPECT_EQ(punktfunk_send_input(sessions.client, &event), expected);
        EXPECT_EQ(punktfunk_connection_send_input(connection, &event), expected);
        PunktfunkRichInput rich{};
        rich.kind = static_cast<uint8_t>(kind);
        EXPECT_EQ(punktfunk_connection_send_rich_input(connection, &rich),
                  kind == 1 || kind == 2 ? PUNKTFUNK_STATUS_OK : kInvalid);
    }
    EXPECT_EQ(punktfunk_host_poll_input(sessions.host), 12);
    punktfunk_connection_close(connection);
}

TEST(Abuse, ConnectionsWithoutPointers) {
    EXPECT_EQ(punktfunk_connect(nullptr, 1, 1, 1, 1, nullptr, nullptr, nullptr, nullptr, 1), nullptr);
    EXPECT_EQ(punktfunk_connect_ex(nullptr, 1, 1, 1, 1, 1, nullptr, nullptr, nullptr, nullptr, 1), nullptr);
    EXPECT_EQ(punktfunk_connect_ex2(nullptr, 1, 1, 1, 1, 1, 1, nullptr, nullptr, nullptr, nullptr, 1), nullptr);
    EXPECT_EQ(punktfunk_connect_ex3(nullptr, 1, 1, 1, 1, 1, 1, 1, nullptr, nullptr, nullptr, nullptr, 1), nullptr);
    EXPECT_EQ(punktfunk_connect_ex4(nullptr, 1, 1, 1, 1, 1, 1, 1, nullptr, nullptr, nullptr, nullptr, nullptr, 1),
              nullptr);
    EXPECT_EQ(punktfunk_connect("127.0.0.1", 9, 1, 1, 1, nullptr, nullptr, nullptr, nullptr, 0), nullptr) << "no time";

    PunktfunkFrame frame{};
    PunktfunkAudioPacket audio{};
    PunktfunkHidOutput hid{};
    PunktfunkProbeResult probe{};
    const PunktfunkInputEvent event{};
    const PunktfunkRichInput rich{};
    uint32_t number = 0;
    int64_t offset = 0;
    EXPECT_EQ(punktfunk_connection_next_au(nullptr, &frame, 0), kNull);
    EXPECT_EQ(punktfunk_connection_next_audio(nullptr, &audio, 0), kNull);
    EXPECT_EQ(punktfunk_connection_next_rumble(nullptr, nullptr, nullptr, nullptr, 0), kNull);
    EXPECT_EQ(punktfunk_connection_next_hidout(nullptr, &hid, 0), kNull);
    EXPECT_EQ(punktfunk_connection_send_input(nullptr, &event), kNull);
    EXPECT_EQ(punktfunk_connection_send_mic(nullptr, nullptr, 0, 0, 0), kNull);
    EXPECT_EQ(punktfunk_connection_send_rich_input(nullptr, &rich), kNull);
    EXPECT_EQ(punktfunk_connection_mode(nullptr, &number, &number, &number), kNull);
    EXPECT_EQ(punktfunk_connection_gamepad(nullptr, &number), kNull);
    EXPECT_EQ(punktfunk_connection_compositor(nullptr, &number), kNull);
    EXPECT_EQ(punktfunk_connection_bitrate(nullptr, &number), kNull);
    EXPECT_EQ(punktfunk_connection_clock_offset_ns(nullptr, &offset), kNull);
    EXPECT_EQ(punktfunk_connection_request_mode(nullptr, 1, 1, 1), kNull);
    EXPECT_EQ(punktfunk_connection_request_keyframe(nullptr), kNull);
    EXPECT_EQ(punktfunk_connection_speed_test(nullptr, 1, 1), kNull);
    EXPECT_EQ(punktfunk_connection_probe_result(nullptr, &probe), kNull);
    punktfunk_connection_close(nullptr);

    testing::FakeHost host;
    PunktfunkConnection* connection =
        punktfunk_connect("127.0.0.1", host.port(), 640, 360, 30, nullptr, nullptr, nullptr, nullptr, 5000);
    ASSERT_NE(connection, nullptr);
    EXPECT_EQ(punktfunk_connection_next_au(connection, nullptr, 0), kNull);
    EXPECT_EQ(punktfunk_connection_next_audio(connection, nullptr, 0), kNull);
    EXPECT_EQ(punktfunk_connection_next_hidout(connection, nullptr, 0), kNull);
    EXPECT_EQ(punktfunk_connection_send_input(connection, nullptr), kNull);
    EXPECT_EQ(punktfunk_connection_send_mic(connection, nullptr, 1, 0, 0), kNull);
    EXPECT_EQ(punktfunk_connection_send_rich_input(connection, nullptr), kNull);
    EXPECT_EQ(punktfunk_connection_probe_result(connection, nullptr), kNull);
    EXPECT_EQ(punktfunk_connection_mode(connection, nullptr, nullptr, nullptr), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_connection_gamepad(connection, nullptr), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_connection_compositor(connection, nullptr), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_connection_bitrate(connection, nullptr), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_connection_clock_offset_ns(connection, nullptr), PUNKTFUNK_STATUS_OK);
    const uint8_t opus[MAX_DATAGRAM_BYTES] = {};
    EXPECT_EQ(punktfunk_connection_send_mic(connection, opus, SIZE_MAX, 0, 0), kInvalid) << "not one byte is read";
    EXPECT_EQ(punktfunk_connection_send_mic(connection, opus, sizeof opus, 0, 0), PUNKTFUNK_STATUS_OK);
    punktfunk_connection_close(connection);
}

TEST(Abuse, PairingWithoutPointers) {
    char certificate[4096], key[4096];
    uint8_t fingerprint[32];
    ASSERT_EQ(punktfunk_generate_identity(certificate, sizeof certificate, key, sizeof key), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_generate_identity(nullptr, 4096, key, sizeof key), kNull);
    EXPECT_EQ(punktfunk_generate_identity(certificate, sizeof certificate, nullptr, 4096), kNull);
    EXPECT_EQ(punktfunk_pair(nullptr, 9, certificate, key, "0427", "x", fingerprint, 1), kNull);
    EXPECT_EQ(punktfunk_pair("127.0.0.1", 9, nullptr, key, "0427", "x", fingerprint, 1), kNull);
    EXPECT_EQ(punktfunk_pair("127.0.0.1", 9, certificate, nullptr, "0427", "x", fingerprint, 1), kNull);
    EXPECT_EQ(punktfunk_pair("127.0.0.1", 9, certificate, key, nullptr, "x", fingerprint, 1), kNull);
    EXPECT_EQ(punktfunk_pair("127.0.0.1", 9, certificate, key, "0427", nullptr, fingerprint, 1), kNull);
    EXPECT_EQ(punktfunk_pair("127.0.0.1", 9, certificate, key, "0427", "x", nullptr, 1), kNull);
}

TEST(Abuse, WhatIsThrownStopsAtTheBoundary) {
    EXPECT_EQ(guard([]() -> PunktfunkStatus { throw std::bad_alloc(); }), PUNKTFUNK_STATUS_PANIC);
    EXPECT_EQ(guard([]() -> int* { throw 1; }, nullptr), nullptr);
    const Sessions sessions;
    const PunktfunkInputEvent event{};
    ASSERT_EQ(punktfunk_send_input(sessions.client, &event), PUNKTFUNK_STATUS_OK);
    const auto thrower = [](const PunktfunkInputEvent*, void*) { throw std::runtime_error("from the callback"); };
    ASSERT_EQ(punktfunk_set_input_callback(sessions.host, thrower, nullptr), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_host_poll_input(sessions.host), int32_t{PUNKTFUNK_STATUS_PANIC});
}

}  // namespace punktfunk::abi
