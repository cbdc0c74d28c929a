#include <gtest/gtest.h>

#include <fstream>

#include "negotiation.hpp"
#include "pairing_ceremony.hpp"
#include "punktfunk/native/paired_store.hpp"
#include "punktfunk/native/pairing_window.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::native {

using namespace std::chrono_literals;

namespace {

wire::Hello hello(uint8_t codecs, uint8_t preferred = 0) {
    wire::Hello hello;
    hello.mode = {1280, 720, 60};
    hello.tail.emplace();
    hello.tail->video_codecs = codecs;
    hello.tail->preferred_codec = preferred;
    return hello;
}

std::vector<encode::ProbeResult> encoders(bool hardware) {
    return {{.encoder = "h264_nvenc", .codec = encode::Codec::H264, .available = hardware},
            {.encoder = "hevc_nvenc", .codec = encode::Codec::Hevc, .available = hardware},
            {.encoder = "libx264", .codec = encode::Codec::H264, .available = true},
            {.encoder = "libx265", .codec = encode::Codec::Hevc, .available = true},
            {.encoder = "libaom-av1", .codec = encode::Codec::Av1, .available = true}};
}

}  // namespace

TEST(Negotiation, CodecFollowsTheClientAndTheHardware) {
    constexpr uint8_t both = wire::kCodecH264 | wire::kCodecHevc;
    EXPECT_EQ(negotiate(hello(both), encoders(true))->codec, encode::Codec::Hevc);
    EXPECT_EQ(negotiate(hello(both), encoders(false))->codec, encode::Codec::H264);
    EXPECT_EQ(negotiate(hello(both, wire::kCodecHevc), encoders(false))->codec, encode::Codec::Hevc);
    EXPECT_EQ(negotiate(hello(wire::kCodecHevc, wire::kCodecH264), encoders(true))->codec, encode::Codec::Hevc);
    wire::Hello seed;
    seed.mode = {1280, 720, 60};
    EXPECT_EQ(negotiate(seed, encoders(false))->codec, encode::Codec::Hevc) << "a client that names none decodes HEVC";
    constexpr uint8_t all = both | wire::kCodecAv1;
    EXPECT_EQ(negotiate(hello(all), encoders(false))->codec, encode::Codec::H264) << "what keeps up best in software";
    EXPECT_EQ(negotiate(hello(wire::kCodecHevc | wire::kCodecAv1), encoders(false))->codec, encode::Codec::Hevc);
    EXPECT_EQ(negotiate(hello(wire::kCodecAv1), encoders(true))->codec, encode::Codec::Av1);
    EXPECT_EQ(negotiate(hello(all, wire::kCodecAv1), encoders(true))->codec, encode::Codec::Av1);
    constexpr uint8_t pyrowave = 8;
    const auto none = negotiate(hello(pyrowave), encoders(true));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, quic::CloseCode::SetupFailed);
}

TEST(Negotiation, BitrateIsBounded) {
    EXPECT_EQ(clamp_bitrate_kbps(0), 20'000u);
    EXPECT_EQ(clamp_bitrate_kbps(1), 500u);
    EXPECT_EQ(clamp_bitrate_kbps(0xffffffff), 8'000'000u);
    EXPECT_EQ(max_unit_bytes(20'000, 60), size_t{8} << 20);
    EXPECT_EQ(max_unit_bytes(2'000'000, 60), 16'666'666u) << "four frames' worth";
    EXPECT_EQ(max_unit_bytes(8'000'000, 1), size_t{64} << 20);
}

TEST(Negotiation, GamepadIsNeverLeftOpen) {
    using enum wire::Gamepad;
    EXPECT_EQ(resolve_gamepad(Auto, Auto), Xbox360);
    EXPECT_EQ(resolve_gamepad(Auto, DualSense), DualSense);
    EXPECT_EQ(resolve_gamepad(Xbox360, DualSense), Xbox360);
    EXPECT_EQ(resolve_gamepad(DualSense, Auto), DualSense);
}

TEST(Negotiation, ImpossibleModes) {
    for (const wire::Mode mode :
         {wire::Mode{0, 720, 60}, {1280, 0, 60}, {1279, 720, 60}, {1280, 8194, 60}, {1280, 720, 0}, {1280, 720, 481}}) {
        EXPECT_FALSE(mode_is_valid(mode)) << mode.width << "x" << mode.height << "@" << mode.refresh_hz;
    }
    EXPECT_TRUE(mode_is_valid({8192, 8192, 1}));
}

TEST(PairingWindow, ExpiresCoolsDownAndBurns) {
    PairingWindow window;
    PairingWindow::TimePoint now{};
    EXPECT_EQ(window.begin(now).error(), PairingWindow::Refused::NotArmed);
    const auto pin = window.arm(120s, now);
    ASSERT_EQ(pin.size(), 4u);
    EXPECT_EQ(*window.begin(now), pin);
    EXPECT_EQ(window.begin(now + 1999ms).error(), PairingWindow::Refused::CoolingDown);
    EXPECT_TRUE(window.begin(now + 2s)) << "a refused attempt does not move the cooldown";
    EXPECT_FALSE(window.begin(now + 120s));
    (void)window.arm(1s, now);
    EXPECT_EQ(window.remaining(now), 15s) << "the time is clamped";
    window.guessed();
    window.guessed();
    EXPECT_TRUE(window.remaining(now));
    window.guessed();
    EXPECT_FALSE(window.remaining(now)) << "three guesses burn the PIN";
    (void)window.arm(120s, now);
    window.guessed();
    EXPECT_TRUE(window.remaining(now)) << "a new PIN has its own guesses";
    window.succeeded();
    EXPECT_FALSE(window.remaining(now));
}

TEST(PairingCeremony, OnlyTheRightPinVerifies) {
    const crypto::Fingerprint client{1}, host{2};
    for (const char* guess : {"0427", "0428"}) {
        PairingCeremony ceremony("0427", client, host, "tv");
        const crypto::Spake2 exchange(crypto::Spake2Side::Client, guess, client, host);
        const auto challenge = ceremony.challenge({"tv", Bytes(exchange.message().begin(), exchange.message().end())});
        ASSERT_TRUE(challenge);
        const auto key = exchange.finish(challenge->spake);
        ASSERT_TRUE(key);
        const bool right = std::string_view(guess) == "0427";
        EXPECT_EQ(key->host_confirmation(client, host) == challenge->confirm, right);
        EXPECT_EQ(ceremony.verify({key->client_confirmation(client, host)}), right);
    }
    PairingCeremony ceremony("0427", client, host, "tv");
    EXPECT_FALSE(ceremony.challenge({"tv", Bytes(5, 1)}));
    EXPECT_FALSE(ceremony.verify({})) << "no proof without a challenge";
}

TEST(PairedStore, SurvivesARestartAndReplacesByFingerprint) {
    const test::TempDirectory directory;
    const auto file = directory.path() / "paired.json";
    {
        auto store = PairedStore::open(file);
        ASSERT_TRUE(store);
        ASSERT_TRUE(store->add({"old name", {1}}));
        ASSERT_TRUE(store->add({"other", {2}}));
        ASSERT_TRUE(store->add({"new \"name\"", {1}}));
    }
    auto store = PairedStore::open(file);
    ASSERT_TRUE(store);
    ASSERT_EQ(store->clients().size(), 2u);
    EXPECT_EQ(store->clients()[1].name, "new \"name\"");
    EXPECT_EQ(std::filesystem::status(file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_TRUE(store->remove({1}));
    EXPECT_EQ(store->find({1}), nullptr);
    EXPECT_EQ(store->remove({1}).error().code, ErrorCode::NotAvailable);
}

TEST(PairedStore, AMalformedFileLetsNobodyInAndIsKept) {
    const test::TempDirectory directory;
    const auto file = directory.path() / "paired.json";
    std::ofstream(file) << R"({"clients":[{"name":"x","fingerprint":"zz"}]})";
    const auto store = PairedStore::open(file);
    ASSERT_TRUE(store);
    EXPECT_TRUE(store->clients().empty());
    EXPECT_TRUE(std::filesystem::exists(file.string() + ".malformed"));
}

TEST(PairedStore, AFailedWriteChangesNothing) {
    const test::TempDirectory directory;
    std::ofstream(directory.path() / "file") << "";
    auto store = PairedStore::open(directory.path() / "dir" / "paired.json");
    ASSERT_TRUE(store);
    std::filesystem::create_symlink(directory.path() / "file",
                                    directory.path() / "dir");  // the parent is no directory now
    EXPECT_FALSE(store->add({"x", {1}}));
    EXPECT_TRUE(store->clients().empty());
}

TEST(PairedStore, WhatADeviceMayDoStaysWithItsPairing) {
    const test::TempDirectory directory;
    const auto file = directory.path() / "paired.json";
    {
        auto store = PairedStore::open(file);
        ASSERT_TRUE(store->add({"tv", {1}}));
        ASSERT_TRUE(
            store->change({1}, {.name = "shelf", .input = false, .expires_at = std::optional<int64_t>(4'000'000'000)}));
        EXPECT_EQ(store->change({2}, {.input = false}).error().code, ErrorCode::NotAvailable);
        store->seen({1});
    }
    auto store = PairedStore::open(file);
    ASSERT_TRUE(store);
    const auto terms = store->find({1})->terms;
    EXPECT_EQ(store->find({1})->name, "shelf");
    EXPECT_EQ(terms.rights, (devices::Rights{.input = false}));
    EXPECT_EQ(terms.expires_at, 4'000'000'000);
    EXPECT_TRUE(terms.paired_at);
    EXPECT_TRUE(terms.last_seen);

    ASSERT_TRUE(store->add({"tv", {1}}));
    EXPECT_FALSE(store->find({1})->terms.rights.input) << "pairing again brings nothing back";
    ASSERT_TRUE(store->change({1}, {.expires_at = std::optional<int64_t>(1)}));
    ASSERT_TRUE(store->add({"tv", {1}}));
    EXPECT_EQ(store->find({1})->terms.rights, devices::Rights{}) << "but once its time was over, it is another pairing";
    EXPECT_FALSE(store->find({1})->terms.expires_at);
}

TEST(PairedStore, RightsThatCannotBeReadAreNotAllRights) {
    const test::TempDirectory directory;
    const auto file = directory.path() / "paired.json";
    std::ofstream(file) << R"({"clients":[{"name":"x","fingerprint":")" << std::string(64, 'a')
                        << R"(","rights":{"input":"no"}}]})";
    const auto store = PairedStore::open(file);
    ASSERT_TRUE(store);
    EXPECT_TRUE(store->clients().empty());
}

}  // namespace punktfunk::native
