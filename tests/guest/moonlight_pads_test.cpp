// A GameStream client's controllers from end to end: its control messages, over the real handshake to the real server,
// become events of kernel devices, and what games ask of these comes back as control messages. Only the desktop is
// none: it is a grey picture.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "evdev.hpp"
#include "process.hpp"
#include "punktfunk/crypto/random.hpp"
#include "punktfunk/moonlight/moonlight_server.hpp"
#include "punktfunk/moonlight_client/control_link.hpp"
#include "punktfunk/moonlight_client/host_api.hpp"
#include "punktfunk/moonlight_client/rtsp.hpp"
#include "punktfunk/moonlight_client/udp_port.hpp"
#include "punktfunk/testing/grey_desktop.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
namespace gs = gs_control;
using moonlight_client::ControlLink;
using moonlight_client::HostApi;

namespace {

// A host on loopback, on a thread of its own, and the one client that is paired with it.
class Host {
  public:
    template <typename Function>
    auto there(Function function) {
        std::promise<decltype(function(*server_))> done;
        boost::asio::post(io_, [&] { done.set_value(function(*server_)); });
        return done.get_future().get();
    }
    Host() {
        const std::vector<encode::ProbeResult> encoders{
            {.encoder = "grey", .codec = encode::Codec::H264, .available = true, .reason = {}}};
        server_ = moonlight::MoonlightServer::start(io_,
                                                    {.bind = boost::asio::ip::make_address("127.0.0.1"),
                                                     .port_base = 0,
                                                     .identity = *crypto::generate_identity(crypto::IdentityKind::Host),
                                                     .hostname = "guest",
                                                     .unique_id = "00112233445566778899aabbccddeeff",
                                                     .config_dir = directory_.path(),
                                                     .other_sessions = {}},
                                                    grey_parts(desktops_), encoders)
                      .value();
        api = std::make_unique<HostApi>("127.0.0.1", server_->ports().http,
                                        *crypto::generate_identity(crypto::IdentityKind::Host));
        thread_ = std::jthread([this] { io_.run(); });
        auto paired = std::async(std::launch::async, [&] { return api->pair("1234"); });
        EXPECT_TRUE(eventually(kPatience, [&] {
            return there([](auto& server) { return server.enter_pin(0, "1234", "deck").has_value(); });
        }));
        EXPECT_TRUE(paired.get());
    }
    ~Host() {
        there([this](auto&) { return server_.reset(), 0; });
        guard_.reset();
    }
    std::unique_ptr<HostApi> api;

  private:
    TempDir directory_;
    GreyDesktops desktops_;
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{io_.get_executor()};
    std::unique_ptr<moonlight::MoonlightServer> server_;
    std::jthread thread_;
};

// A session's control stream; the picture is asked for, and not looked at.
class Session {
  public:
    explicit Session(HostApi& api, moonlight_client::LaunchWish wish) {
        wish.app = api.apps().value().front().id;
        wish.width = wish.height = 64;
        crypto::random_bytes(wish.key);
        const auto url = api.launch(wish);
        if (!url) throw std::runtime_error(url.error().message);
        const auto agreed = moonlight_client::shake_hands({.ip = "127.0.0.1", .session_url = *url, .key = wish.key},
                                                          {.width = 64, .height = 64}, [](const auto&) {});
        if (!agreed) throw std::runtime_error(agreed.error().message);
        gs_media::StreamKey key;
        key.bytes = wish.key;
        control_.emplace(
            ControlLink::create(
                {.ip = "127.0.0.1", .port = agreed->control_port, .connect_data = agreed->connect_data, .key = key},
                {.connected = [this] { connected_ = true; },
                 .message = [this](const auto& message) { said_.push_back(message); },
                 .fault = [](const std::string& what) { ADD_FAILURE() << what; },
                 .disconnected = [] {}})
                .value());
        video_.emplace(moonlight_client::UdpPort::open("127.0.0.1").value());
        video_->aim(*moonlight_client::SocketAddress::parse("127.0.0.1", agreed->video_port), agreed->video_ping);
        EXPECT_TRUE(until([&] { return connected_; }));
        EXPECT_TRUE(until([&] {
            std::array<uint8_t, 2048> datagram;
            video_->ping();
            return video_->receive(datagram) > 0;
        }));
    }
    void send(const gs::InputEvent& event) {
        const Bytes packet = gs::encode_input(event);
        control_->send(gs::Input{packet}, gs::route_of(event));
        control_->service();
    }
    // What has been said since the last call that found something, up to and including this.
    [[nodiscard]] bool hears(const gs::HostMessage& wanted) {
        return until([&] {
            while (next_ < said_.size()) {
                if (said_[next_++] == wanted) return true;
            }
            return false;
        });
    }
    void close() { control_->disconnect(2s); }

  private:
    bool until(const std::function<bool()>& done) {
        return eventually(kPatience, [&] {
            control_->service();
            return done();
        });
    }
    std::optional<ControlLink> control_;
    std::optional<moonlight_client::UdpPort> video_;
    bool connected_ = false;
    std::vector<gs::HostMessage> said_;
    size_t next_ = 0;
};

gs::ControllerState state(uint8_t controller, uint32_t buttons, int16_t left_y = 0) {
    return {.controller = controller, .connected_mask = 0xFFFF, .buttons = buttons, .left_y = left_y};
}
constexpr const char* kFirstPad = "punktfunk/deck/0";

}  // namespace

TEST(MoonlightPads, AnXboxPad) {
    Host host;
    Session session(*host.api, {});
    session.send(state(0, 0));
    EvdevNode node = EvdevNode::open(kFirstPad);
    EXPECT_EQ(node.name(), "Microsoft X-Box 360 pad");
    session.send(state(0, gs::kPadEast, 20000));
    EXPECT_TRUE(node.sees({EV_KEY, BTN_EAST, 1}));
    EXPECT_EQ(node.axis(ABS_Y).value, -20000) << "up is negative there";
    const int effect = node.upload(0xffff, 0x8000, 0ms);
    node.play(effect, 1);
    const gs::Rumble rumbling{.controller = 0, .low_frequency = 0xfffe, .high_frequency = 0x7fff};
    EXPECT_TRUE(session.hears(rumbling));
    EXPECT_TRUE(session.hears(rumbling)) << "again after a while, or clients end it";
    node.play(effect, 0);
    EXPECT_TRUE(session.hears(gs::Rumble{.controller = 0}));
    session.send(gs::ControllerState{.controller = 0, .connected_mask = 0xFFFE});
    EXPECT_TRUE(node.gone());
}

TEST(MoonlightPads, ADualSense) {
    Host host;
    Session session(*host.api, {});
    session.send(gs::ControllerArrival{1, gs::ControllerType::PlayStation, 0x1FF, 0});
    EXPECT_TRUE(session.hears(gs::MotionReports{1, 100, gs::MotionType::Gyro}));
    const char* pad = "punktfunk/deck/1";
    EvdevNode node = EvdevNode::open(pad, "DualSense Wireless Controller");
    EvdevNode touchpad = EvdevNode::open(pad, "Touchpad");
    EvdevNode motion = EvdevNode::open(pad, "Motion Sensors");
    session.send(state(1, gs::kPadSouth));
    EXPECT_TRUE(node.sees({EV_KEY, BTN_SOUTH, 1}));
    session.send(gs::ControllerTouch{1, gs::ContactEvent::Down, 0, 77, 1, 1, 1});
    EXPECT_TRUE(touchpad.sees({EV_ABS, ABS_MT_POSITION_X, 1919}));
    session.send(gs::ControllerMotion{1, gs::MotionType::Gyro, 10, 0, 0});
    EXPECT_TRUE(eventually(kPatience, [&] { return motion.axis(ABS_RX).value > 0; }));
    node.play(node.upload(0x8000, 0, 0ms), 1);
    EXPECT_TRUE(session.hears(gs::Rumble{.controller = 1, .low_frequency = 0x8000, .high_frequency = 0}));
    for (const auto& led : std::filesystem::directory_iterator(node.hid_device() / "leds")) {
        if (led.path().filename().string().find("rgb") == std::string::npos) continue;
        std::ofstream(led.path() / "multi_intensity") << "1 2 3" << std::flush;
        std::ofstream(led.path() / "brightness") << "255" << std::flush;
    }
    EXPECT_TRUE(session.hears(gs::LedColour{1, 1, 2, 3}));
}

TEST(MoonlightPads, GoWithTheSessionOrStayAsTheClientWants) {
    Host host;
    {
        Session session(*host.api, {.gamepads = 1});
        session.send(state(0, gs::kPadSouth));
        EvdevNode node = EvdevNode::open(kFirstPad);
        session.close();
        EXPECT_TRUE(node.gone());
    }
    Session first(*host.api, {.resume = true, .gamepads = 1, .keep_gamepads = true});
    first.send(state(0, 0));
    EvdevNode node = EvdevNode::open(kFirstPad);
    first.send(state(0, gs::kPadEast));
    EXPECT_TRUE(node.sees({EV_KEY, BTN_EAST, 1}));
    first.close();
    EXPECT_TRUE(node.sees({EV_KEY, BTN_EAST, 0})) << "what the client held is let go";
    Session second(*host.api, {.resume = true, .gamepads = 1, .keep_gamepads = true});
    second.send(state(0, gs::kPadNorth));
    EXPECT_TRUE(node.sees({EV_KEY, BTN_WEST, 1})) << "the same device still";
    ASSERT_TRUE(host.api->cancel());
    EXPECT_TRUE(node.gone());
}

}  // namespace punktfunk::test
