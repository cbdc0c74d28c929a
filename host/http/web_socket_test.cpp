#include "punktfunk/http/web_socket.hpp"

#include <gmock/gmock.h>

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <future>

#include "punktfunk/http/server.hpp"
#include "test_server.hpp"

namespace punktfunk::http {
namespace {

using namespace std::chrono_literals;
namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using Client = beast::websocket::stream<Tcp::socket>;

// A server that makes a WebSocket of every request that is one for it, and says what comes.
class Echo {
  public:
    explicit Echo(const TestServer::Change& change = {})
        : server_(
              [this](const std::shared_ptr<Exchange>& exchange) {
                  auto socket = exchange->upgrade(1000);
                  if (!socket) return exchange->respond({.status = 426, .body = "a WebSocket, please", .headers = {}});
                  welcome(std::move(socket));
              },
              change) {}
    ~Echo() { let_go(); }
    void let_go() {
        server_.there([this] { sockets_.clear(); });
    }
    [[nodiscard]] TestServer& server() { return server_; }
    std::promise<void> closed_;

  private:
    void welcome(std::shared_ptr<WebSocket> socket) {
        WebSocket* raw = socket.get();
        sockets_.push_back(std::move(socket));
        raw->open({.message =
                       [this, raw](bool text, ByteView message) {
                           said_ = std::string(message.begin(), message.end());
                           if (said_ == "go away") return raw->close(1000, "as you wish");
                           raw->write(text, {asio::buffer(kPrefix), asio::buffer(said_)}, [] {});
                           if (said_ == "then go away") raw->close(1001, "");
                       },
                   .closed = [this] { closed_.set_value(); }});
    }
    static constexpr std::array<char, 5> kPrefix{'y', 'o', 'u', ':', ' '};
    std::string said_;
    std::vector<std::shared_ptr<WebSocket>> sockets_;
    TestServer server_;  // goes first
};

// A server that writes 4 MiB, once, to whoever opens a WebSocket.
class Pouring {
  public:
    static constexpr size_t kMuch = 4 << 20;
    explicit Pouring(const TestServer::Change& change = {})
        : server_([this](const std::shared_ptr<Exchange>& exchange) { welcome(exchange->upgrade(1000)); }, change) {}
    ~Pouring() { let_go(); }
    void let_go() {
        server_.there([this] { socket_.reset(); });
    }
    [[nodiscard]] TestServer& server() { return server_; }
    // The kernel has all of it; the peer has gone.
    [[nodiscard]] bool written_within(std::chrono::milliseconds time) const { return is_set(written_future_, time); }
    [[nodiscard]] bool closed_within(std::chrono::milliseconds time) const { return is_set(closed_future_, time); }

  private:
    static bool is_set(const std::shared_future<void>& future, std::chrono::milliseconds time) {
        return future.wait_for(time) == std::future_status::ready;
    }
    void welcome(std::shared_ptr<WebSocket> socket) {
        socket_ = std::move(socket);
        socket_->open({.message = {}, .closed = [this] { closed_.set_value(); }});
        socket_->write(false, {asio::buffer(much_), asio::const_buffer()}, [this] { written_.set_value(); });
    }
    const std::string much_ = std::string(kMuch, 'x');
    std::promise<void> written_, closed_;
    const std::shared_future<void> written_future_ = written_.get_future(), closed_future_ = closed_.get_future();
    std::shared_ptr<WebSocket> socket_;
    TestServer server_;  // goes first
};

std::string say(Client& client, std::string_view text, bool as_text = true) {
    client.text(as_text);
    client.write(asio::buffer(text.data(), text.size()));
    beast::flat_buffer answer;
    client.read(answer);
    EXPECT_EQ(client.got_text(), as_text);
    return beast::buffers_to_string(answer.data());
}

class WebSocketTest : public testing::Test {
  protected:
    Client connect(TestServer& server) {
        Client client(io);
        client.next_layer().connect(server.at());
        client.next_layer().set_option(asio::socket_base::receive_buffer_size(64 * 1024));
        client.handshake("localhost", "/");
        return client;
    }
    asio::io_context io;
};

TEST_F(WebSocketTest, MessagesGoBothWays) {
    Echo echo;
    auto client = connect(echo.server());
    EXPECT_EQ(say(client, "hello"), "you: hello");
    EXPECT_EQ(say(client, std::string("\0\xff", 2), false), std::string("you: \0\xff", 7));
    client.close(beast::websocket::close_code::normal);
    EXPECT_EQ(echo.closed_.get_future().wait_for(10s), std::future_status::ready);
    EXPECT_EQ(echo.server().connections(), 0u);
}

TEST_F(WebSocketTest, OverTlsToo) {
    Echo echo(
        [](Options& options) { options.identity = crypto::generate_identity(crypto::IdentityKind::Host).value(); });
    asio::ssl::context tls(asio::ssl::context::tls_client);
    beast::websocket::stream<asio::ssl::stream<Tcp::socket>> client(io, tls);
    client.next_layer().next_layer().connect(echo.server().at());
    client.next_layer().handshake(asio::ssl::stream_base::client);
    client.handshake("localhost", "/");
    const std::string much(1000, 'x');
    client.write(asio::buffer(much));
    beast::flat_buffer answer;
    client.read(answer);
    EXPECT_EQ(beast::buffers_to_string(answer.data()), "you: " + much);
}

TEST_F(WebSocketTest, ARequestThatIsNoneIsAnsweredAsUsual) {
    Echo echo;
    Tcp::socket client(io);
    client.connect(echo.server().at());
    beast::http::request<beast::http::empty_body> request(beast::http::verb::get, "/", 11);
    request.set(beast::http::field::host, "localhost");
    beast::http::write(client, request);
    beast::flat_buffer buffer;
    beast::http::response<beast::http::string_body> response;
    beast::http::read(client, buffer, response);
    EXPECT_EQ(response.result_int(), 426u);
    // The connection lives, and may become one after all.
    Client upgraded(std::move(client));
    upgraded.handshake("localhost", "/");
    EXPECT_EQ(say(upgraded, "x"), "you: x");
}

TEST_F(WebSocketTest, AMessageThatIsTooLongEndsIt) {
    Echo echo;
    auto client = connect(echo.server());
    const std::string much(1001, 'x');
    client.write(asio::buffer(much));
    beast::flat_buffer answer;
    beast::error_code why;
    client.read(answer, why);
    EXPECT_TRUE(why);
    EXPECT_EQ(echo.closed_.get_future().wait_for(10s), std::future_status::ready);
}

TEST_F(WebSocketTest, GoodbyeComesAfterWhatIsBeingWritten) {
    Echo echo;
    auto client = connect(echo.server());
    EXPECT_EQ(say(client, "then go away"), "you: then go away");
    beast::flat_buffer answer;
    beast::error_code why;
    client.read(answer, why);
    EXPECT_EQ(why, beast::websocket::error::closed);
    EXPECT_EQ(client.reason().code, 1001);
}

TEST_F(WebSocketTest, TheReasonIsSaid) {
    Echo echo;
    auto client = connect(echo.server());
    client.write(asio::buffer("go away", 7));
    beast::flat_buffer answer;
    beast::error_code why;
    client.read(answer, why);
    EXPECT_EQ(why, beast::websocket::error::closed);
    EXPECT_EQ(client.reason().reason, "as you wish");
}

TEST_F(WebSocketTest, APeerThatVanishesIsTold) {
    Echo echo;
    auto client = connect(echo.server());
    client.next_layer().close();
    EXPECT_EQ(echo.closed_.get_future().wait_for(10s), std::future_status::ready);
}

TEST_F(WebSocketTest, OneThatIsLetGoEndsItsConnection) {
    Echo echo;
    auto client = connect(echo.server());
    EXPECT_EQ(say(client, "x"), "you: x");
    echo.let_go();
    beast::flat_buffer answer;
    beast::error_code why;
    client.read(answer, why);
    EXPECT_TRUE(why);
    EXPECT_EQ(echo.server().connections(), 0u);
}

TEST_F(WebSocketTest, TheKernelIsNotGivenMoreThanTheNetworkTakes) {
    // A page that does not read, and then does.
    Pouring pouring;
    auto client = connect(pouring.server());
    EXPECT_FALSE(pouring.written_within(300ms)) << "4 MiB have gone into buffers";
    beast::flat_buffer answer;
    client.read_message_max(0);
    client.read(answer);
    EXPECT_EQ(answer.size(), Pouring::kMuch);
    EXPECT_TRUE(pouring.written_within(10s));
}

TEST_F(WebSocketTest, WhoSendsButNeverReadsIsCutOff) {
    Pouring pouring([](Options& options) { options.message_patience = 1s; });
    auto client = connect(pouring.server());
    const auto limit = std::chrono::steady_clock::now() + 10s;
    beast::error_code refused;
    while (!pouring.closed_within(50ms) && std::chrono::steady_clock::now() < limit)
        client.write(asio::buffer("I am here", 9), refused);
    EXPECT_TRUE(pouring.closed_within(0s));
    EXPECT_FALSE(pouring.written_within(0s));
    EXPECT_EQ(pouring.server().connections(), 0u);
}

TEST_F(WebSocketTest, WhoReadsInItsOwnTimeStays) {
    Pouring pouring([](Options& options) { options.message_patience = 2s; });
    auto client = connect(pouring.server());
    client.read_message_max(0);
    beast::flat_buffer answer;
    client.read(answer);
    EXPECT_TRUE(pouring.written_within(10s));
    EXPECT_FALSE(pouring.closed_within(2500ms)) << "nothing is being written any more";
}

TEST_F(WebSocketTest, AMessageOnItsWayDoesNotKeepOneThatIsLetGo) {
    Pouring pouring;
    auto client = connect(pouring.server());
    beast::flat_buffer begun;
    client.read_some(begun, 100);
    pouring.let_go();
    EXPECT_EQ(pouring.server().connections(), 0u);
    EXPECT_FALSE(pouring.written_within(0s));
}

}  // namespace
}  // namespace punktfunk::http
