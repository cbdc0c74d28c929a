// Events into a real desktop, and what its programs make of them.
#include <gtest/gtest.h>

#include <csignal>
#include <random>
#include <regex>
#include <set>

#include "desktop.hpp"
#include "host_fixture.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/input/input_sink.hpp"
#include "raw_client.hpp"
#include "seen_events.hpp"
#include "sway_session.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using enum wire::InputKind;
using wire::InputEvent;

namespace {

constexpr uint32_t kTab = 0x09, kEnter = 0x0d, kShift = 0xa0, kControl = 0xa2, kRightAlt = 0xa5, kCapsLock = 0x14,
                   kNumLock = 0x90, kNumpad7 = 0x67, kQuote = 0xde;

void press(input::InputSink& sink, uint32_t virtual_key) {
    ASSERT_TRUE(sink.inject({.kind = KeyDown, .code = virtual_key}));
    ASSERT_TRUE(sink.inject({.kind = KeyUp, .code = virtual_key}));
}

void type(input::InputSink& sink, std::u32string_view text) {
    std::vector<InputEvent> events;
    for (const char32_t character : text) events.push_back({.kind = TextInput, .code = character});
    ASSERT_TRUE(sink.inject(events));
}

// A terminal on a desktop of its own; everything typed into it goes to a file, a line at a time.
class Terminal {
  public:
    explicit Terminal(const input::KeyboardLayout& layout = {})
        : desktop_({640, 360, 60}, {"foot sh -c 'touch " + outbox_.file("ready").string() + "; cat > " +
                                    outbox_.file("typed").string() + "'"}),
          layout_(layout) {
        if (!eventually(10s, [&] { return std::filesystem::exists(outbox_.file("ready")); }))
            throw std::runtime_error("no terminal");
        open_sink({});
    }
    void open_sink(const input::KeyboardLocks& locks) {
        sink_.reset();
        auto made = input::make_wayland_sink(desktop_.display().target(), layout_, locks);
        if (!made) throw std::runtime_error(made.error().message);
        sink_ = std::move(*made);
        // Whether the terminal has the focus and knows the keyboard only its echo tells: type until it does.
        const size_t before = typed().size();
        const bool arrives = eventually(10s, [&] {
            press(*sink_, 'X');
            press(*sink_, kEnter);
            return typed().find_first_of("xX", before) != std::string::npos;
        });
        if (!arrives) throw std::runtime_error("the terminal gets no keys");
    }
    input::InputSink& sink() { return *sink_; }
    [[nodiscard]] std::string typed() const { return content(outbox_.file("typed")); }
    // After an Enter: whether the file ends like this, now or soon.
    [[nodiscard]] bool reads(const std::string& wanted) {
        press(*sink_, kEnter);
        return eventually(10s, [&] { return typed().ends_with(fmt::format("\n{}\n", wanted)); });
    }

  private:
    Outbox outbox_;
    Desktop desktop_;
    input::KeyboardLayout layout_;
    std::unique_ptr<input::InputSink> sink_;
};

using Seen = SeenEvents;

class WatchedDesktop {
  public:
    WatchedDesktop()
        : desktop_({1280, 720, 60}, {Seen::command(outbox_.file("events"))}), seen(outbox_.file("events")) {
        open_sink();
    }
    // Until wev has seen that it can: it has to learn of new devices first.
    void open_sink() {
        sink_.reset();
        auto made = input::make_wayland_sink(desktop_.display().target());
        if (!made) throw std::runtime_error(made.error().message);
        sink_ = std::move(*made);
        const size_t before = seen.text().size();
        const auto seen_now = [&](const char* what) { return seen.text().find(what, before) != std::string::npos; };
        const bool arrives = eventually(10s, [&] {
            EXPECT_TRUE(sink().inject(at(100, 100)));
            EXPECT_TRUE(sink().inject(at(640, 360)));
            press(sink(), 'Q');
            return seen_now("x, y: 63") && seen_now("sym: q");
        });
        if (!arrives) throw std::runtime_error("wev sees nothing: " + seen.text());
    }
    input::InputSink& sink() { return *sink_; }
    void drop_sink() { sink_.reset(); }
    static InputEvent at(int32_t x, int32_t y, wire::InputKind kind = MouseMoveAbs, uint32_t id = 0) {
        return {.kind = kind, .code = id, .x = x, .y = y, .flags = 1280u << 16 | 720u};
    }
    // Everything sent so far has been seen, and what the test sent follows the mark.
    [[nodiscard]] size_t mark() {
        static constexpr uint32_t kF12 = 0x7b;
        const size_t before = seen.text().size();
        press(sink(), kF12);
        EXPECT_TRUE(eventually(5s, [&] { return seen.text().find("sym: F12", before) != std::string::npos; }));
        return seen.text().size();
    }

  private:
    Outbox outbox_;
    Desktop desktop_;
    std::unique_ptr<input::InputSink> sink_;

  public:
    Seen seen;
};

size_t count(const std::string& text, const std::string& what, size_t from) {
    size_t found = 0;
    for (size_t at = text.find(what, from); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
}

// Of all "value: " of one axis ("vertical", "horizontal").
double scrolled(const std::string& text, const std::string& axis, size_t from) {
    double sum = 0;
    const std::string head = "(" + axis + "), value: ";
    for (size_t at = text.find(head, from); at != std::string::npos; at = text.find(head, at + 1))
        sum += std::stod(text.substr(at + head.size()));
    return sum;
}

std::string utf8(std::u32string_view text) {
    std::string bytes;
    for (const char32_t c : text) {
        const auto more = [&](int shift) { bytes += static_cast<char>(0x80 | (c >> shift & 0x3f)); };
        if (c < 0x80) {
            bytes += static_cast<char>(c);
        } else if (c < 0x800) {
            bytes += static_cast<char>(0xc0 | c >> 6), more(0);
        } else if (c < 0x10000) {
            bytes += static_cast<char>(0xe0 | c >> 12), more(6), more(0);
        } else {
            bytes += static_cast<char>(0xf0 | c >> 18), more(12), more(6), more(0);
        }
    }
    return bytes;
}

}  // namespace

TEST(Keys, ArriveWithTheirModifiers) {
    Terminal terminal;
    auto& sink = terminal.sink();
    for (const char key : {'A', 'Z', '0', '9'}) press(sink, static_cast<uint32_t>(key));
    ASSERT_TRUE(sink.inject({.kind = KeyDown, .code = kShift}));
    for (const uint32_t key : {uint32_t{'A'}, uint32_t{'1'}, 0xbau}) press(sink, key);
    ASSERT_TRUE(sink.inject({.kind = KeyUp, .code = kShift}));
    press(sink, 0xbf);
    EXPECT_TRUE(terminal.reads("az09A!:/")) << terminal.typed();
}

TEST(Keys, MeanWhatTheLayoutSays) {
    Terminal terminal({"de", ""});
    auto& sink = terminal.sink();
    for (const uint32_t key : {uint32_t{'Y'}, uint32_t{'Z'}, kQuote}) press(sink, key);
    ASSERT_TRUE(sink.inject({.kind = KeyDown, .code = kRightAlt}));
    press(sink, 'Q');
    ASSERT_TRUE(sink.inject({.kind = KeyUp, .code = kRightAlt}));
    EXPECT_TRUE(terminal.reads("zyä@")) << terminal.typed();
}

TEST(Keys, LocksHoldAndOutliveTheirSink) {
    Terminal terminal;
    press(terminal.sink(), kNumpad7);
    press(terminal.sink(), kCapsLock);
    for (const char key : {'A', '1'}) press(terminal.sink(), static_cast<uint32_t>(key));
    EXPECT_TRUE(terminal.reads("7A1")) << "digits of the keypad are digits: " << terminal.typed();
    terminal.open_sink(terminal.sink().locks());
    press(terminal.sink(), 'B');
    press(terminal.sink(), kCapsLock);
    press(terminal.sink(), 'C');
    EXPECT_TRUE(terminal.reads("Bc")) << terminal.typed();
    EXPECT_TRUE(terminal.sink().locks().num);
    press(terminal.sink(), kNumLock);
    EXPECT_FALSE(terminal.sink().locks().num);
}

TEST(Text, AThousandCharactersAtOnceArriveAllAndInOrder) {
    Terminal terminal;
    std::u32string text = U"Grüße, é e\u0301 ñ ₤ – „ja“ \U0001F600\U0001F469\u200D\U0001F680 русский עברית ไทย\n";
    for (char32_t c = U'一'; text.size() < 1000; ++c) {
        text += c;
        if (text.size() % 3 == 0) text += U"aZ~9"[c % 4];
        if (text.size() % 50 == 0) text += U"😀\n";  // a terminal's line has an end
    }
    text += U"\nend";
    type(terminal.sink(), text);
    EXPECT_TRUE(terminal.reads(utf8(text))) << terminal.typed();
}

TEST(Text, IsWhatItIsWhateverLayoutAndModifiers) {
    Terminal terminal({"de", ""});
    auto& sink = terminal.sink();
    press(sink, kCapsLock);
    for (const uint32_t key : {kShift, kControl}) ASSERT_TRUE(sink.inject({.kind = KeyDown, .code = key}));
    type(sink, U"zY;c\u00ff");
    for (const uint32_t key : {kShift, kControl}) ASSERT_TRUE(sink.inject({.kind = KeyUp, .code = key}));
    press(sink, 'Y');  // the keyboard's own layout and lock are as before
    EXPECT_TRUE(terminal.reads("zY;cÿZ")) << terminal.typed();
}

TEST(Text, KeepsItsPlaceAmongKeys) {
    Terminal terminal;
    std::vector<InputEvent> events;
    std::string wanted;
    for (int i = 0; i < 100; ++i) {
        events.push_back({.kind = KeyDown, .code = 'A'});
        events.push_back({.kind = KeyUp, .code = 'A'});
        events.push_back({.kind = TextInput, .code = static_cast<uint32_t>(0x4e00 + i)});
        wanted += 'a';
        wanted += utf8(std::u32string(1, static_cast<char32_t>(0x4e00 + i)));
    }
    ASSERT_TRUE(terminal.sink().inject(events));
    EXPECT_TRUE(terminal.reads(wanted)) << terminal.typed();
}

TEST(Text, EnterTabAndBackspaceAreKeysAndNonsenseIsNothing) {
    Terminal terminal;
    std::u32string text = U"one\ntwx\bo";
    for (const uint32_t nonsense : {0xd800u, 0xdfffu, 0x110000u, 0xffffffffu, 0u, 0x1bu, 0x7fu})
        text += static_cast<char32_t>(nonsense);
    text += U"\t.";
    type(terminal.sink(), text);
    EXPECT_TRUE(terminal.reads("one\ntwo\t.")) << terminal.typed();
    press(terminal.sink(), kTab);
}

TEST(Pointer, MovesAndClicksWhereItShould) {
    WatchedDesktop desktop;
    // The client's surface is 1920x1080; a quarter of it is a quarter of the output.
    const size_t from = desktop.mark();
    ASSERT_TRUE(desktop.sink().inject({.kind = MouseMoveAbs, .x = 480, .y = 270, .flags = 1920u << 16 | 1080u}));
    ASSERT_TRUE(desktop.sink().inject({.kind = MouseMove, .x = 100, .y = 50}));
    for (const uint32_t button : {1, 2, 3, 4, 5}) {
        ASSERT_TRUE(desktop.sink().inject({.kind = MouseButtonDown, .code = button}));
        ASSERT_TRUE(desktop.sink().inject({.kind = MouseButtonUp, .code = button}));
    }
    (void)desktop.mark();
    const std::string seen = desktop.seen.text();
    for (const char* wanted :
         {"(left), state: 1", "(middle), state: 1", "(right), state: 1", "button: 275", "button: 276"})
        EXPECT_NE(seen.find(wanted, from), std::string::npos) << wanted << "\n" << seen.substr(from);
    // wev's window has a border of two pixels and a title bar.
    std::smatch at;
    const std::string after = seen.substr(from);
    ASSERT_TRUE(std::regex_search(after, at, std::regex(R"(x, y: ([\d.]+), ([\d.]+))")));
    EXPECT_NEAR(std::stod(at[1]), 320, 3);
    const std::string rest = at.suffix();
    ASSERT_TRUE(std::regex_search(rest, at, std::regex(R"(x, y: ([\d.]+), ([\d.]+))")));
    EXPECT_NEAR(std::stod(at[1]), 420, 3);
}

TEST(Scroll, WholeDetentsAreCountedAndFractionsAreSmooth) {
    WatchedDesktop desktop;
    const auto scroll = [&](uint32_t axis, int32_t units) {
        ASSERT_TRUE(desktop.sink().inject({.kind = MouseScroll, .code = axis, .x = units}));
    };
    size_t from = desktop.mark();
    scroll(0, 120);
    scroll(0, -240);
    scroll(1, 120);
    size_t to = desktop.mark();
    std::string seen = desktop.seen.text().substr(from, to - from);
    EXPECT_EQ(scrolled(seen, "vertical", 0), 15) << seen;
    EXPECT_EQ(scrolled(seen, "horizontal", 0), 15) << seen;
    EXPECT_NE(seen.find("(vertical), discrete: -1"), std::string::npos) << seen;
    EXPECT_NE(seen.find("(vertical), discrete: 2"), std::string::npos) << seen;
    EXPECT_NE(seen.find("(horizontal), discrete: 1"), std::string::npos) << seen;
    EXPECT_NE(seen.find("(wheel)"), std::string::npos) << seen;

    from = to;
    for (int i = 0; i < 120; ++i) scroll(0, 1);
    for (int i = 0; i < 3; ++i) scroll(1, -40);
    to = desktop.mark();
    seen = desktop.seen.text().substr(from, to - from);
    EXPECT_EQ(scrolled(seen, "vertical", 0), -15) << "nothing is lost or doubled: " << seen;
    EXPECT_EQ(scrolled(seen, "horizontal", 0), -15) << seen;
    EXPECT_EQ(count(seen, "(vertical), value: ", 0), 120u);
    EXPECT_EQ(seen.find("discrete"), std::string::npos) << seen;

    EXPECT_EQ(count(seen, "(continuous)", 0), 123u) << seen;

    scroll(0, INT32_MIN);
    scroll(0, INT32_MAX);
    (void)desktop.mark();
}

TEST(Touch, OneFingerPointsAndClicksTwoScroll) {
    WatchedDesktop desktop;
    const auto touch = [&](wire::InputKind kind, uint32_t id, int32_t x, int32_t y) {
        ASSERT_TRUE(desktop.sink().inject(WatchedDesktop::at(x, y, kind, id)));
    };
    size_t from = desktop.mark();
    touch(TouchDown, 7, 320, 360);
    touch(TouchUp, 7, 0, 0);
    size_t to = desktop.mark();
    std::string seen = desktop.seen.text().substr(from, to - from);
    EXPECT_NE(seen.find("x, y: 31"), std::string::npos) << seen;
    EXPECT_NE(seen.find("(left), state: 1"), std::string::npos) << seen;
    EXPECT_NE(seen.find("(left), state: 0"), std::string::npos) << seen;

    from = to;
    touch(TouchDown, 1, 600, 400);
    touch(TouchDown, 2, 700, 400);
    touch(TouchMove, 1, 600, 340);
    touch(TouchMove, 2, 700, 340);
    touch(TouchUp, 1, 0, 0);
    touch(TouchUp, 2, 0, 0);
    to = desktop.mark();
    seen = desktop.seen.text().substr(from, to - from);
    EXPECT_EQ(scrolled(seen, "vertical", 0), 60) << seen;
    EXPECT_NE(seen.find("(finger)"), std::string::npos) << seen;
    EXPECT_NE(seen.find("axis_stop"), std::string::npos) << seen;
    EXPECT_EQ(seen.find("button"), std::string::npos) << "two fingers click nothing: " << seen;
}

// Whatever a client has sent when it goes, nothing stays down on the desktop.
TEST(Release, AfterAnySequenceNothingIsHeld) {
    WatchedDesktop desktop;
    constexpr uint32_t kRandomSeed = 31;
    std::mt19937 random(kRandomSeed);
    const auto pick = [&](uint32_t bound) { return static_cast<uint32_t>(random() % bound); };
    int presses = desktop.seen.held().presses;
    for (int round = 0; round < 20; ++round) {
        std::vector<InputEvent> events;
        for (uint32_t i = 0; i < 40; ++i) {
            static constexpr wire::InputKind kKinds[] = {KeyDown,   KeyUp,     MouseButtonDown, MouseButtonUp,
                                                         TouchDown, TouchMove, TouchUp,         TextInput};
            const auto kind = kKinds[pick(std::size(kKinds))];
            InputEvent event = WatchedDesktop::at(static_cast<int32_t>(300 + pick(600)),
                                                  static_cast<int32_t>(200 + pick(300)), kind, 1 + pick(5));
            if (kind == KeyDown || kind == KeyUp)
                event.code = std::array{0x41u, 0x42u, kShift, kControl, 0x70u}[pick(5)];
            if (kind == TextInput) event.code = 0x4e00 + pick(200);
            events.push_back(event);
        }
        ASSERT_TRUE(desktop.sink().inject(events));
        desktop.drop_sink();
        EXPECT_TRUE(eventually(5s,
                               [&] {
                                   const auto held = desktop.seen.held();
                                   return held.presses > presses && held.keys.empty() && held.buttons.empty();
                               }))
            << "seed " << kRandomSeed << ", round " << round << "\n"
            << desktop.seen.text();
        presses = desktop.seen.held().presses;
        desktop.open_sink();
    }
}

// The same through a host, on a session that is there before and after: however a client goes.
class Gone : public testing::TestWithParam<const char*> {};

TEST_P(Gone, NothingStaysHeldInTheSession) {
    const std::string how = GetParam();
    SwaySession session;
    HostFixture host({"--sway-socket", session.socket()});
    const auto device = *crypto::generate_identity(crypto::IdentityKind::Client);
    wire::Hello hello{.mode = {800, 600, 30}, .name = "hands"};
    hello.tail = wire::HelloTail{.video_codecs = wire::kCodecH264};
    auto client = std::make_unique<RawClient>(host.port(), device, wire::encode(hello), 3s);
    ASSERT_TRUE(client->until(20s, [&] { return host.command({"pending"}).at("pending").size() == 1; }));
    (void)host.command({"approve", "0"});
    const auto welcome = wire::decode_welcome(client->next_message(30s));
    ASSERT_TRUE(welcome) << host.process().err();
    client->send(wire::encode(wire::Start{9}));  // nobody watches
    const auto send = [&](const InputEvent& event) { client->send_datagram(wire::encode_input(event)); };

    const auto log = session.runtime() / "events";
    session.execute(Seen::command(log));
    const Seen seen(log);
    const auto holds = [&](size_t keys, size_t buttons) {
        const auto held = seen.held();
        return held.keys.size() == keys && held.buttons.size() == buttons;
    };
    // wev has the seat's keyboard once it was clicked.
    ASSERT_TRUE(client->until(20s, [&] {
        send({.kind = MouseMoveAbs, .x = 400, .y = 300, .flags = 800u << 16 | 600u});
        send({.kind = MouseButtonDown, .code = 1});
        send({.kind = MouseButtonUp, .code = 1});
        send({.kind = KeyDown, .code = 'Q'});
        send({.kind = KeyUp, .code = 'Q'});
        client->run_for(100ms);
        return seen.has("sym: q") && seen.has("(left)");
    })) << seen.text();
    send({.kind = KeyDown, .code = kShift});
    send({.kind = KeyDown, .code = 'W'});
    send({.kind = MouseButtonDown, .code = 1});
    ASSERT_TRUE(client->until(10s, [&] { return holds(2, 1); })) << seen.text();

    if (how == "Killed") client.reset();
    if (how == "Unpaired") (void)host.command({"unpair", to_hex(device.fingerprint)});
    if (how == "HostStopped") host.process().signal(SIGTERM);
    if (how == "HostKilled") host.process().signal(SIGKILL);
    // Nobody is there to release the button of a killed host; sway takes the pointer out of the window instead.
    const bool left = how == "HostKilled";
    EXPECT_TRUE(eventually(15s, [&] { return holds(0, 0) || (left && holds(0, 1) && seen.has("wl_pointer] leave")); }))
        << seen.text();
}

INSTANTIATE_TEST_SUITE_P(Release, Gone, testing::Values("Killed", "Unpaired", "HostStopped", "HostKilled"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace punktfunk::test
