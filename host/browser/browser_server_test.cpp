#include "punktfunk/browser/browser_server.hpp"

#include <gmock/gmock.h>

#include <boost/asio/post.hpp>
#include <latch>
#include <nlohmann/json.hpp>

#include "punktfunk/testing/grey_desktop.hpp"

namespace punktfunk::browser {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

// A page: takes every message at once, and remembers the words.
class Page final : public http::WebSocket {
  public:
    explicit Page(boost::asio::io_context& io) : io_(io) {}
    void open(Events events) override { events_ = std::move(events); }
    void write(bool text, const std::array<boost::asio::const_buffer, 2>& parts, Done done) override {
        if (text) words.push_back(json::parse(std::string(static_cast<const char*>(parts[0].data()), parts[0].size())));
        boost::asio::post(io_, std::move(done));
    }
    void close(uint16_t code, std::string_view) override { closed_with = code; }
    void say(const json& message) {
        const std::string text = message.dump();
        events_.message(true, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    }
    [[nodiscard]] const json* heard(std::string_view type) const {
        const auto found = std::ranges::find_if(words, [&](const json& word) { return word.at("type") == type; });
        return found == words.end() ? nullptr : &*found;
    }
    std::vector<json> words;
    uint16_t closed_with = 0;

  private:
    boost::asio::io_context& io_;
    Events events_;
};

// A desktop whose end takes until the test says so.
class SlowDesktops final : public display::DisplayBackend {
  public:
    // Lets them go, also when the test ends early: the server waits for them.
    struct Gate {
        SlowDesktops& desktops;
        bool open = false;
        void let_go() {
            if (!std::exchange(open, true)) desktops.may_go.count_down();
        }
        ~Gate() { let_go(); }
    };
    [[nodiscard]] std::string_view name() const override { return "slow"; }
    [[nodiscard]] std::string description() const override { return "takes its time to go"; }
    Result<std::unique_ptr<display::VirtualDisplay>> create(const display::Mode& mode) override {
        return std::make_unique<Desktop>(mode, may_go);
    }
    std::latch may_go{1};

  private:
    class Desktop final : public display::VirtualDisplay {
      public:
        Desktop(const display::Mode& mode, std::latch& may_go) : mode_(mode), may_go_(may_go) {}
        ~Desktop() override { may_go_.wait(); }
        [[nodiscard]] display::Mode mode() const override { return mode_; }
        [[nodiscard]] display::WaylandTarget target() const override { return {}; }
        Result<void> set_mode(const display::Mode& mode) override {
            mode_ = mode;
            return {};
        }

      private:
        display::Mode mode_;
        std::latch& may_go_;
    };
};

json start(const display::Mode& mode) {
    return {{"type", "start"},
            {"width", mode.width},
            {"height", mode.height},
            {"refresh_hz", mode.refresh_hz},
            {"bitrate_kbps", 8000}};
}

json resize(const display::Mode& mode) {
    return {{"type", "resize"}, {"width", mode.width}, {"height", mode.height}, {"refresh_hz", mode.refresh_hz}};
}

display::Mode mode_in(const json& message) {
    return {message.at("width"), message.at("height"), message.at("refresh_hz")};
}

class BrowserServerTest : public testing::Test {
  protected:
    std::shared_ptr<Page> visit(BrowserServer& server) {
        auto page = std::make_shared<Page>(io);
        server.welcome(page, {.name = "page", .credential = "token", .address = {}, .fingerprint = {}, .rights = {}});
        return page;
    }
    template <typename Condition>
    [[nodiscard]] bool until(Condition condition) {
        const auto limit = SteadyClock::now() + 10s;
        while (!condition() && SteadyClock::now() < limit) io.run_one_for(10ms);
        return condition();
    }
    [[nodiscard]] stream::PipelineParts parts_on(display::DisplayBackend& desktops) {
        auto parts = test::grey_parts(grey);
        parts.display = &desktops;
        return parts;
    }
    boost::asio::io_context io;
    test::GreyDesktops grey;
};

TEST_F(BrowserServerTest, APageHearsWhatModeItGets) {
    BrowserServer server(io, {}, test::grey_parts(grey));
    const auto page = visit(server);
    page->say(start({8192, 8192, 240}));
    ASSERT_TRUE(until([&] { return page->heard("started"); }));
    EXPECT_EQ(mode_in(*page->heard("started")), (display::Mode{3072, 3072, 56})) << "no encoder is asked for more";
    EXPECT_EQ(server.sessions()[0].mode, (display::Mode{3072, 3072, 56}));
    page->say(resize({4096, 4096, 60}));
    ASSERT_TRUE(until([&] { return page->heard("mode"); })) << "a wish that changes nothing is answered too";
    EXPECT_EQ(mode_in(*page->heard("mode")), (display::Mode{3072, 3072, 56}));
    EXPECT_EQ(page->heard("mode")->at("accepted"), true);
}

TEST_F(BrowserServerTest, PagesThatComeAndGoDoNotPileDesktopsUp) {
    constexpr size_t kMostEnding = 8;
    SlowDesktops desktops;
    BrowserServer server(io, {}, parts_on(desktops));
    SlowDesktops::Gate gate{desktops};
    for (size_t i = 0; i < kMostEnding; ++i) {
        const auto page = visit(server);
        page->say(start(test::kGreyMode));
        ASSERT_TRUE(until([&] { return page->heard("started"); })) << i;
        ASSERT_TRUE(server.stop_session(server.sessions()[0].id));
        ASSERT_TRUE(until([&] { return server.sessions().empty(); }));
    }
    const auto refused = visit(server);
    EXPECT_TRUE(server.sessions().empty());
    EXPECT_TRUE(until([&] { return refused->closed_with == 1013; }));
    EXPECT_TRUE(refused->heard("ended"));
    gate.let_go();
    EXPECT_TRUE(until([&] {
        (void)visit(server);
        return !server.sessions().empty();
    })) << "there is room again when they are gone";
}

}  // namespace
}  // namespace punktfunk::browser
