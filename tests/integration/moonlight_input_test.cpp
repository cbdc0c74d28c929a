// What a GameStream client's user does is what programs on the desktop see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "desktop.hpp"
#include "moonlight.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
namespace gs = gs_control;

namespace {

void press(Stream& stream, uint8_t key, uint8_t modifiers = 0) {
    stream.send(gs::Key{.down = true, .virtual_key = key, .modifiers = modifiers});
    stream.send(gs::Key{.down = false, .virtual_key = key, .modifiers = modifiers});
}

}  // namespace

TEST(MoonlightInput, EveryKindIsSeenOnTheDesktop) {
    const Outbox outbox;
    MoonlightHost host({"--no-demo-desktop"});
    HostApi client = host.paired();
    host.write_app(
        {{"name", "Watch"},
         {"command", "stdbuf -oL wev -f wl_keyboard -f wl_pointer > " + outbox.file("events").string() + " 2>&1"}});
    const auto stream =
        host.stream(client, {.wish = {.width = 1280, .height = 720}, .app = app_named(client, "Watch")});
    const auto seen = [&] { return content(outbox.file("events")); };
    const auto at = [&](float x, float y) {
        stream->send(gs::MousePosition{static_cast<uint16_t>(x * 1279), static_cast<uint16_t>(y * 719), 1279, 719});
    };
    const auto shows = [&](std::string_view what, size_t from = 0) {
        return eventually(5s, [&] { return seen().find(what, from) != std::string::npos; });
    };
    // Somewhere in what came after `from` the pointer was this far from the left, give or take a window's border.
    const auto points_at = [&](double x, size_t from) {
        return eventually(5s, [&] {
            static const std::regex position(R"(x, y: ([\d.]+),)");
            const std::string text = seen().substr(from);
            return std::any_of(std::sregex_iterator(text.begin(), text.end(), position), std::sregex_iterator(),
                               [&](const std::smatch& match) { return std::abs(std::stod(match[1]) - x) < 3; });
        });
    };
    // Until wev has the focus and knows the devices.
    ASSERT_TRUE(eventually(20s,
                           [&] {
                               at(0.25, 0.25);
                               at(0.5, 0.5);
                               press(*stream, 'Q');
                               return seen().find("x, y: ") != std::string::npos &&
                                      seen().find("sym: q") != std::string::npos;
                           }))
        << describe(stream->report()) << seen() << host.host().process().err();

    size_t from = seen().size();
    press(*stream, 'A', gs::kModifierShift);  // the shift itself was lost
    EXPECT_TRUE(shows("sym: A", from)) << seen().substr(from);
    stream->send(gs::MouseMove{40, 0});
    EXPECT_TRUE(points_at(680, from)) << seen().substr(from);
    for (const auto button :
         {gs::Button::Left, gs::Button::Middle, gs::Button::Right, gs::Button::Back, gs::Button::Forward}) {
        stream->send(gs::MouseButton{true, button});
        stream->send(gs::MouseButton{false, button});
    }
    for (const char* wanted :
         {"(left), state: 1", "(middle), state: 1", "(right), state: 1", "button: 275", "button: 276"})
        EXPECT_TRUE(shows(wanted, from)) << wanted << "\n" << seen().substr(from);
    stream->send(gs::Scroll{.horizontal = false, .amount = -120});
    stream->send(gs::Scroll{.horizontal = true, .amount = 120});
    EXPECT_TRUE(shows("(vertical), discrete: 1", from)) << seen().substr(from);
    EXPECT_TRUE(shows("(horizontal), discrete: 1", from)) << seen().substr(from);

    from = seen().size();
    for (const auto event : {gs::ContactEvent::Down, gs::ContactEvent::Up})
        stream->send(gs::Touch{.pointer_id = 1,
                               .contact = {.event = event, .x = 0.25F, .y = 0.5F, .pressure = 1, .rotation = {}}});
    EXPECT_TRUE(points_at(320, from)) << seen().substr(from);
    EXPECT_TRUE(shows("(left), state: 0", from)) << seen().substr(from);
    from = seen().size();
    for (const auto event : {gs::ContactEvent::Down, gs::ContactEvent::Up})
        stream->send(gs::Pen{.tool = gs::PenTool::Pen,
                             .contact = {.event = event, .x = 0.75F, .y = 0.5F, .pressure = 0.5F, .rotation = {}},
                             .tilt = {}});
    EXPECT_TRUE(points_at(960, from)) << seen().substr(from);
    // Pads have no desktop to be seen on here; they must not hurt.
    stream->send(gs::ControllerArrival{0, gs::ControllerType::PlayStation, gs::kCapRumble | gs::kCapGyro, 0xFFFF});
    for (const uint32_t buttons : {gs::kPadSouth, 0U})
        stream->send(gs::ControllerState{.controller = 0, .connected_mask = 1, .buttons = buttons});
    stream->send(gs::ControllerMotion{0, gs::MotionType::Gyro, 1, 2, 3});
    stream->send(gs::ControllerTouch{0, gs::ContactEvent::Down, 0, 1, 0.5F, 0.5F, 1});
    stream->send(gs::ControllerBattery{0, gs::BatteryState::Discharging, 50});
    stream->send(gs::ControllerState{.controller = 0, .connected_mask = 0});

    // What was down when the client goes is let go.
    from = seen().size();
    stream->send(gs::Key{.down = true, .virtual_key = 'W'});
    stream->send(gs::MouseButton{true, gs::Button::Left});
    EXPECT_TRUE(shows("(left), state: 1", from)) << seen().substr(from);
    EXPECT_TRUE(shows("sym: w", from)) << seen().substr(from);
    stream->close();
    EXPECT_TRUE(shows("(left), state: 0", from)) << seen().substr(from);
    EXPECT_TRUE(eventually(5s, [&] {
        static const std::regex released(R"(wl_keyboard\] key: [^\n]*state: 0 \(released\)\s+sym: w)");
        return std::regex_search(seen().substr(from), released);
    })) << seen().substr(from);
    EXPECT_THAT(stream->report().faults, testing::IsEmpty()) << describe(stream->report());
}

TEST(MoonlightInput, TextArrivesAsItIsWritten) {
    const Outbox outbox;
    MoonlightHost host({"--no-demo-desktop"});
    HostApi client = host.paired();
    host.write_app({{"name", "Terminal"}, {"command", "foot sh -c 'cat > " + outbox.file("typed").string() + "'"}});
    const auto stream = host.stream(client, {.app = app_named(client, "Terminal")});
    constexpr uint8_t kEnter = 0x0D;
    const auto typed = [&] { return content(outbox.file("typed")); };
    ASSERT_TRUE(eventually(20s,
                           [&] {
                               press(*stream, 'X');
                               press(*stream, kEnter);
                               return typed().find('x') != std::string::npos;
                           }))
        << describe(stream->report()) << host.host().process().err();
    for (const char32_t scalar : U"Grüße 漢😀") {
        if (scalar != 0) stream->send(gs::Text{scalar});
    }
    EXPECT_TRUE(eventually(10s, [&] {
        press(*stream, kEnter);
        return typed().find("Grüße 漢😀") != std::string::npos;
    })) << typed();
}

}  // namespace punktfunk::test
