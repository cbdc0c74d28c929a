// Who runs what, and for how long: launches, sessions that play, and what they leave behind. On a grey desktop, with
// real sockets.
#include "lobby.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "enet_client.hpp"
#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/net/udp_socket.hpp"
#include "punktfunk/testing/grey_desktop.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::moonlight {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

namespace {

const auto kHere = boost::asio::ip::make_address("127.0.0.1");

std::string replaced(std::string whole, std::string_view part, std::string_view with) {
    const size_t at = whole.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return at == std::string::npos ? whole : whole.replace(at, part.size(), with);
}

// A client whose RTSP is plain, from the launch to the stream.
class Guest {
  public:
    Guest(Lobby& lobby, uint8_t number) : lobby_(lobby) {
        client_.name = fmt::format("client {}", number);
        client_.certificate_der = {number};
        client_.fingerprint.fill(number);
        address_ = boost::asio::ip::address_v4(0x7f000000u + number);  // plain requests are told apart by it
    }

    std::string launch(int32_t app, bool resume = false) {
        static uint32_t keys = 0;
        nvhttp::LaunchCall call{
            .resume = resume, .app_id = app, .mode = nvhttp::DisplayMode{64, 64, 30'000}, .secret = {}};
        store_le<uint32_t>(key_.bytes.data(), ++keys);
        call.secret.key = key_;
        return lobby_.launch(client_, call, kHere, address_).body;
    }
    // RTSP from OPTIONS to PLAY. False when something is refused.
    bool play() {
        static const auto requests = nlohmann::json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json"))
                                         .at("rtsp_requests_plain")
                                         .at("requests_text");
        std::string session = "DEADBEEFCAFE";
        for (const auto& request : requests) {
            auto text = request.get<std::string>();
            if (text.find("DEADBEEFCAFE") != std::string::npos) text = replaced(text, "DEADBEEFCAFE", session);
            if (text.starts_with("ANNOUNCE")) {
                const size_t before = text.size();
                text = replaced(text, announced, announces);
                text = replaced(replaced(text, "clientViewportWd:1280", "clientViewportWd:64"), "Ht:720", "Ht:64");
                text = replaced(text, "Content-length: 1492",
                                fmt::format("Content-length: {}", 1492 + text.size() - before));
            }
            const auto answer = lobby_.answer(rtsp::PlainMessage{text}, address_);
            if (!answer) return false;
            const std::string said(answer->begin(), answer->end());
            if (!said.starts_with("RTSP/1.0 200")) return false;
            if (text.starts_with("SETUP streamid=audio")) session = header(said, "Session: ", ';');
            if (text.starts_with("SETUP streamid=video")) {
                ping_ = header(said, "X-SS-Ping-Payload: ");
                video_port_ = static_cast<uint16_t>(std::stoi(header(said, "server_port=")));
            }
            if (text.starts_with("SETUP streamid=control")) {
                connect_data_ = static_cast<uint32_t>(std::stoul(header(said, "X-SS-Connect-Data: ")));
                control_port_ = static_cast<uint16_t>(std::stoi(header(said, "server_port=")));
            }
        }
        return true;
    }
    void connect() { control.emplace(control_port_, connect_data_); }
    void ping() {
        gs_media::Ping ping{.payload = gs_media::PingPayload{}, .counter = ++pings_};
        std::ranges::copy(ping_, ping.payload->begin());
        if (pings_ == 1) (void)video_.connect(*net::Endpoint::parse("127.0.0.1", video_port_));
        (void)video_.send(gs_media::encode_ping(ping));
    }
    // The traffic class of the next datagram of the picture's; -1: none came.
    [[nodiscard]] int traffic_class() {
        const int on = 1;
        (void)::setsockopt(video_.fd(), IPPROTO_IP, IP_RECVTOS, &on, sizeof on);
        pollfd ready{video_.fd(), POLLIN, 0};
        std::array<uint8_t, 2048> datagram{};
        alignas(cmsghdr) std::array<char, 128> marks{};
        iovec part{datagram.data(), datagram.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = marks.data();
        message.msg_controllen = marks.size();
        if (::poll(&ready, 1, 5000) <= 0 || ::recvmsg(video_.fd(), &message, 0) < 0) return -1;
        for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
            if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TOS) return *CMSG_DATA(header);
        }
        return -1;
    }
    // What the client says in ANNOUNCE in place of what it was seen to say.
    std::string announced = "qosTrafficType:5", announces = "qosTrafficType:5";

    [[nodiscard]] bool told_to_end() {
        auto opener = gs_control::Opener::create(key_, gs_control::Sender::Host, gs_control::Scheme::V2).value();
        return std::ranges::any_of(control->packets, [&](Bytes& packet) {
            const auto opened = opener.open(packet);
            const auto message = opened ? gs_control::decode_host_message(*opened) : std::unexpected(opened.error());
            return message && std::holds_alternative<gs_control::Termination>(*message);
        });
    }
    [[nodiscard]] int32_t runs() const { return lobby_.running_app(client_.fingerprint); }
    [[nodiscard]] const crypto::Fingerprint& fingerprint() const { return client_.fingerprint; }

    std::optional<EnetClient> control;

  private:
    static std::string header(const std::string& answer, const std::string& name, char end = '\r') {
        const size_t from = answer.find(name);
        EXPECT_NE(from, std::string::npos) << name << " in " << answer;
        if (from == std::string::npos) return "0";
        const size_t begin = from + name.size();
        return answer.substr(begin, answer.find_first_of(std::string{end, '\r'}, begin) - begin);
    }

    Lobby& lobby_;
    PairedClient client_;
    boost::asio::ip::address address_;
    gs_media::StreamKey key_;
    std::string ping_;
    uint16_t video_port_ = 0, control_port_ = 0;
    uint32_t connect_data_ = 0, pings_ = 0;
    net::UdpSocket video_ = net::UdpSocket::bind(*net::Endpoint::parse("127.0.0.1", 0)).value();
};

struct LobbyTest : ::testing::Test {
    void write_apps(const std::string& apps) {
        ASSERT_TRUE(write_file_atomic(directory.path() / "apps.json", R"({"apps": [)" + apps + "]}"));
    }
    int32_t app(std::string_view name) {
        const auto& list = catalogue.apps();
        const auto found = std::ranges::find(list, name, &App::name);
        return found == list.end() ? 0 : found->id;
    }
    Guest& guest() {
        guests.push_back(std::make_unique<Guest>(lobby, static_cast<uint8_t>(guests.size() + 1)));
        return *guests.back();
    }
    // Until `done` or twenty seconds are over.
    bool pump(const std::function<bool()>& done) {
        for (const auto end = SteadyClock::now() + 20s; SteadyClock::now() < end;) {
            io.run_for(2ms);
            for (const auto& one : guests) {
                if (one->control) one->control->service();
            }
            if (done()) return true;
        }
        return false;
    }
    [[nodiscard]] bool streams(const Guest& one) {
        const auto sessions = lobby.sessions();
        return std::ranges::any_of(sessions, [&](const SessionStatus& status) {
            return status.streaming && status.client == fmt::format("client {}", one.fingerprint()[0]);
        });
    }
    // A client whose session shows pictures.
    Guest& streaming(int32_t which, const std::string& announces = "qosTrafficType:5") {
        Guest& one = guest();
        one.announces = announces;
        EXPECT_THAT(one.launch(which), HasSubstr("<gamesession>1<"));
        EXPECT_TRUE(one.play());
        one.connect();
        EXPECT_TRUE(pump([&] { return one.control->connected; }));
        EXPECT_TRUE(pump([&] { return one.ping(), streams(one); }));
        return one;
    }

    const test::TempDirectory directory;
    boost::asio::io_context io;
    test::GreyDesktops desktops;
    AppCatalogue catalogue{directory.path() / "apps.json", "grey", nullptr};
    std::unique_ptr<StreamPorts> ports = StreamPorts::create(io, kHere, {.video = 0, .control = 0, .audio = 0}).value();
    std::unique_ptr<ControlServer> control = ControlServer::create(io, kHere, 0).value();
    Lobby lobby{io,
                {.offer = {.codecs = {.h264 = {.main = true}, .hevc = {}, .av1 = {}},
                           .pen_and_touch = true,
                           .controller_touch_and_motion = true,
                           .requested = {},
                           .surround_params = {}},
                 .max_concurrent = 0,
                 .other_sessions = {}},
                test::grey_parts(desktops),
                catalogue,
                *ports,
                *control};
    std::vector<std::unique_ptr<Guest>> guests;
};

}  // namespace

TEST_F(LobbyTest, OfDesktopsThatWaitTheFifthTakesThePlaceOfTheFirst) {
    const int32_t desktop = app(display::kDesktopName);
    for (int i = 0; i < 6; ++i) (void)streaming(desktop);
    // Everybody leaves at about the same time: nobody launches anything that would make room.
    for (const auto& one : guests) {
        one->control->leave();
        ASSERT_TRUE(pump([&] { return !streams(*one); }));
    }
    std::vector<bool> running;
    for (const auto& one : guests) running.push_back(one->runs() != 0);
    EXPECT_THAT(running, ::testing::ElementsAre(false, false, true, true, true, true));
}

TEST_F(LobbyTest, LaunchesThatWaitForRtspDoNotPushEachOtherOut) {
    const int32_t desktop = app(display::kDesktopName);
    for (size_t i = 0; i < rtsp::PendingSessions::kMax; ++i)
        ASSERT_THAT(guest().launch(desktop), HasSubstr("<gamesession>1<"));
    Guest& late = guest();
    EXPECT_THAT(late.launch(desktop), HasSubstr("status_code=\"503\""));
    EXPECT_EQ(late.runs(), 0);
    EXPECT_THAT(guests.front()->launch(desktop), HasSubstr("<gamesession>1<")) << "it has a place already";
    for (const auto& one : guests) {
        if (one.get() != &late) {
            EXPECT_TRUE(one->play()) << one->fingerprint()[0];
        }
    }
    EXPECT_THAT(late.launch(desktop), HasSubstr("<gamesession>1<"));
}

TEST_F(LobbyTest, TheEndOfAnAppIsNotTheEndOfTheNextOne) {
    write_apps(R"({"name": "Short", "command": "true"}, {"name": "Long", "command": "exec sleep 1000"})");
    const auto before = spdlog::default_logger();
    std::ostringstream log;
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log, true)));
    Guest& one = guest();
    ASSERT_THAT(one.launch(app("Short")), HasSubstr("<gamesession>1<"));
    // It has ended, and the host does not know yet: what its desktop says comes after this launch.
    const auto end = SteadyClock::now() + 10s;
    const auto said = [&] {
        spdlog::default_logger()->flush();
        return log.str().find("has ended") != std::string::npos;
    };
    while (SteadyClock::now() < end && !said()) (void)::poll(nullptr, 0, 5);
    (void)::poll(nullptr, 0, 50);  // for it to be said to the host as well
    spdlog::set_default_logger(before);
    ASSERT_THAT(one.launch(app("Long")), HasSubstr("<gamesession>1<"));
    const auto wait = SteadyClock::now() + 500ms;
    (void)pump([&] { return SteadyClock::now() > wait; });
    EXPECT_EQ(one.runs(), app("Long"));
    EXPECT_TRUE(one.play());
}

TEST_F(LobbyTest, AnAppThatEndsIsSaidToAClientThatHasSeenIt) {
    write_apps(fmt::format(R"({{"name": "App", "command": "while ! test -e {}; do sleep 0.05; done"}})",
                           (directory.path() / "enough").string()));
    Guest& one = streaming(app("App"));
    std::ofstream(directory.path() / "enough").put('\n');
    EXPECT_TRUE(pump([&] { return one.control->disconnected; }));
    EXPECT_TRUE(one.told_to_end());
    EXPECT_EQ(one.runs(), 0);
}

// Stock clients show a dialog for a graceful end that comes before the first picture (spec §8.6).
TEST_F(LobbyTest, BeforeTheFirstPictureNoEndIsGraceful) {
    Guest& one = guest();
    ASSERT_THAT(one.launch(app(display::kDesktopName)), HasSubstr("<gamesession>1<"));
    ASSERT_TRUE(one.play());
    one.connect();
    ASSERT_TRUE(pump([&] { return one.control->connected; }));
    one.control->ask();
    ASSERT_TRUE(pump([&] { return one.control->has_answer(); })) << "for the host it is connected as well";
    lobby.quit_app(one.fingerprint());
    EXPECT_TRUE(pump([&] { return one.control->disconnected; }));
    EXPECT_FALSE(one.told_to_end());
}

TEST_F(LobbyTest, ThePictureIsMarkedWhereTheClientsNetworkTakesMarks) {
    EXPECT_EQ(streaming(app(display::kDesktopName)).traffic_class(), 0xA0) << "CS5";
    EXPECT_EQ(streaming(app(display::kDesktopName), "qosTrafficType:0").traffic_class(), 0);
}

TEST_F(LobbyTest, ALaunchTakesThePlaceOfTheClientsOwnSession) {
    const int32_t desktop = app(display::kDesktopName);
    Guest& one = streaming(desktop);
    EnetClient old = std::move(*one.control);
    one.control.reset();
    EXPECT_THAT(one.launch(desktop, true), HasSubstr("<resume>1<"));
    EXPECT_TRUE(pump([&] { return old.service(), old.disconnected; })) << "the old session goes at once";
    ASSERT_TRUE(one.play());
    one.connect();
    EXPECT_TRUE(pump([&] { return one.control->connected; }));
    EXPECT_TRUE(pump([&] { return one.ping(), streams(one); }));
    EXPECT_EQ(lobby.sessions().size(), 1u);
}

}  // namespace punktfunk::moonlight
