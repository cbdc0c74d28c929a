// A client of today's generation (v0.31), byte by byte, against the real host: spec §11.2.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "host_fixture.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/net/udp_socket.hpp"
#include "punktfunk/session/video_receiver.hpp"
#include "punktfunk/wire/input.hpp"
#include "raw_client.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using quic::CloseCode;

namespace {

// The Hello of a real one, with a mode that software can encode here. Offsets as in spec §2.3 and §11.5.
Bytes v031_hello() {
    const auto vectors = nlohmann::json::parse(std::ifstream(PUNKTFUNK_VECTORS "/punktfunk1-vectors.json"));
    Bytes hello = *from_hex(vectors["v031"]["hello_typical"]["payload"].get<std::string>());
    store_le<uint32_t>(&hello[8], 640);
    store_le<uint32_t>(&hello[12], 360);
    store_le<uint32_t>(&hello[16], 30);
    return hello;
}
constexpr size_t kNameAt = 26, kNameBytes = 4;
constexpr size_t kVideoCapsAt = kNameAt + 1 + kNameBytes + 1, kVideoCodecsAt = kVideoCapsAt + 2;

Bytes typed(uint8_t type, size_t length) {
    Bytes message(length, 0x11);
    std::ranges::copy(std::string_view("PKFc"), message.begin());
    message[4] = type;
    return message;
}

// From the Welcome to the pictures.
class OldViewer {
  public:
    explicit OldViewer(const wire::Welcome& welcome) {
        const session::SessionConfig config{.scheme = fec::Scheme::Gf16,
                                            .fec_percent = welcome.fec_percent,
                                            .max_data_per_block = welcome.max_data_per_block,
                                            .shard_payload = welcome.shard_payload,
                                            .encrypt = welcome.encrypt,
                                            .key = {welcome.key, welcome.salt}};
        auto socket = net::UdpSocket::bind(*net::Endpoint::parse("127.0.0.1", 0)).value();
        port = socket.local_endpoint()->port();
        receiver_.emplace(session::VideoReceiver::create(config, std::move(socket),
                                                         *net::Endpoint::parse("127.0.0.1", welcome.udp_port))
                              .value());
    }
    bool until(std::chrono::milliseconds timeout, const std::function<bool(const session::Frame&)>& wanted) {
        const auto deadline = SteadyClock::now() + timeout;
        bool found = false;
        while (!found && SteadyClock::now() < deadline) {
            (void)receiver_->poll(20ms, -1, [&](const session::Frame& frame) { found = found || wanted(frame); });
        }
        return found;
    }
    uint16_t port = 0;

  private:
    std::optional<session::VideoReceiver> receiver_;
};

// Slices of an access unit in H.264 that begin one (first_mb_in_slice 0 is coded as a single 1 bit).
size_t pictures_begun(ByteView unit, size_t& slices) {
    size_t begun = 0;
    for (size_t i = 0; i + 4 < unit.size(); ++i) {
        if (unit[i] != 0 || unit[i + 1] != 0 || unit[i + 2] != 1) continue;
        const uint8_t kind = unit[i + 3] & 0x1f;
        if (kind != 1 && kind != 5) continue;
        ++slices;
        if ((unit[i + 4] & 0x80) != 0) ++begun;
    }
    return begun;
}

template <typename Message>
std::optional<Message> await_message(RawClient& client) {
    for (;;) {
        const Bytes payload = client.next_message(5s);
        if (payload.empty()) return std::nullopt;
        const auto message = wire::decode_typed(payload);
        if (const auto* wanted = message ? std::get_if<Message>(&*message) : nullptr) return *wanted;
    }
}

std::optional<wire::ClockEcho> await_echo(RawClient& client, uint64_t t1) {
    client.send(wire::ClockProbe{t1});
    return await_message<wire::ClockEcho>(client);
}

}  // namespace

TEST(V031, ASessionFromHelloToPictures) {
    HostFixture host({"--open"});
    RawClient client(host.port(), any_identity(), v031_hello(), 8s);
    const Bytes payload = client.next_message(30s);
    ASSERT_EQ(payload.size(), 68u) << "offset 68 would be a cipher";
    const auto welcome = wire::decode_welcome(payload);
    ASSERT_TRUE(welcome);
    EXPECT_EQ(welcome->shard_payload, 1408);
    EXPECT_EQ(welcome->bitrate_kbps, 20000u);
    ASSERT_TRUE(welcome->tail);
    EXPECT_EQ(welcome->tail->colour, (std::array<uint8_t, 4>{1, 1, 1, 0}));
    EXPECT_EQ(welcome->tail->chroma_format_idc, 1);
    EXPECT_EQ(welcome->tail->audio_channels, 2);
    EXPECT_EQ(welcome->tail->codec, wire::kCodecH264) << "software: the cheaper of what both know";
    EXPECT_EQ(welcome->tail->host_caps & wire::kHostCapText, wire::kHostCapText);

    OldViewer viewer(*welcome);
    client.send(wire::encode(wire::Start{viewer.port}));
    client.run_for(50ms);
    size_t slices = 0, begun = 0;
    ASSERT_TRUE(viewer.until(10s, [&](const session::Frame& frame) {
        begun += pictures_begun(frame.data, slices);
        return true;
    })) << host.process().err();
    EXPECT_EQ(slices, 1u) << "one slice a picture: video_caps 0x80 is not set";
    EXPECT_EQ(begun, 1u);

    // What this host does not know is ignored, whatever its length; the clock is answered at any time.
    for (const uint8_t type : {0x08, 0x0a, 0x32, 0x40, 0x42, 0x51, 0x58, 0x7f, 0xff}) {
        for (const size_t length : {5u, 6u, 25u, 300u}) client.send(typed(type, length));
    }
    client.send(wire::LossReport{.loss_ppm = 20'000});
    client.send(typed(0x04, 6));
    auto echo = await_echo(client, 0x1234);
    ASSERT_TRUE(echo);
    EXPECT_EQ(echo->t1_ns, 0x1234u);
    EXPECT_GE(echo->t3_ns, echo->t2_ns);

    // Input of every kind, known or not, and text.
    for (unsigned kind = 0; kind < 256; kind += kind < 20 ? 1 : 47) {
        Bytes event(kind % 3 == 0 ? wire::kInputEventBytes : wire::kInputEventBytes + 5, 0xff);
        event[0] = 0xc8;
        event[1] = static_cast<uint8_t>(kind);
        client.send_datagram(event);
    }
    client.send_datagram(wire::encode_input({.kind = wire::InputKind::TextInput, .code = 0x1f600}));

    // An answer to lost frames is a keyframe, or a picture that needs none of them.
    client.send(wire::RfiRequest{0, 1});
    client.run_for(200ms);
    EXPECT_TRUE(viewer.until(10s, [](const session::Frame&) { return true; }));
    EXPECT_TRUE(await_echo(client, 1)) << "the session goes on";
    EXPECT_FALSE(client.closed);
}

// It asks by itself, two seconds after the start. Only who keeps the filler's frame numbers apart gets any.
TEST(V031, TheSpeedTestHasItsOwnFrameNumbers) {
    HostFixture host({"--open", "--max-concurrent", "0"});
    for (const bool kept_apart : {true, false}) {
        SCOPED_TRACE(kept_apart);
        Bytes hello = v031_hello();
        if (!kept_apart) hello[kVideoCapsAt] &= static_cast<uint8_t>(~wire::kCapProbeSequence);
        RawClient client(host.port(), any_identity(), hello, 8s);
        const auto welcome = wire::decode_welcome(client.next_message(30s));
        ASSERT_TRUE(welcome);
        OldViewer viewer(*welcome);
        client.send(wire::encode(wire::Start{viewer.port}));
        client.run_for(50ms);
        ASSERT_TRUE(viewer.until(10s, [](const session::Frame&) { return true; })) << host.process().err();
        client.send(wire::ProbeRequest{20'000, 200});
        std::optional<uint32_t> last;
        bool skipped = false;
        (void)viewer.until(400ms, [&](const session::Frame& frame) {
            if ((frame.user_flags & session::kFlagProbe) != 0) return false;
            skipped = skipped || (last && frame.frame_index != *last + 1);
            last = frame.frame_index;
            return false;
        });
        EXPECT_FALSE(skipped) << "the filler took numbers of the video's";
        const auto probe = await_message<wire::ProbeResult>(client);
        ASSERT_TRUE(probe);
        EXPECT_EQ(probe->bytes_sent > 0, kept_apart);
        EXPECT_EQ(probe->duration_ms > 0, kept_apart);
    }
}

// Eight seconds of silence would end it on the client's side.
TEST(V031, AnIdleSessionIsKeptAlive) {
    HostFixture host({"--open", "--no-demo-desktop"});
    RawClient client(host.port(), any_identity(), v031_hello(), 8s);
    const auto welcome = wire::decode_welcome(client.next_message(30s));
    ASSERT_TRUE(welcome);
    OldViewer viewer(*welcome);
    client.send(wire::encode(wire::Start{viewer.port}));
    (void)client.until(10s, [&] { return client.closed.has_value(); });
    EXPECT_FALSE(client.closed) << client.closed->reason;
    EXPECT_EQ(host.status().at("sessions").size(), 1u);
}

TEST(V031, WhatCannotBeMetIsRefusedTyped) {
    HostFixture host({"--open"});
    const auto refused = [&](const std::function<void(Bytes&)>& change) {
        Bytes hello = v031_hello();
        change(hello);
        RawClient client(host.port(), any_identity(), hello);
        EXPECT_TRUE(client.until_closed(20s));
        EXPECT_TRUE(client.messages.empty()) << "no Welcome";
        EXPECT_FALSE(client.closed && client.closed->reason.empty());
        return client.close_code();
    };
    constexpr uint8_t kPyroWave = 8;
    EXPECT_EQ(refused([](Bytes& hello) { hello[kVideoCodecsAt] = kPyroWave; }), CloseCode::SetupFailed);
    EXPECT_EQ(refused([](Bytes& hello) { hello[4] = 3; }), CloseCode::WireVersionMismatch);
    EXPECT_EQ(refused([](Bytes& hello) { hello[8] = 0x81; }), CloseCode::SetupFailed) << "an odd width";
}

TEST(V031, TheTailEndsWhereverItLikes) {
    HostFixture host({"--open", "--max-concurrent", "0"});
    const Bytes whole = v031_hello();
    for (const size_t length :
         {kVideoCapsAt, kVideoCodecsAt, kVideoCodecsAt + 1, whole.size() - 1, whole.size() + 40}) {
        Bytes hello = whole;
        hello.resize(length, 0);
        RawClient client(host.port(), any_identity(), hello);
        const auto welcome = client.next_message(30s);
        EXPECT_EQ(welcome.size(), length > kVideoCapsAt + 1 ? 68u : 60u) << length;
    }
}

}  // namespace punktfunk::test
