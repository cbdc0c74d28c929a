// Connections through the C interface (spec §9.6), against a host made of core's own parts.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <thread>

#include "boundary.hpp"
#include "punktfunk/testing/fake_host.hpp"

namespace punktfunk::abi {

namespace {

using testing::FakeHost;
using testing::host_identity;
using testing::kFrames;
using testing::picture;
using ConnectionHandle = std::unique_ptr<PunktfunkConnection, decltype(&punktfunk_connection_close)>;

constexpr uint32_t kWaitMs = 5000;

ConnectionHandle to(const FakeHost& host, const uint8_t* pin = nullptr, uint8_t* observed = nullptr) {
    return {punktfunk_connect("127.0.0.1", host.port(), 640, 360, 30, pin, observed, nullptr, nullptr, kWaitMs),
            punktfunk_connection_close};
}

struct Identity {
    char certificate[4096], key[4096];
    Identity() {
        EXPECT_EQ(punktfunk_generate_identity(certificate, sizeof certificate, key, sizeof key), PUNKTFUNK_STATUS_OK);
    }
};

// Waits for `done` by pulling a plane that nothing comes on.
template <typename Done>
bool eventually(const ConnectionHandle& connection, Done done) {
    for (int i = 0; i < 500 && !done(); ++i)
        (void)punktfunk_connection_next_rumble(connection.get(), nullptr, nullptr, nullptr, 10);
    return done();
}

}  // namespace

TEST(AbiConnection, StreamsAndSaysWhenItIsOver) {
    FakeHost host;
    crypto::Fingerprint observed{};
    const auto connection = to(host, host_identity().fingerprint.data(), observed.data());
    ASSERT_TRUE(connection);
    EXPECT_EQ(observed, host_identity().fingerprint);
    PunktfunkFrame frame{};
    for (uint32_t i = 0; i < kFrames; ++i) {
        ASSERT_EQ(punktfunk_connection_next_au(connection.get(), &frame, kWaitMs), PUNKTFUNK_STATUS_OK);
        EXPECT_EQ(Bytes(frame.data, frame.data + frame.len), picture(frame.frame_index));
    }
    EXPECT_EQ(punktfunk_connection_next_au(connection.get(), &frame, 0), PUNKTFUNK_STATUS_NO_FRAME);
    host.close();
    PunktfunkAudioPacket audio{};
    PunktfunkHidOutput hid{};
    PunktfunkInputEvent event{};
    PunktfunkRichInput rich{};
    rich.kind = PUNKTFUNK_RICH_MOTION;
    auto* c = connection.get();
    EXPECT_EQ(punktfunk_connection_next_au(c, &frame, kWaitMs), PUNKTFUNK_STATUS_CLOSED);
    EXPECT_EQ(punktfunk_connection_next_audio(c, &audio, kWaitMs), PUNKTFUNK_STATUS_CLOSED);
    EXPECT_EQ(punktfunk_connection_next_rumble(c, nullptr, nullptr, nullptr, kWaitMs), PUNKTFUNK_STATUS_CLOSED);
    EXPECT_EQ(punktfunk_connection_next_hidout(c, &hid, kWaitMs), PUNKTFUNK_STATUS_CLOSED);
    EXPECT_EQ(punktfunk_connection_send_input(c, &event), PUNKTFUNK_STATUS_CLOSED);
    EXPECT_EQ(punktfunk_connection_send_mic(c, nullptr, 0, 0, 0), PUNKTFUNK_STATUS_CLOSED);
    EXPECT_EQ(punktfunk_connection_send_rich_input(c, &rich), PUNKTFUNK_STATUS_CLOSED);
    EXPECT_EQ(punktfunk_connection_request_mode(c, 1, 1, 1), PUNKTFUNK_STATUS_CLOSED);
    EXPECT_EQ(punktfunk_connection_request_keyframe(c), PUNKTFUNK_STATUS_CLOSED);
    EXPECT_EQ(punktfunk_connection_speed_test(c, 1, 1), PUNKTFUNK_STATUS_CLOSED);
    EXPECT_EQ(punktfunk_connection_mode(c, nullptr, nullptr, nullptr), PUNKTFUNK_STATUS_OK) << "what was agreed stays";
}

TEST(AbiConnection, TheHelloSaysWhatWasAskedForAndTheAnswersAreRead) {
    FakeHost host;
    const auto hello_of = [&](uint32_t compositor, uint32_t gamepad, const char* launch) {
        const ConnectionHandle connection(
            punktfunk_connect_ex4("127.0.0.1", host.port(), 1920, 1080, 60, compositor, gamepad, 12345, launch, nullptr,
                                  nullptr, nullptr, nullptr, kWaitMs),
            punktfunk_connection_close);
        EXPECT_TRUE(connection);
        uint32_t width = 0, height = 0, hz = 0, made = 0, pad = 0, kbps = 0;
        int64_t offset = INT64_MAX;
        EXPECT_EQ(punktfunk_connection_mode(connection.get(), &width, &height, &hz), PUNKTFUNK_STATUS_OK);
        EXPECT_EQ(punktfunk_connection_compositor(connection.get(), &made), PUNKTFUNK_STATUS_OK);
        EXPECT_EQ(punktfunk_connection_gamepad(connection.get(), &pad), PUNKTFUNK_STATUS_OK);
        EXPECT_EQ(punktfunk_connection_bitrate(connection.get(), &kbps), PUNKTFUNK_STATUS_OK);
        EXPECT_EQ(punktfunk_connection_clock_offset_ns(connection.get(), &offset), PUNKTFUNK_STATUS_OK);
        EXPECT_TRUE(width == 1920 && height == 1080 && hz == 60);
        EXPECT_EQ(made, uint32_t{PUNKTFUNK_COMPOSITOR_WLROOTS});
        EXPECT_EQ(pad, uint32_t{PUNKTFUNK_GAMEPAD_DUALSENSE});
        EXPECT_EQ(kbps, 20'000u);
        EXPECT_LT(std::abs(offset), 100'000'000) << "one machine, one clock";
        std::optional<wire::Hello> hello;
        host.wait_until([&](const FakeHost::Journal& said) { return (hello = said.hello).has_value(); });
        return hello.value();
    };
    const auto hello = hello_of(PUNKTFUNK_COMPOSITOR_KWIN, PUNKTFUNK_GAMEPAD_XBOX360, "steam");
    EXPECT_EQ(hello.abi_version, uint32_t{ABI_VERSION});
    EXPECT_EQ(hello.mode, (wire::Mode{1920, 1080, 60}));
    EXPECT_EQ(hello.compositor, wire::Compositor::KWin);
    EXPECT_EQ(hello.gamepad, wire::Gamepad::Xbox360);
    EXPECT_EQ(hello.bitrate_kbps, 12345u);
    EXPECT_EQ(hello.launch, "steam");
    EXPECT_FALSE(hello.name || hello.video_caps || hello.tail) << "§2.3: the library sends none of these";
    const auto vague = hello_of(0x100 + PUNKTFUNK_COMPOSITOR_KWIN, UINT32_MAX, "\xff\xfe");
    EXPECT_EQ(vague.compositor, wire::Compositor::Auto);
    EXPECT_EQ(vague.gamepad, wire::Gamepad::Auto);
    EXPECT_FALSE(vague.launch);
}

TEST(AbiConnection, ShorterFormsLeaveTheRestToTheHost) {
    FakeHost host;
    const auto port = host.port();
    const ConnectionHandle connections[] = {
        {punktfunk_connect("127.0.0.1", port, 8, 8, 8, nullptr, nullptr, nullptr, nullptr, kWaitMs),
         punktfunk_connection_close},
        {punktfunk_connect_ex("127.0.0.1", port, 8, 8, 8, 1, nullptr, nullptr, nullptr, nullptr, kWaitMs),
         punktfunk_connection_close},
        {punktfunk_connect_ex2("127.0.0.1", port, 8, 8, 8, 1, 2, nullptr, nullptr, nullptr, nullptr, kWaitMs),
         punktfunk_connection_close},
        {punktfunk_connect_ex3("127.0.0.1", port, 8, 8, 8, 1, 2, 3, nullptr, nullptr, nullptr, nullptr, kWaitMs),
         punktfunk_connection_close}};
    for (const auto& connection : connections) EXPECT_TRUE(connection);
    EXPECT_TRUE(host.wait_until([](const FakeHost::Journal& said) {
        return said.hello && said.hello->bitrate_kbps == 3 && said.hello->gamepad == wire::Gamepad::DualSense &&
               said.hello->compositor == wire::Compositor::KWin && !said.hello->launch;
    }));
}

TEST(AbiConnection, SidePlanesComeAsStructures) {
    FakeHost host;
    const uint8_t opus[] = {1, 2, 3};
    wire::TriggerEffect trigger{.pad = 1, .which = 1, .length = 11};
    for (uint8_t i = 0; i < 11; ++i) trigger.effect[i] = i;
    std::vector<Bytes> greeting = {wire::encode(wire::AudioPacket{7, 99, opus}),
                                   wire::encode(wire::AudioPacket{8, 100, {}}),
                                   wire::encode(wire::Rumble{2, 3, 4}),
                                   wire::encode(wire::HidOutput(wire::Lightbar{1, 10, 20, 30})),
                                   wire::encode(wire::HidOutput(wire::PlayerLeds{2, 4})),
                                   wire::encode(wire::HidOutput(trigger))};
    greeting.back().push_back(99);  // longer than any effect: cut
    host.play({.greeting = greeting});
    const auto connection = to(host);
    ASSERT_TRUE(connection);
    auto* c = connection.get();
    PunktfunkAudioPacket first{}, second{};
    ASSERT_EQ(punktfunk_connection_next_audio(c, &first, kWaitMs), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(Bytes(first.data, first.data + first.len), Bytes(opus, opus + 3));
    EXPECT_TRUE(first.seq == 7 && first.pts_ns == 99);
    ASSERT_EQ(punktfunk_connection_next_audio(c, &second, kWaitMs), PUNKTFUNK_STATUS_OK);
    EXPECT_TRUE(second.len == 0 && second.seq == 8);
    uint16_t pad = 0, low = 0, high = 0;
    ASSERT_EQ(punktfunk_connection_next_rumble(c, &pad, &low, &high, kWaitMs), PUNKTFUNK_STATUS_OK);
    EXPECT_TRUE(pad == 2 && low == 3 && high == 4);
    const PunktfunkHidOutput expected[] = {
        {PUNKTFUNK_HIDOUT_LED, 1, 10, 20, 30, 0, 0, 0, {}},
        {PUNKTFUNK_HIDOUT_PLAYER_LEDS, 2, 0, 0, 0, 4, 0, 0, {}},
        {PUNKTFUNK_HIDOUT_TRIGGER, 1, 0, 0, 0, 0, 1, 11, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}};
    for (const auto& want : expected) {
        PunktfunkHidOutput got;
        std::memset(&got, 0xaa, sizeof got);
        ASSERT_EQ(punktfunk_connection_next_hidout(c, &got, kWaitMs), PUNKTFUNK_STATUS_OK);
        EXPECT_EQ(std::memcmp(&got, &want, sizeof got), 0) << "kind " << int{want.kind};
    }
}

TEST(AbiConnection, WhatTheClientSendsIsWhatTheSpecificationSays) {
    FakeHost host;
    const auto connection = to(host);
    ASSERT_TRUE(connection);
    auto* c = connection.get();
    const PunktfunkInputEvent event{PUNKTFUNK_INPUT_KIND_GAMEPAD_AXIS, {}, PUNKTFUNK_AXIS_RT, 255, 0, 1};
    const PunktfunkRichInput touch{PUNKTFUNK_RICH_TOUCHPAD, 1, 1, 7, 300, 400, {9, 9, 9}, {9, 9, 9}};
    const PunktfunkRichInput motion{PUNKTFUNK_RICH_MOTION, 2, 9, 9, 9, 9, {1, -2, 3}, {-4, 5, -6}};
    const uint8_t opus[] = {0xab};
    ASSERT_EQ(punktfunk_connection_send_input(c, &event), PUNKTFUNK_STATUS_OK);
    ASSERT_EQ(punktfunk_connection_send_rich_input(c, &touch), PUNKTFUNK_STATUS_OK);
    ASSERT_EQ(punktfunk_connection_send_rich_input(c, &motion), PUNKTFUNK_STATUS_OK);
    ASSERT_EQ(punktfunk_connection_send_mic(c, opus, 1, 0x01020304, 5), PUNKTFUNK_STATUS_OK);
    ASSERT_EQ(punktfunk_connection_request_keyframe(c), PUNKTFUNK_STATUS_OK);
    const std::vector<Bytes> expected = {{0xc8, 8, 5, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0},
                                         {0xcc, 1, 1, 1, 1, 0x2c, 1, 0x90, 1},
                                         {0xcc, 2, 2, 1, 0, 0xfe, 0xff, 3, 0, 0xfc, 0xff, 5, 0, 0xfa, 0xff},
                                         {0xcb, 4, 3, 2, 1, 5, 0, 0, 0, 0, 0, 0, 0, 0xab}};
    std::vector<Bytes> heard;
    EXPECT_TRUE(host.wait_until([&](const FakeHost::Journal& said) {
        heard = said.datagrams;
        return heard.size() == expected.size() && said.keyframe_requests == 1;
    }));
    EXPECT_EQ(heard, expected);
}

TEST(AbiConnection, ModeAndSpeedTestAnswerLater) {
    FakeHost host;
    const auto connection = to(host);
    ASSERT_TRUE(connection);
    auto* c = connection.get();
    PunktfunkProbeResult probe;
    std::memset(&probe, 0xff, sizeof probe);
    ASSERT_EQ(punktfunk_connection_probe_result(c, &probe), PUNKTFUNK_STATUS_OK);
    EXPECT_TRUE(probe.done == 0 && probe.recv_bytes == 0 && probe.host_bytes == 0 && probe.throughput_kbps == 0);
    ASSERT_EQ(punktfunk_connection_request_mode(c, 800, 600, 75), PUNKTFUNK_STATUS_OK);
    EXPECT_TRUE(eventually(connection, [&] {
        uint32_t width = 0;
        (void)punktfunk_connection_mode(c, &width, nullptr, nullptr);
        return width == 800;
    }));
    ASSERT_EQ(punktfunk_connection_speed_test(c, 100'000, 50), PUNKTFUNK_STATUS_OK);
    EXPECT_TRUE(eventually(connection, [&] {
        (void)punktfunk_connection_probe_result(c, &probe);
        return probe.done == 1 && probe.recv_packets == testing::kProbeUnits;
    }));
    EXPECT_EQ(probe.recv_bytes, uint64_t{testing::kProbeUnits} * testing::kProbeUnitBytes);
    EXPECT_EQ(probe.host_bytes, probe.recv_bytes);
    EXPECT_EQ(probe.loss_pct, 0);
}

TEST(AbiConnection, EveryPlaneMayHaveAThread) {
    FakeHost host;
    const uint8_t opus[] = {1, 2, 3};
    std::vector<Bytes> greeting;
    for (uint16_t i = 0; i < 10; ++i) {
        greeting.push_back(wire::encode(wire::AudioPacket{i, i, opus}));
        greeting.push_back(wire::encode(wire::Rumble{0, i, i}));
        greeting.push_back(wire::encode(wire::HidOutput(wire::PlayerLeds{0, 1})));
    }
    host.play({.greeting = greeting});
    const auto connection = to(host);
    ASSERT_TRUE(connection);
    auto* c = connection.get();
    std::atomic<int> planes_done = 0;
    const auto pull = [&](uint32_t expected, const auto& next) {
        for (uint32_t got = 0; got < expected; ++got) EXPECT_EQ(next(), PUNKTFUNK_STATUS_OK);
        if (++planes_done == 4) host.close();
        EXPECT_EQ(next(), PUNKTFUNK_STATUS_CLOSED);
    };
    std::vector<std::jthread> threads;
    threads.emplace_back([&] {
        PunktfunkFrame frame{};
        pull(kFrames, [&] { return punktfunk_connection_next_au(c, &frame, kWaitMs); });
    });
    threads.emplace_back([&] {
        PunktfunkAudioPacket packet{};
        pull(10, [&] { return punktfunk_connection_next_audio(c, &packet, kWaitMs); });
    });
    threads.emplace_back(
        [&] { pull(10, [&] { return punktfunk_connection_next_rumble(c, nullptr, nullptr, nullptr, kWaitMs); }); });
    threads.emplace_back([&] {
        PunktfunkHidOutput hid{};
        pull(10, [&] { return punktfunk_connection_next_hidout(c, &hid, kWaitMs); });
    });
    for (int sender = 0; sender < 2; ++sender) {
        threads.emplace_back([&] {
            const PunktfunkInputEvent event{};
            PunktfunkProbeResult probe{};
            while (punktfunk_connection_send_input(c, &event) == PUNKTFUNK_STATUS_OK) {
                (void)punktfunk_connection_send_mic(c, opus, 3, 0, 0);
                (void)punktfunk_connection_request_keyframe(c);
                (void)punktfunk_connection_request_mode(c, 640, 360, 60);
                (void)punktfunk_connection_probe_result(c, &probe);
                (void)punktfunk_connection_mode(c, nullptr, nullptr, nullptr);
                std::this_thread::yield();
            }
        });
    }
}

TEST(AbiConnection, FailuresAreNull) {
    FakeHost host;
    crypto::Fingerprint observed{}, wrong = host_identity().fingerprint;
    wrong[31] ^= 1;
    const Identity identity, other;
    const auto attempt = [&](const char* address, const uint8_t* pin, const char* cert, const char* key,
                             uint32_t timeout_ms) {
        return ConnectionHandle(
            punktfunk_connect(address, host.port(), 640, 360, 30, pin, observed.data(), cert, key, timeout_ms),
            punktfunk_connection_close);
    };
    EXPECT_FALSE(attempt("127.0.0.1", wrong.data(), nullptr, nullptr, kWaitMs)) << "another host";
    EXPECT_FALSE(attempt("localhost", nullptr, nullptr, nullptr, kWaitMs)) << "a name";
    EXPECT_FALSE(attempt("", nullptr, nullptr, nullptr, kWaitMs));
    EXPECT_FALSE(attempt(nullptr, nullptr, nullptr, nullptr, kWaitMs));
    EXPECT_FALSE(attempt("127.0.0.1", nullptr, identity.certificate, nullptr, kWaitMs)) << "half an identity";
    EXPECT_FALSE(attempt("127.0.0.1", nullptr, nullptr, identity.key, kWaitMs)) << "half an identity";
    EXPECT_FALSE(attempt("127.0.0.1", nullptr, identity.certificate, other.key, kWaitMs)) << "two halves";
    EXPECT_FALSE(attempt("127.0.0.1", nullptr, "\xff", "\xff", kWaitMs));
    EXPECT_FALSE(attempt("192.0.2.77", nullptr, nullptr, nullptr, 1)) << "for documentation: nobody is there";
    EXPECT_EQ(observed, crypto::Fingerprint{}) << "written only on success";
    EXPECT_TRUE(attempt("127.0.0.1", nullptr, identity.certificate, identity.key, kWaitMs));
    host.play({.refuse_with = quic::CloseCode::Denied});
    EXPECT_FALSE(attempt("127.0.0.1", nullptr, nullptr, nullptr, kWaitMs)) << "refused";
}

TEST(AbiPairing, KnowsTheHostAfterwardsOrSaysWhyNot) {
    FakeHost host;
    const Identity identity;
    crypto::Fingerprint fingerprint{};
    const auto pair_with = [&](const char* address, const char* pin, uint32_t timeout_ms) {
        fingerprint = {};
        return punktfunk_pair(address, host.port(), identity.certificate, identity.key, pin, "a test",
                              fingerprint.data(), timeout_ms);
    };
    EXPECT_EQ(pair_with("127.0.0.1", "0427", kWaitMs), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(fingerprint, host_identity().fingerprint);
    EXPECT_EQ(pair_with("127.0.0.1", "0428", kWaitMs), PUNKTFUNK_STATUS_CRYPTO);
    EXPECT_EQ(fingerprint, crypto::Fingerprint{}) << "written only on success";
    EXPECT_EQ(pair_with("nowhere", "0427", kWaitMs), PUNKTFUNK_STATUS_INVALID_ARG);
    EXPECT_EQ(pair_with("192.0.2.77", "0427", 1), PUNKTFUNK_STATUS_TIMEOUT);
    EXPECT_EQ(pair_with("127.0.0.1", "\xff", kWaitMs), PUNKTFUNK_STATUS_NULL_POINTER) << "not UTF-8";
    EXPECT_EQ(punktfunk_pair("127.0.0.1", host.port(), "no", "pem", "0427", "x", fingerprint.data(), kWaitMs),
              PUNKTFUNK_STATUS_INVALID_ARG);
    host.play({.refuse_with = quic::CloseCode::PairingNotArmed});
    EXPECT_EQ(pair_with("127.0.0.1", "0427", kWaitMs), PUNKTFUNK_STATUS_CRYPTO) << "refused in so many words";
    host.play({.refuse_with = quic::CloseCode::Ok});
    EXPECT_EQ(pair_with("127.0.0.1", "0427", kWaitMs), PUNKTFUNK_STATUS_IO) << "just hung up on";
}

TEST(AbiPairing, AnIdentityThatDoesNotFitIsNotWritten) {
    char certificate[4096] = "untouched", key[4096] = "untouched";
    for (const auto& [cert_cap, key_cap] : {std::pair<size_t, size_t>{0, 4096}, {4096, 0}, {100, 4096}, {4096, 100}}) {
        EXPECT_EQ(punktfunk_generate_identity(certificate, cert_cap, key, key_cap), PUNKTFUNK_STATUS_INVALID_ARG);
        EXPECT_STREQ(certificate, "untouched");
        EXPECT_STREQ(key, "untouched");
    }
    ASSERT_EQ(punktfunk_generate_identity(certificate, sizeof certificate, key, sizeof key), PUNKTFUNK_STATUS_OK);
    EXPECT_TRUE(crypto::parse_identity(certificate, key));
}

}  // namespace punktfunk::abi
