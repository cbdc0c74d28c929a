#include "punktfunk/management/management_server.hpp"

#include <gmock/gmock.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <future>
#include <thread>

#include "fake_host.hpp"
#include "punktfunk/management/password.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::management {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using testing::ElementsAre;
using testing::IsEmpty;

// One HTTPS connection, and what came on it so far.
class Connection {
  public:
    explicit Connection(uint16_t port) : stream_(io_, tls_) {
        stream_.next_layer().connect({asio::ip::address_v4::loopback(), port});
        stream_.handshake(asio::ssl::stream_base::client);
    }
    Connection& send(const std::string& request) {
        asio::write(stream_, asio::buffer(request));
        return *this;
    }
    // False: it did not come within ten seconds.
    bool receive(std::string_view wanted) {
        return read_until([&] { return text.find(wanted) != std::string::npos; });
    }
    bool ends() {
        return read_until([] { return false; }), over_;
    }
    std::string text;

  private:
    template <typename Condition>
    bool read_until(Condition enough) {
        while (!enough() && !over_) {
            bool came = false;
            stream_.async_read_some(asio::buffer(piece_), [&](boost::system::error_code ec, size_t size) {
                came = true;
                over_ = ec.failed();
                text.append(piece_.data(), size);
            });
            io_.restart();
            io_.run_for(10s);
            if (!came) {
                stream_.next_layer().cancel();
                io_.run();
                over_ = false;
                return false;
            }
        }
        return enough();
    }
    asio::io_context io_;
    asio::ssl::context tls_{asio::ssl::context::tls_client};
    asio::ssl::stream<asio::ip::tcp::socket> stream_;
    std::array<char, 16384> piece_{};
    bool over_ = false;
};

std::string request(const std::string& line, const std::vector<std::string>& headers = {}) {
    std::string text = line + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const auto& header : headers) text += header + "\r\n";
    return text + "\r\n";
}

std::string cookie(const std::string& value) {
    return "Cookie: pf_session=" + value;
}

std::string credential(const std::string& value) {
    return "cookie:" + sha256_hex(value);
}

// The place a server works in, and what it is made of.
struct Place {
    Place() { std::filesystem::create_directory(directory.path() / "home"); }
    Result<std::unique_ptr<ManagementServer>> start(asio::io_context& io, HostControl& host) {
        const auto home = directory.path() / "home";
        return ManagementServer::start(io,
                                       {.bind = {asio::ip::address_v4::loopback(), 0},
                                        .identity = crypto::generate_identity(crypto::IdentityKind::Host).value(),
                                        .config_dir = directory.path(),
                                        .token = "s3cret",
                                        .library_places = {.home = home,
                                                           .config_home = home,
                                                           .data_home = home,
                                                           .cache_home = home,
                                                           .data_dirs = {},
                                                           .program_dirs = {}},
                                        .web_root = {}},
                                       host, library, log);
    }
    test::TempDirectory directory;
    library::Library library{library::CustomLibrary::open(directory.path()).value()};
    std::shared_ptr<LogRing> log = std::make_shared<LogRing>();
};

class ManagementServerTest : public testing::Test {
  protected:
    // With these cookies known.
    void start(const std::vector<std::string>& cookies, const std::string& hash = "$argon2id$one") {
        ASSERT_TRUE(PasswordFile(place_.directory.path()).store(hash));
        auto list = nlohmann::json::array();
        for (const auto& value : cookies) {
            list.push_back({{"cookie", sha256_hex(value)},
                            {"password", sha256_hex(hash)},
                            {"expires", devices::unix_now() + 3600}});
        }
        std::ofstream(place_.directory.path() / "web-sessions.json") << list.dump();
        server_ = place_.start(io_, host_).value();
        port_ = server_->local().port();
        thread_ = std::jthread([this] { io_.run(); });
    }
    ~ManagementServerTest() override {
        asio::post(io_, [this] {
            server_.reset();
            guard_.reset();
            io_.stop();
        });
    }
    template <typename Function>
    auto there(Function function) {
        auto task = std::make_shared<std::packaged_task<decltype(function())()>>(std::move(function));
        auto done = task->get_future();
        asio::post(io_, [task] { (*task)(); });
        return done.get();
    }
    [[nodiscard]] std::unique_ptr<Connection> listen(const std::string& header) {
        auto listening = std::make_unique<Connection>(port_);
        listening->send(request("GET /api/v1/events", {header}));
        EXPECT_TRUE(listening->receive("retry: 1000")) << listening->text;
        return listening;
    }
    // Something happens, and is heard.
    [[nodiscard]] bool hears(Connection& listener) {
        const std::string id = "session-" + std::to_string(++happened_);
        there([&] {
            host_.all_sessions.push_back({.id = id, .protocol = "punktfunk1"});
            server_->changed();
        });
        return listener.receive(id);
    }
    [[nodiscard]] std::vector<std::string> ended_visits() {
        return there([this] { return host_.ended_visits; });
    }
    [[nodiscard]] std::string status_of(const std::string& asked) {
        Connection connection(port_);
        EXPECT_TRUE(connection.send(asked).receive("\r\n"));
        return connection.text.substr(0, 12);
    }
    [[nodiscard]] std::string log_out(const std::vector<std::string>& headers) {
        return status_of(request("POST /api/v1/logout", headers));
    }
    void replace_password() { ASSERT_TRUE(PasswordFile(place_.directory.path()).store("$argon2id$two")); }

    const std::string token_ = "Authorization: Bearer s3cret";
    Place place_;
    uint16_t port_ = 0;

  private:
    FakeHost host_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
    std::unique_ptr<ManagementServer> server_;
    int happened_ = 0;
    std::jthread thread_;

  protected:
    [[nodiscard]] std::vector<std::string> visits() {
        return there([this] { return host_.visits; });
    }
};

TEST_F(ManagementServerTest, ALoginThatMadeRoomTakesAlongWhatItLetIn) {
    std::vector<std::string> cookies{"oldest"};
    for (int i = 1; i < 64; ++i) cookies.push_back("other" + std::to_string(i));
    start(cookies, hash_password("correct horse").value());
    const auto ends = listen(cookie("oldest")), stays = listen(cookie("other1"));
    const std::string body = R"({"password":"correct horse"})";
    EXPECT_EQ(status_of(request("POST /api/v1/login",
                                {"Content-Type: application/json", "Content-Length: " + std::to_string(body.size())}) +
                        body),
              "HTTP/1.1 200");
    EXPECT_TRUE(ends->ends());
    EXPECT_THAT(ended_visits(), ElementsAre(credential("oldest")));
    EXPECT_TRUE(hears(*stays));
}

TEST_F(ManagementServerTest, APasswordThatTheCommandReplacesEndsWhatTheOldOneLetIn) {
    start({"mine", "anothers"});
    const auto mine = listen(cookie("mine")), anothers = listen(cookie("anothers")), script = listen(token_);
    Connection page(port_);
    page.send(
        request("GET /api/v1/play", {cookie("mine"), "Connection: Upgrade", "Upgrade: websocket",
                                     "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}));
    ASSERT_TRUE(page.ends()) << "the host of this test lets it go";
    ASSERT_THAT(visits(), ElementsAre(credential("mine"))) << "a visit is named as it ends";
    EXPECT_THAT(ended_visits(), IsEmpty());
    replace_password();
    EXPECT_TRUE(mine->ends());
    EXPECT_TRUE(anothers->ends());
    EXPECT_THAT(ended_visits(), ElementsAre(credential("mine"), credential("anothers")));
    EXPECT_TRUE(hears(*script)) << "the token is no password's";
}

TEST_F(ManagementServerTest, LoggingOutEndsWhatTheCookieLetInWhateverElseIsShown) {
    start({"mine", "anothers"});
    const auto mine = listen(cookie("mine")), anothers = listen(cookie("anothers"));
    EXPECT_EQ(log_out({cookie("mine"), "Authorization: Bearer wrong"}), "HTTP/1.1 204");
    EXPECT_TRUE(mine->ends());
    EXPECT_THAT(ended_visits(), ElementsAre(credential("mine")));
    EXPECT_TRUE(hears(*anothers));
}

TEST_F(ManagementServerTest, LoggingOutWithoutASessionEndsNobodysEvents) {
    start({"mine"});
    const auto mine = listen(cookie("mine")), script = listen(token_);
    EXPECT_EQ(log_out({}), "HTTP/1.1 204");
    EXPECT_EQ(log_out({cookie("unknown")}), "HTTP/1.1 204");
    EXPECT_EQ(log_out({token_}), "HTTP/1.1 204");
    EXPECT_TRUE(hears(*mine));
    EXPECT_TRUE(hears(*script));
    EXPECT_THAT(ended_visits(), IsEmpty());
}

TEST_F(ManagementServerTest, ABodyThatIsTooLargeIsRefusedBeforeItIsSent) {
    start({});
    const auto of = [](const std::string& line, size_t size) {
        return request(line, {"Content-Type: application/json", "Content-Length: " + std::to_string(size)});
    };
    EXPECT_EQ(status_of(of("POST /api/v1/login", 65537)), "HTTP/1.1 413");
    EXPECT_EQ(status_of(of("POST /nowhere", 65537)), "HTTP/1.1 413");
    EXPECT_EQ(status_of(of("PUT /api/v1/library/custom/0123456789ab/art/hero", (1 << 20) + 1)), "HTTP/1.1 413");
    EXPECT_EQ(status_of(of("POST /api/v1/library/custom/0123456789ab/art/hero", 65537)), "HTTP/1.1 413");
    EXPECT_EQ(status_of(of("POST /api/v1/login", 65536) + std::string(65536, 'x')), "HTTP/1.1 400") << "it is no JSON";
    EXPECT_EQ(status_of(of("PUT /api/v1/library/custom/0123456789ab/art/hero", 1 << 20) + std::string(1 << 20, 'x')),
              "HTTP/1.1 401");
}

// Holds the first line that comes from another thread than the one it was made on, until it may go on.
class HoldingSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  public:
    std::promise<void> held, may_go;

  private:
    void sink_it_(const spdlog::details::log_msg&) override {
        if (std::this_thread::get_id() == control_ || std::exchange(once_, true)) return;
        held.set_value();
        may_go.get_future().wait();
    }
    void flush_() override {}
    const std::thread::id control_ = std::this_thread::get_id();
    bool once_ = false;  // the other thread's
};

// A sanitizer sees what would be used too late: the packing reads the password's file and the token, by way of the
// server. Here it complains of that file, is held there, and goes on when the server's end has begun.
TEST(ManagementServer, ABundleThatIsBeingPackedDoesNotOutliveWhatItUses) {
    Place place;
    FakeHost host;
    asio::io_context io;
    auto server = place.start(io, host).value();
    std::ofstream(place.directory.path() / "password") << "damaged";
    const auto sink = std::make_shared<HoldingSink>();
    const auto before = spdlog::default_logger();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
    std::jthread client([&, port = server->local().port()] {
        Connection connection(port);
        connection.send(request("GET /api/v1/support-bundle", {"Authorization: Bearer s3cret"}));
        EXPECT_TRUE(connection.ends()) << "its connection is the first to go";
        sink->may_go.set_value();
    });
    const auto held = sink->held.get_future();
    const auto limit = SteadyClock::now() + 10s;
    while (held.wait_for(0s) != std::future_status::ready && SteadyClock::now() < limit) io.run_one_for(10ms);
    EXPECT_EQ(held.wait_for(0s), std::future_status::ready);
    server.reset();
    client.join();
    spdlog::set_default_logger(before);
}

}  // namespace
}  // namespace punktfunk::management
