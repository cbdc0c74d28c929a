// While a client of each protocol streams, everything that strangers, and a paired client with bad intentions, can do
// to every port: it is refused, said once, and the streams do not notice.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <random>
#include <thread>

#include "moonlight.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/client/native_client.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
namespace gs = gs_control;
using Channel = HostApi::Channel;

namespace {

// A punktfunk/1 stream, watched.
class NativeStream {
  public:
    explicit NativeStream(const HostFixture& host) {
        client::ConnectOptions options{.host = "127.0.0.1", .port = host.port(), .hello = {}};
        options.identity = *crypto::generate_identity(crypto::IdentityKind::Client);
        options.hello.mode = {640, 360, 30};
        options.hello.tail.emplace();
        options.hello.tail->video_codecs = wire::kCodecH264;
        auto connected = client::NativeClient::connect(options);
        if (!connected) throw std::runtime_error(connected.error().message);
        client_ = std::move(*connected);
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }
    [[nodiscard]] uint64_t frames() const { return frames_; }
    [[nodiscard]] uint64_t lost() const { return lost_; }
    [[nodiscard]] uint16_t data_port() const { return client_->welcome().udp_port; }

  private:
    void run(const std::stop_token& stop) {
        std::optional<uint32_t> last;
        while (!stop.stop_requested()) {
            const auto frame = client_->next_frame(100ms);
            if (!frame) continue;
            ++frames_;
            if (last) lost_ += frame->frame_index - *last - 1;
            last = frame->frame_index;
        }
    }
    std::unique_ptr<client::NativeClient> client_;
    std::atomic<uint64_t> frames_{0}, lost_{0};
    std::jthread thread_;
};

sockaddr_in at(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

UniqueFd tcp(uint16_t port) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto to = at(port);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0) << port;
    return fd;
}
void say(const UniqueFd& fd, std::string_view text) {
    (void)::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}
// To the other end's close, or for five seconds.
std::string answer_of(const UniqueFd& fd) {
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string answer;
    std::array<char, 4096> piece;
    for (ssize_t got; (got = ::recv(fd.get(), piece.data(), piece.size(), 0)) > 0;)
        answer.append(piece.data(), static_cast<size_t>(got));
    return answer;
}

struct MoonlightAbuse : testing::Test {
    MoonlightHost moonlight{{"--open"}};
    HostFixture& host = moonlight.host();
    HostApi client = moonlight.paired();
    std::unique_ptr<Stream> stream = moonlight.stream(client);
    NativeStream native{host};
    std::mt19937 random{5};

    [[nodiscard]] uint16_t port(const char* name) { return host.ready().at("gamestream").at(name).get<uint16_t>(); }
    std::string noise(size_t most) {
        std::string bytes(random() % most + 1, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random());
        return bytes;
    }
    // Both streams show a second's pictures more, and have lost none.
    void expect_unhurt(const char* by) {
        SCOPED_TRACE(by);
        const uint64_t frames = native.frames(), decoded = stream->report().decoded;
        EXPECT_TRUE(stream->wait(20s, [&](const StreamReport& report) { return report.decoded >= decoded + 30; }));
        EXPECT_TRUE(eventually(20s, [&] { return native.frames() >= frames + 30; }));
        const auto report = stream->report();
        EXPECT_THAT(report.faults, testing::IsEmpty()) << describe(report);
        EXPECT_EQ(report.frames_lost + report.discarded + report.decode_errors + report.audio_undecodable, 0u)
            << describe(report);
        EXPECT_FALSE(report.ended);
        EXPECT_EQ(native.lost(), 0u);
    }
    [[nodiscard]] size_t warnings() {
        const std::string log = host.process().err();
        size_t count = 0;
        for (size_t at = log.find("[warning]"); at != std::string::npos; at = log.find("[warning]", at + 1)) ++count;
        return count;
    }
};

}  // namespace

TEST_F(MoonlightAbuse, TheStreamsDoNotNotice) {
    ASSERT_TRUE(stream->wait(30s, [](const StreamReport& report) { return report.decoded > 10; }))
        << describe(stream->report()) << host.process().err();
    ASSERT_TRUE(eventually(30s, [&] { return native.frames() > 10; }));
    const size_t warned = warnings();
    const auto begun = SteadyClock::now();
    const uint16_t tcp_ports[] = {port("http"), port("https"), port("rtsp")};

    for (const uint16_t number : tcp_ports) {
        for (int i = 0; i < 100; ++i) say(tcp(number), noise(2000));
    }
    expect_unhurt("random bytes over TCP");

    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = std::min<rlim_t>(descriptors.rlim_max, 8192);
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    std::vector<UniqueFd> half_open;
    for (int i = 0; i < 1000; ++i) {
        half_open.push_back(tcp(tcp_ports[i % 3]));
        if (i % 2 == 0) say(half_open.back(), i % 3 == 2 ? "OPTIONS rtsp://" : "GET /serverinfo HTTP/1.1\r\nHos");
    }
    EXPECT_TRUE(client.server_info()) << "somebody may still ask";
    expect_unhurt("1,000 connections that stand there");
    // Those of RTSP go on, a byte at a time.
    for (int byte = 0; byte < 20; ++byte) {
        for (size_t i = 2; i < half_open.size(); i += 3) say(half_open[i], "x");
    }
    expect_unhurt("requests that drip");
    half_open.clear();

    const UniqueFd large = tcp(port("http"));
    say(large, "GET /" + std::string(30'000, 'a') + " HTTP/1.1\r\n\r\n");
    EXPECT_THAT(answer_of(large), testing::HasSubstr("431"));
    const UniqueFd huge = tcp(port("rtsp"));
    say(huge, "OPTIONS x RTSP/1.0\r\nCSeq: 1\r\nX: " + std::string(100'000, 'x'));
    EXPECT_EQ(answer_of(huge), "");
    expect_unhurt("headers without end");

    const UniqueFd udp(::socket(AF_INET, SOCK_DGRAM, 0));
    const uint16_t udp_ports[] = {port("video"), port("control"), port("audio"), host.port(), native.data_port()};
    for (int i = 0; i < 2000; ++i) {
        for (const uint16_t number : udp_ports) {
            std::string datagram = noise(1400);
            if (i % 5 == 1) datagram = "PING";
            if (i % 5 == 2 && datagram.size() > 20) datagram.resize(20);  // as long as a ping with a payload
            if (i % 5 == 3 && datagram.size() > 5) datagram[0] = '\x8F', datagram[1] = '\xFF', datagram[4] = '\x82';
            if (i % 5 == 4 && datagram.size() > 6) datagram.replace(0, 5, std::string("\xC0\0\0\0\1", 5));
            const auto to = at(number);
            (void)::sendto(udp.get(), datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                           sizeof to);
        }
    }
    // QUIC says to everybody which versions it speaks; nobody else says anything.
    std::array<char, 64> answer;
    sockaddr_in from{};
    socklen_t length = sizeof from;
    while (::recvfrom(udp.get(), answer.data(), answer.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from),
                      &length) >= 0)
        EXPECT_EQ(ntohs(from.sin_port), host.port()) << "a stranger got an answer";
    expect_unhurt("random datagrams");

    HostApi stranger = moonlight.stranger();
    ASSERT_TRUE(stranger.server_info());
    for (int i = 0; i < 10; ++i) {
        for (const char* path : {"/serverinfo", "/applist", "/appasset", "/launch", "/resume", "/cancel"}) {
            const auto refused =
                stranger.ask(Channel::Https, path,
                             {{"appid", "1"}, {"mode", "64x64x30"}, {"rikey", std::string(32, '0')}, {"rikeyid", "1"}});
            ASSERT_TRUE(refused) << path << ": " << refused.error().message;
            EXPECT_EQ(refused->status, 401u) << path;
        }
        const auto challenge = stranger.ask(Channel::Https, "/pair", {{"phrase", "pairchallenge"}});
        ASSERT_TRUE(challenge);
        EXPECT_NE(challenge->status, 200u);
    }
    expect_unhurt("strangers at every endpoint");

    // And the client itself: the same sealed packet again and again, and packets that are not sealed.
    const auto bytes = [](const gs::InputEvent& event) { return gs::encode(gs::Input{gs::encode_input(event)}); };
    stream->send_again(gs::Input{gs::encode_input(gs::MouseMove{5, 5})}, 500);
    for (int i = 0; i < 100; ++i) stream->send_unsealed(bytes(gs::Key{.down = true, .virtual_key = 'A'}));
    expect_unhurt("replayed and forged control packets");

    // Each kind of complaint once in half a minute: three ports that are full, who is refused by RTSP and by HTTPS; and
    // once for the session what could not be opened.
    const auto half_minutes = static_cast<size_t>((SteadyClock::now() - begun) / 30s) + 1;
    EXPECT_LE(warnings() - warned, 5 * half_minutes + 2) << host.process().err();
    EXPECT_TRUE(client.cancel());
}

// Crashed clients that come again leave nothing behind.
TEST(MoonlightLeak, ClientsThatCrashAndComeBack) {
    MoonlightHost moonlight;
    HostFixture& host = moonlight.host();
    HostApi client = moonlight.paired();
    const auto entries = [&](const char* what) {
        size_t count = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(
                 std::filesystem::path("/proc") / std::to_string(host.process().pid()) / what))
            ++count;
        return count;
    };
    const auto round = [&](bool resume) {
        const auto stream = moonlight.stream(client, {.resume = resume});
        ASSERT_TRUE(stream->wait(30s, [](const StreamReport& report) { return report.decoded > 2; }))
            << describe(stream->report()) << host.process().err();
        stream->crash();
    };
    const auto at_rest = [&] {
        EXPECT_TRUE(client.cancel());
        EXPECT_TRUE(eventually(20s, [&] { return host.desktops().empty(); }));
        std::pair<size_t, size_t> now;
        EXPECT_TRUE(
            eventually(20s, [&] { return std::exchange(now, std::pair(entries("task"), entries("fd"))) == now; }));
        return now;
    };
    round(false);
    const auto before = at_rest();
    for (int i = 0; i < 20; ++i) round(i > 0);
    std::pair<size_t, size_t> after;
    EXPECT_TRUE(eventually(
        20s, [&] { return after = at_rest(), after.first <= before.first && after.second <= before.second; }))
        << before.first << " threads, " << before.second << " descriptors; then " << after.first << ", "
        << after.second;
}

}  // namespace punktfunk::test
