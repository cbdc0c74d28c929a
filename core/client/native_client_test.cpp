// NativeClient against a host made from the same parts, that can misbehave on purpose.
#include "native_client.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <future>

#include "pairing_client.hpp"
#include "plane_queue.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/testing/fake_host.hpp"

namespace punktfunk::client {

using namespace std::chrono_literals;
using testing::FakeHost;
using testing::host_identity;
using testing::kFrames;
using testing::picture;

namespace {

ConnectOptions to(const FakeHost& host) {
    ConnectOptions options;
    options.host = "127.0.0.1";
    options.port = host.port();
    options.hello.mode = {640, 360, 30};
    options.timeout = 5s;
    return options;
}

}  // namespace

TEST(NativeClient, ReceivesWhatTheHostSendsAndHowItEnded) {
    FakeHost host;
    auto options = to(host);
    options.pin = host_identity().fingerprint;
    const auto client = NativeClient::connect(options);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ((*client)->host_fingerprint(), host_identity().fingerprint);
    EXPECT_EQ((*client)->mode(), (wire::Mode{640, 360, 30}));
    ASSERT_TRUE((*client)->clock());
    EXPECT_LT(std::abs((*client)->clock()->offset_ns), 100'000'000) << "one machine, one clock";
    for (uint32_t i = 0; i < kFrames; ++i) {
        auto frame = (*client)->next_frame(5s);
        ASSERT_TRUE(frame) << frame.error().message;
        EXPECT_TRUE(std::ranges::equal(frame->data, picture(frame->frame_index)));
        EXPECT_EQ(frame->pts_ns, 1000 + frame->frame_index);
        EXPECT_LE(frame->first_packet_ns, frame->completed_ns);
    }
    // The counts follow the frames by a moment.
    for (int i = 0; i < 200 && (*client)->stats().frames_completed < kFrames; ++i) {
        EXPECT_EQ((*client)->next_frame(10ms).error().code, ErrorCode::Timeout);
    }
    EXPECT_EQ((*client)->stats().frames_completed, kFrames);
    host.close();
    const auto frame = (*client)->next_frame(5s);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::Closed);
    EXPECT_EQ(frame.error().message, "the show is over");
}

TEST(NativeClient, NeverTalksToAnotherHost) {
    FakeHost host;
    auto options = to(host);
    options.pin.emplace(host_identity().fingerprint)[0] ^= 1;
    const auto client = NativeClient::connect(options);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, ErrorCode::Crypto);
}

TEST(NativeClient, SaysWhyItWasRefused) {
    FakeHost host;
    host.play({.refuse_with = quic::CloseCode::Denied});
    const auto client = NativeClient::connect(to(host));
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, ErrorCode::Rejected);
    EXPECT_NE(client.error().message.find("(no, and this is why): pair it"), std::string::npos)
        << client.error().message;
}

TEST(NativeClient, RefusesAWelcomeThatMakesNoSense) {
    FakeHost host;
    const std::function<Bytes(wire::Welcome)> bad[] = {
        [](const wire::Welcome&) { return Bytes{}; },
        [](const wire::Welcome& w) {
            Bytes cut = wire::encode(w);
            cut.resize(20);
            return cut;
        },
        [](wire::Welcome w) { return w.shard_payload = 0, wire::encode(w); },
        [](wire::Welcome w) { return w.shard_payload = 65535, wire::encode(w); },
        [](wire::Welcome w) { return w.max_data_per_block = 0, wire::encode(w); },
        [](wire::Welcome w) { return w.mode.refresh_hz = 0, wire::encode(w); },
        [](wire::Welcome w) { return w.mode.width = 0, wire::encode(w); }};
    for (const auto& welcome : bad) {
        host.play({.welcome = welcome});
        const auto client = NativeClient::connect(to(host));
        ASSERT_FALSE(client);
        EXPECT_EQ(client.error().code, ErrorCode::ProtocolViolation) << client.error().message;
    }
}

TEST(Pairing, AHostThatDoesNotProveThePinIsNotTrusted) {
    FakeHost host;
    host.play({.pairs_without_proof = true});
    const auto identity = crypto::generate_identity(crypto::IdentityKind::Client).value();
    const auto fingerprint = pair("127.0.0.1", host.port(), identity, "1234", "x", 5s);
    ASSERT_FALSE(fingerprint);
    EXPECT_EQ(fingerprint.error().code, ErrorCode::Crypto) << fingerprint.error().message;
}

TEST(NativeClient, WaitingForAHostCanBeInterrupted) {
    UniqueFd cancel(::eventfd(0, EFD_CLOEXEC));
    ConnectOptions options;
    options.host = "192.0.2.77";  // for documentation: nobody is there
    options.hello.mode = {640, 360, 30};
    options.timeout = 60s;
    options.cancel_fd = cancel.get();
    auto connecting = std::async(std::launch::async, [&] { return NativeClient::connect(options); });
    ASSERT_EQ(::eventfd_write(cancel.get(), 1), 0);
    ASSERT_EQ(connecting.wait_for(5s), std::future_status::ready);
    EXPECT_EQ(connecting.get().error().code, ErrorCode::Closed);
}

TEST(NativeClient, EverySidePlaneHandsOutWhatTheHostSends) {
    FakeHost host;
    const Bytes opus{0xfc, 1, 2, 3};
    const wire::TriggerEffect trigger{.pad = 0, .which = 1, .length = 3, .effect = {0x21, 1, 2}};
    host.play({.greeting = {wire::encode(wire::AudioPacket{7, 99, opus}), wire::encode(wire::AudioPacket{8, 100, {}}),
                            wire::encode(wire::Rumble{0, 0x4000, 0x8000}), wire::encode(wire::HidOutput(trigger)),
                            Bytes{0xee, 1, 2}}});
    const auto client = NativeClient::connect(to(host));
    ASSERT_TRUE(client) << client.error().message;
    const auto sound = (*client)->next_audio(5s), silence = (*client)->next_audio(5s);
    ASSERT_TRUE(sound && silence);
    EXPECT_EQ(sound->opus, opus);
    EXPECT_EQ(sound->seq, 7u);
    EXPECT_EQ(sound->pts_ns, 99u);
    EXPECT_TRUE(silence->opus.empty());
    EXPECT_EQ((*client)->next_rumble(5s).value(), (wire::Rumble{0, 0x4000, 0x8000}));
    EXPECT_EQ((*client)->next_hid_output(5s).value(), wire::HidOutput(trigger));
    EXPECT_EQ((*client)->next_rumble(0ms).error().code, ErrorCode::Timeout);
    host.close();
    EXPECT_EQ((*client)->next_audio(5s).error().code, ErrorCode::Closed);
    EXPECT_EQ((*client)->next_rumble(5s).error().code, ErrorCode::Closed);
    EXPECT_EQ((*client)->next_hid_output(5s).error().code, ErrorCode::Closed);
    EXPECT_FALSE((*client)->send_input({}));
}

TEST(NativeClient, AFullPlaneDropsTheNewest) {
    PlaneQueue<int, 4> queue;
    for (int i = 0; i < 6; ++i) {
        if (queue.admit()) queue.push(i);
    }
    EXPECT_EQ(queue.dropped(), 2u);
    queue.end({ErrorCode::Closed, "over"});
    for (int i = 0; i < 4; ++i) EXPECT_EQ(queue.pop(0ms).value(), i) << "what came before the end is still handed out";
    EXPECT_EQ(queue.pop(5s).error().message, "over");
}

TEST(NativeClient, TheHostHearsEveryPlaneOfTheClient) {
    FakeHost host;
    const auto client = NativeClient::connect(to(host));
    ASSERT_TRUE(client) << client.error().message;
    const Bytes opus{1, 2, 3};
    const wire::InputEvent key{.kind = wire::InputKind::KeyDown, .code = 0x41};
    const wire::RichInput motion = wire::Motion{.pad = 0, .gyro = {1, -2, 3}, .accel = {4, 5, -6}};
    const auto key_bytes = wire::encode_input(key);
    EXPECT_TRUE((*client)->send_input(key));
    EXPECT_TRUE((*client)->send_mic({3, 4, opus}));
    EXPECT_TRUE((*client)->send_rich_input(motion));
    EXPECT_TRUE((*client)->request_keyframe());
    ASSERT_TRUE(
        host.wait_until([](const auto& said) { return said.datagrams.size() == 3 && said.keyframe_requests == 1; }));
    EXPECT_TRUE(host.wait_until([&](const auto& said) {
        return said.datagrams[0] == Bytes(key_bytes.begin(), key_bytes.end()) &&
               said.datagrams[1] == wire::encode(wire::MicPacket{3, 4, opus}) &&
               said.datagrams[2] == wire::encode(motion);
    }));
}

TEST(NativeClient, ACallerThatFloodsItDoesNotEndTheSession) {
    FakeHost host;
    const auto client = NativeClient::connect(to(host));
    ASSERT_TRUE(client) << client.error().message;
    for (int i = 0; i < 400'000; ++i) ASSERT_TRUE((*client)->request_keyframe()) << i;
    const Bytes opus(1000);
    for (uint32_t i = 0; i < 50'000; ++i) ASSERT_TRUE((*client)->send_mic({i, i, opus})) << i;
    EXPECT_TRUE((*client)->request_mode({800, 600, 75}));
    for (int i = 0; i < 500 && (*client)->mode().width != 800; ++i) (void)(*client)->next_rumble(10ms);
    EXPECT_EQ((*client)->mode(), (wire::Mode{800, 600, 75}));
}

TEST(NativeClient, ChangesTheModeWhenTheHostAgrees) {
    FakeHost host;
    const auto client = NativeClient::connect(to(host));
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_TRUE((*client)->request_mode({800, 600, 75}));
    for (int i = 0; i < 500 && (*client)->mode().width != 800; ++i) (void)(*client)->next_rumble(10ms);
    EXPECT_EQ((*client)->mode(), (wire::Mode{800, 600, 75}));
    EXPECT_TRUE((*client)->request_mode({1, 1, 0}));
    for (int i = 0; i < 500 && (*client)->mode().width != 640; ++i) (void)(*client)->next_rumble(10ms);
    EXPECT_EQ((*client)->mode(), (wire::Mode{640, 360, 30})) << "a refusal says which mode stays";
}

TEST(NativeClient, MeasuresASpeedTest) {
    FakeHost host;
    host.play({.claimed_probe_units = 2 * testing::kProbeUnits});
    const auto client = NativeClient::connect(to(host));
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_FALSE((*client)->probe_report().done);
    EXPECT_TRUE((*client)->start_probe({100'000, 50}));
    const auto complete = [&] {
        const auto report = (*client)->probe_report();
        return report.done && report.recv_units == testing::kProbeUnits;
    };
    for (int i = 0; i < 500 && !complete(); ++i) (void)(*client)->next_rumble(10ms);
    ASSERT_TRUE(complete());
    const auto report = (*client)->probe_report();
    EXPECT_EQ(report.recv_bytes, uint64_t{testing::kProbeUnits} * testing::kProbeUnitBytes);
    EXPECT_EQ(report.host_bytes, 2 * report.recv_bytes);
    EXPECT_EQ(report.host_units, 2 * testing::kProbeUnits);
    EXPECT_FLOAT_EQ(report.loss_pct, 50.0f);
    for (uint32_t i = 0; i < kFrames; ++i) EXPECT_EQ((*client)->next_frame(5s).value().user_flags & 8, 0u);
    EXPECT_FALSE((*client)->next_frame(0ms)) << "filler is never a frame";
}

TEST(ProbeMeter, FollowsTheSpecificationsArithmetic) {
    const SteadyClock::time_point start{};
    ProbeMeter meter;
    EXPECT_EQ(meter.report().throughput_kbps, 0u);
    meter.unit_arrived(1000, start);
    EXPECT_EQ(meter.report().throughput_kbps, 0u) << "one arrival has no duration";
    meter.unit_arrived(4000, start + 10ms);
    EXPECT_EQ(meter.report().elapsed_ms, 10u);
    EXPECT_EQ(meter.report().throughput_kbps, 4000u);
    EXPECT_EQ(meter.report().loss_pct, 0) << "the host has not said";
    meter.host_finished({4000, 2, 10, {}});
    EXPECT_TRUE(meter.report().done);
    EXPECT_EQ(meter.report().loss_pct, 0) << "never negative";
    meter.start();
    EXPECT_FALSE(meter.report().done);
    EXPECT_EQ(meter.report().recv_bytes, 0u);
}

}  // namespace punktfunk::client
