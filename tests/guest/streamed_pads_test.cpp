// Pads from end to end: a client's datagrams, over real QUIC to a real server, become events of kernel devices, and
// what games ask of these comes back to the client. Only the desktop is none: it is a grey picture.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "evdev.hpp"
#include "process.hpp"
#include "punktfunk/client/native_client.hpp"
#include "punktfunk/native/native_server.hpp"
#include "punktfunk/testing/grey_desktop.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

// The host's, or that of the client with this name. Made once: keys take seconds in this machine.
const crypto::Identity& identity(const std::string& owner) {
    static std::map<std::string, crypto::Identity> made;
    const auto kind = owner == "host" ? crypto::IdentityKind::Host : crypto::IdentityKind::Client;
    if (!made.contains(owner)) made[owner] = crypto::generate_identity(kind).value();
    return made[owner];
}

// A host on loopback, on a thread of its own.
class Host {
  public:
    Host() {
        const std::vector<encode::ProbeResult> encoders{
            {.encoder = "grey", .codec = encode::Codec::Hevc, .available = true, .reason = {}}};
        server_ = native::NativeServer::start(io_,
                                              {.bind = {boost::asio::ip::make_address("127.0.0.1"), 0},
                                               .identity = identity("host"),
                                               .require_pairing = false},
                                              paired_, window_, grey_parts(desktops_), encoders)
                      .value();
        port_ = server_->local().port();
        thread_ = std::jthread([this] { io_.run(); });
    }
    ~Host() {
        io_.stop();
        thread_.join();
        server_.reset();
    }

    [[nodiscard]] std::unique_ptr<client::NativeClient> connect(wire::Hello hello) const {
        hello.mode = {kGreyMode.width, kGreyMode.height, kGreyMode.refresh_hz};
        client::ConnectOptions options{.host = "127.0.0.1", .port = port_, .hello = hello};
        options.identity = identity(*hello.name);
        options.timeout = 60s;
        auto connected = client::NativeClient::connect(options);
        if (!connected) throw std::runtime_error(connected.error().message);
        // The stream has begun: from now on the host listens to datagrams.
        if (auto frame = (*connected)->next_frame(60s); !frame) throw std::runtime_error(frame.error().message);
        return std::move(*connected);
    }

  private:
    TempDir directory_;
    GreyDesktops desktops_;
    native::PairedStore paired_ = native::PairedStore::open(directory_.path() / "paired.json").value();
    native::PairingWindow window_;
    boost::asio::io_context io_;
    std::unique_ptr<native::NativeServer> server_;
    uint16_t port_ = 0;
    std::jthread thread_;
};

constexpr const char* kSeedPad = "punktfunk/seed/0";
constexpr const char* kLaterPad = "punktfunk/later/3";

wire::Hello seed_hello() {
    return {.name = "seed"};
}
wire::Hello later_hello() {
    wire::Hello hello{.gamepad = wire::Gamepad::DualSense, .name = "later"};
    hello.tail.emplace();
    return hello;
}

wire::InputEvent button(uint32_t bits, bool down) {
    return {.kind = wire::InputKind::GamepadButton, .code = bits, .x = down ? 1 : 0, .flags = 0};
}

}  // namespace

TEST(StreamedPads, OfTheSeedsClient) {
    const Host host;
    const auto client = host.connect(seed_hello());
    EXPECT_EQ(client->welcome().gamepad, wire::Gamepad::Xbox360);
    EXPECT_FALSE(client->welcome().tail);
    ASSERT_TRUE(client->send_input(button(0x1000, true)));
    EvdevNode node = EvdevNode::open(kSeedPad);
    EXPECT_EQ(node.name(), "Microsoft X-Box 360 pad");
    ASSERT_TRUE(client->send_input({.kind = wire::InputKind::GamepadAxis, .code = 1, .x = -20000}));
    EXPECT_TRUE(node.sees({EV_ABS, ABS_Y, 20000}));
    node.play(node.upload(0xffff, 0x8000, 0ms), 1);
    EXPECT_EQ(client->next_rumble(kPatience).value(), (wire::Rumble{0, 0xfffe, 0x7fff})) << "in the seed's form";
    EXPECT_EQ(client->next_rumble(kPatience).value(), (wire::Rumble{0, 0xfffe, 0x7fff})) << "again after a while";
}

TEST(StreamedPads, OfALaterClient) {
    const Host host;
    const auto client = host.connect(later_hello());
    EXPECT_EQ(client->welcome().gamepad, wire::Gamepad::DualSense);
    ASSERT_TRUE(client->welcome().tail);
    EXPECT_NE(client->welcome().tail->host_caps & wire::kHostCapGamepadState, 0);

    ASSERT_TRUE(client->send_input(to_event(wire::GamepadArrival{3, 2, 0})));
    EvdevNode node = EvdevNode::open(kLaterPad, "DualSense Wireless Controller");
    EvdevNode touchpad = EvdevNode::open(kLaterPad, "Touchpad");
    // Datagrams may be lost, also here: what is shown is what was sent last.
    EXPECT_TRUE(
        client->send_input(to_event(wire::GamepadState{.pad = 3, .seq = 1, .buttons = 0x1000, .left_x = 32767})));
    EXPECT_TRUE(node.sees({EV_KEY, BTN_SOUTH, 1}));
    EXPECT_EQ(node.axis(ABS_X).value, 255);
    EXPECT_TRUE(client->send_rich_input(wire::Touchpad{3, 0, true, 65535, 65535}));
    EXPECT_TRUE(touchpad.sees({EV_ABS, ABS_MT_POSITION_X, 1919}));

    node.play(node.upload(0x8000, 0, 0ms), 1);
    const auto rumble = client->next_rumble(kPatience);
    ASSERT_TRUE(rumble) << rumble.error().message;
    ASSERT_TRUE(rumble->envelope) << "with a count and a time to live";
    EXPECT_EQ(std::tuple(rumble->pad, rumble->low, rumble->high), (std::tuple<int, int, int>(3, 0x8000, 0)));
    const auto renewed = client->next_rumble(kPatience);
    ASSERT_TRUE(renewed && renewed->envelope);
    EXPECT_EQ(renewed->envelope->seq, rumble->envelope->seq + 1);
    EXPECT_GT(renewed->envelope->ttl_ms, 500);

    for (const auto& led : std::filesystem::directory_iterator(node.hid_device() / "leds")) {
        if (led.path().filename().string().find("rgb") == std::string::npos) continue;
        std::ofstream(led.path() / "multi_intensity") << "1 2 3" << std::flush;
        std::ofstream(led.path() / "brightness") << "255" << std::flush;
    }
    // The driver has shown its own colours before.
    EXPECT_TRUE(eventually(kPatience, [&] {
        const auto output = client->next_hid_output(kPatience);
        return output && *output == wire::HidOutput{wire::Lightbar{3, 1, 2, 3}};
    }));

    ASSERT_TRUE(client->send_input(to_event(wire::GamepadRemove{3, 2})));
    EXPECT_TRUE(node.gone());
    EXPECT_TRUE(client->send_input(to_event(wire::GamepadState{.pad = 3, .seq = 1})));  // overtaken
    EXPECT_TRUE(client->send_input(to_event(wire::GamepadState{.pad = 4, .seq = 1})));
    (void)EvdevNode::open("punktfunk/later/4");
    EXPECT_FALSE(EvdevNode::exists(kLaterPad));
}

TEST(StreamedPads, GoWithTheirClient) {
    const Host host;
    auto one = host.connect(seed_hello()), other = host.connect(later_hello());
    ASSERT_TRUE(one->send_input(button(0x1000, true)));
    ASSERT_TRUE(other->send_input(to_event(wire::GamepadArrival{3, 1, 0})));
    EvdevNode of_one = EvdevNode::open(kSeedPad);
    EvdevNode of_other = EvdevNode::open(kLaterPad);
    one.reset();
    EXPECT_TRUE(of_one.gone());
    EXPECT_TRUE(other->send_input(to_event(wire::GamepadState{.pad = 3, .seq = 1, .buttons = 0x2000})));
    EXPECT_TRUE(of_other.sees({EV_KEY, BTN_EAST, 1})) << "the other session goes on";
}

TEST(StreamedPads, GoWithTheirHost) {
    auto host = std::make_unique<Host>();
    const auto client = host->connect(seed_hello());
    ASSERT_TRUE(client->send_input(button(0x1000, true)));
    EvdevNode node = EvdevNode::open(kSeedPad);
    host.reset();
    EXPECT_TRUE(node.gone());
}

}  // namespace punktfunk::test
