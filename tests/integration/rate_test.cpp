// A real host, its real encoder and a client on a path that changes: the automatic bitrate, and the speed test.
#include <arpa/inet.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "host_fixture.hpp"
#include "punktfunk/cli/frame_order.hpp"
#include "punktfunk/client/native_client.hpp"
#include "punktfunk/impair/relay.hpp"
#include "punktfunk/media/video_decoder.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

uint16_t free_port() {
    return net::UdpSocket::bind(net::Endpoint::parse("127.0.0.1", 0).value()).value().local_endpoint().value().port();
}

impair::LinkSettings link_of(uint64_t megabits) {
    return {.delay = 5ms, .rate_bps = megabits * 1'000'000, .queue_packets = 32};
}

// A host whose desktop shows noise, behind a relay.
class NarrowHost {
  public:
    explicit NarrowHost(const impair::LinkSettings& to_client)
        : control_(free_port()), data_(free_port()), host_(arguments()), relay_(start_relay(to_client)) {}

    [[nodiscard]] uint16_t port() const { return control_; }
    [[nodiscard]] std::string address() const { return "127.0.0.2:" + std::to_string(control_); }
    HostFixture& host() { return host_; }
    impair::Relay& relay() { return relay_; }

  private:
    std::vector<std::string> arguments() {
        std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);
        const auto program = directory_.path() / "noise";  // the build may lie where the session user cannot look
        std::filesystem::copy_file(PUNKTFUNK_MOTION, program);
        return {"--port",           std::to_string(control_),
                "--data-port",      std::to_string(data_),
                "--max-concurrent", "1",
                "--open",           "--no-demo-desktop",
                "--startup",        program.string() + " --pattern noise"};
    }
    impair::Relay start_relay(const impair::LinkSettings& to_client) const {
        const auto at = [](const char* ip, uint16_t port) { return net::Endpoint::parse(ip, port).value(); };
        return impair::Relay::start({.routes = {{at("127.0.0.2", control_), at("127.0.0.1", control_)},
                                                {at("127.0.0.2", data_), at("127.0.0.1", data_)}},
                                     .to_client = to_client,
                                     .to_host = {.delay = 5ms}})
            .value();
    }

    TempDir directory_;
    uint16_t control_, data_;
    HostFixture host_;
    impair::Relay relay_;
};

// Decodes what comes, and notes when.
class RateViewer {
  public:
    explicit RateViewer(uint16_t port) {
        client::ConnectOptions options;
        options.host = "127.0.0.2";
        options.port = port;
        options.hello.mode = {640, 360, 60};
        options.hello.video_caps = wire::kCapProbeSequence | wire::kCapMultiSlice;
        options.hello.tail = wire::HelloTail{.video_codecs = wire::kCodecH264};
        options.follow_path.emplace();
        client_ = client::NativeClient::connect(options).value();
        decoder_ = media::VideoDecoder::open(media::Codec::H264).value();
    }

    struct Phase {
        int frames = 0;
        double longest_pause_ms = 0;
        uint32_t least_kbps = UINT32_MAX, last_kbps = 0;
        std::optional<double> reached_s;  // the rate that was waited for
    };
    Phase watch(SteadyClock::duration how_long, uint32_t wanted_kbps = UINT32_MAX) {
        Phase phase;
        const auto start = SteadyClock::now(), end = start + how_long;
        for (auto now = start; now < end; now = SteadyClock::now()) {
            if (auto frame = client_->next_frame(5ms)) (void)order_.push(std::move(*frame), now);
            while (auto frame = order_.pop(now)) decode(*frame, phase);
            if (order_.awaiting_keyframe() && now >= next_request_) {
                next_request_ = now + 250ms;
                client_->request_keyframe();
            }
            phase.last_kbps = client_->bitrate_kbps();
            phase.least_kbps = std::min(phase.least_kbps, phase.last_kbps);
            if (!phase.reached_s && phase.last_kbps >= wanted_kbps)
                phase.reached_s = std::chrono::duration<double>(now - start).count();
        }
        return phase;
    }

  private:
    void decode(const client::ReceivedFrame& frame, Phase& phase) {
        if (!decoder_->decode(frame.data)) return order_.await_keyframe();
        const auto now = SteadyClock::now();
        if (last_) {
            const double pause = std::chrono::duration<double, std::milli>(now - *last_).count();
            phase.longest_pause_ms = std::max(phase.longest_pause_ms, pause);
        }
        last_ = now;
        ++phase.frames;
    }

    std::unique_ptr<client::NativeClient> client_;
    std::unique_ptr<media::VideoDecoder> decoder_;
    cli::FrameOrder order_{16667us};
    SteadyClock::time_point next_request_{};
    std::optional<SteadyClock::time_point> last_;
};

}  // namespace

TEST(Rate, FollowsThePathFromFiftyToFiveMegabitsAndBack) {
    NarrowHost narrow(link_of(50));
    RateViewer viewer(narrow.port());
    (void)viewer.watch(3s);  // the desktop comes up
    const auto before = viewer.watch(6s);
    ASSERT_TRUE(narrow.relay().reshape(link_of(5)));
    const auto slow = viewer.watch(8s);
    ASSERT_TRUE(narrow.relay().reshape(link_of(50)));
    const auto wanted = static_cast<uint32_t>(0.9 * before.last_kbps);
    const auto after = viewer.watch(12s, wanted);
    const auto print = [](const char* name, const RateViewer::Phase& phase) {
        fmt::print("  {:>10}: {:4} frames, longest pause {:4.0f} ms, {:.1f} Mbit/s in the end, {:.1f} the least\n",
                   name, phase.frames, phase.longest_pause_ms, phase.last_kbps / 1e3, phase.least_kbps / 1e3);
    };
    print("50 Mbit/s", before);
    print("5 Mbit/s", slow);
    print("50 again", after);
    if (after.reached_s) fmt::print("  nine tenths of the rate again after {:.1f} s\n", *after.reached_s);
    EXPECT_GT(before.frames, 60);
    EXPECT_GT(slow.frames, 60);
    EXPECT_GT(after.frames, 60);
    EXPECT_GT(before.last_kbps, 10'000u);
    EXPECT_LT(slow.last_kbps, 5'000u);
    EXPECT_LT(slow.longest_pause_ms, 5'000) << "far over the 250 ms that it should be, for machines that are busy";
    EXPECT_TRUE(after.reached_s) << "of " << wanted << " kbit/s";
}

TEST(Rate, TheSpeedTestRecommendsWhatThePathCarries) {
    NarrowHost narrow({.rate_bps = 100'000'000, .queue_packets = 64});
    const auto client = narrow.host().client({"speed-test", narrow.address(), "--tofu", "--json"});
    ASSERT_EQ(client->wait(60s), 0) << client->err() << narrow.host().process().err();
    const json result = json::parse(client->out());
    fmt::print("  100 Mbit/s: measured {}, recommended {} kbit/s\n", result.at("path_kbps").get<int>(),
               result.at("recommended_kbps").get<int>());
    EXPECT_TRUE(result.at("path_was_filled").get<bool>()) << result.dump(2);
    EXPECT_NEAR(result.at("path_kbps").get<int>(), 100'000, 15'000) << result.dump(2);
    EXPECT_LT(result.at("recommended_kbps").get<int>(), 100'000);
    EXPECT_GT(result.at("recommended_kbps").get<int>(), 30'000);
}

// Its units are short, and pauses between them are what makes it slow.
TEST(Rate, ASlowSpeedTestDoesNotHoldTheStreamUp) {
    HostFixture host({"--open"});
    client::ConnectOptions options;
    options.host = "127.0.0.1";
    options.port = host.port();
    options.identity = *crypto::generate_identity(crypto::IdentityKind::Client);
    options.hello.mode = {640, 360, 30};
    options.hello.video_caps = wire::kCapProbeSequence;
    options.hello.tail.emplace();
    options.hello.tail->video_codecs = wire::kCodecH264;
    const auto client = client::NativeClient::connect(options);
    ASSERT_TRUE(client) << client.error().message;
    ASSERT_TRUE((*client)->next_frame(20s));
    const auto frames_in = [&](std::chrono::milliseconds time) {
        int frames = 0;
        for (const auto end = SteadyClock::now() + time; SteadyClock::now() < end;)
            frames += (*client)->next_frame(50ms) ? 1 : 0;
        return frames;
    };
    const int before = frames_in(2s);
    ASSERT_TRUE((*client)->start_probe({.target_kbps = 100, .duration_ms = 2000}));
    const int during = frames_in(2s);
    EXPECT_TRUE(eventually(10s, [&] { return (*client)->probe_report().done; }));
    EXPECT_GT((*client)->probe_report().host_units, 0u);
    fmt::print("{} frames in two seconds, {} beside filler of 100 kbit/s\n", before, during);
    EXPECT_GT(2 * during, before);
}

}  // namespace punktfunk::test
