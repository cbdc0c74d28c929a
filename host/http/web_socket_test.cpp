#include "punktfunk/http/web_socket.hpp"

#include <gmock/gmock.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <future>
#include <thread>

#include "punktfunk/http/server.hpp"

namespace punktfunk::http {
namespace {

using namespace std::chrono_literals;
namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using Client = beast::websocket::stream<Tcp::socket>;

// A server that makes a WebSocket of every request that is one for it, and says what comes.
class Echo {
  public:
    explicit Echo(std::optional<crypto::Identity> identity = {}) {
        Options options{.bind = {asio::ip::address_v4::loopback(), 0}, .identity = std::move(identity)};
        server_ = Server::listen(io_, std::move(options), [this](std::shared_ptr<Exchange> exchange) {
                      auto socket = exchange->upgrade(1000);
                      if (!socket)
                          return exchange->respond({.status = 426, .body = "a WebSocket, please", .headers = {}});
                      welcome(std::move(socket));
                  }).value();
        port_ = server_->local().port();
        thread_ = std::jthread([this] { io_.run(); });
    }
    ~Echo() {
        asio::post(io_, [this] {
            sockets_.clear();
            server_.reset();
            guard_.reset();
            io_.stop();
        });
    }
    [[nodiscard]] Tcp::endpoint at() const { return {asio::ip::address_v4::loopback(), port_}; }
    // On the server's thread.
    template <typename Function>
    auto there(Function function) {
        std::promise<decltype(function())> done;
        asio::post(io_, [&] { done.set_value(function()); });
        return done.get_future().get();
    }
    [[nodiscard]] size_t connections() {
        return there([this] { return server_->connections(); });
    }
    std::vector<std::shared_ptr<WebSocket>> sockets_;
    std::promise<void> closed_;

  private:
    void welcome(std::shared_ptr<WebSocket> socket) {
        WebSocket* raw = socket.get();
        sockets_.push_back(std::move(socket));
        raw->open({.message =
                       [this, raw](bool text, ByteView message) {
                           said_ = std::string(message.begin(), message.end());
                           if (said_ == "go away") return raw->close(1000, "as you wish");
                           raw->write(text, {asio::buffer(kPrefix), asio::buffer(said_)}, [this] { ++written_; });
                           if (said_ == "then go away") raw->close(1001, "");
                       },
                   .closed = [this] { closed_.set_value(); }});
    }
    static constexpr std::array<char, 5> kPrefix{'y', 'o', 'u', ':', ' '};
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
    std::unique_ptr<Server> server_;
    uint16_t port_ = 0;
    std::string said_;
    int written_ = 0;
    std::jthread thread_;
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
    Client connect(Echo& echo) {
        Client client(io);
        client.next_layer().connect(echo.at());
        client.handshake("localhost", "/");
        return client;
    }
    asio::io_context io;
};

TEST_F(WebSocketTest, MessagesGoBothWays) {
    Echo echo;
    auto client = connect(echo);
    EXPECT_EQ(say(client, "hello"), "you: hello");
    EXPECT_EQ(say(client, std::string("\0\xff", 2), false), std::string("you: \0\xff", 7));
    client.close(beast::websocket::close_code::normal);
    EXPECT_EQ(echo.closed_.get_future().wait_for(10s), std::future_status::ready);
    EXPECT_EQ(echo.connections(), 0u);
}

TEST_F(WebSocketTest, OverTlsToo) {
    Echo echo(crypto::generate_identity(crypto::IdentityKind::Host).value());
    asio::ssl::context tls(asio::ssl::context::tls_client);
    beast::websocket::stream<asio::ssl::stream<Tcp::socket>> client(io, tls);
    client.next_layer().next_layer().connect(echo.at());
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
    client.connect(echo.at());
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
    auto client = connect(echo);
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
    auto client = connect(echo);
    EXPECT_EQ(say(client, "then go away"), "you: then go away");
    beast::flat_buffer answer;
    beast::error_code why;
    client.read(answer, why);
    EXPECT_EQ(why, beast::websocket::error::closed);
    EXPECT_EQ(client.reason().code, 1001);
}

TEST_F(WebSocketTest, TheReasonIsSaid) {
    Echo echo;
    auto client = connect(echo);
    client.write(asio::buffer("go away", 7));
    beast::flat_buffer answer;
    beast::error_code why;
    client.read(answer, why);
    EXPECT_EQ(why, beast::websocket::error::closed);
    EXPECT_EQ(client.reason().reason, "as you wish");
}

TEST_F(WebSocketTest, APeerThatVanishesIsTold) {
    Echo echo;
    auto client = connect(echo);
    client.next_layer().close();
    EXPECT_EQ(echo.closed_.get_future().wait_for(10s), std::future_status::ready);
}

TEST_F(WebSocketTest, OneThatIsLetGoEndsItsConnection) {
    Echo echo;
    auto client = connect(echo);
    EXPECT_EQ(say(client, "x"), "you: x");
    (void)echo.there([&] {
        echo.sockets_.clear();
        return 0;
    });
    beast::flat_buffer answer;
    beast::error_code why;
    client.read(answer, why);
    EXPECT_TRUE(why);
    EXPECT_EQ(echo.connections(), 0u);
}

TEST_F(WebSocketTest, TheKernelIsNotGivenMoreThanTheNetworkTakes) {
    // A page that does not read: the second write is not done while nobody takes the first.
    asio::io_context server_io;
    std::shared_ptr<WebSocket> socket;
    auto server = Server::listen(server_io, {.bind = {asio::ip::address_v4::loopback(), 0}},
                                 [&](std::shared_ptr<Exchange> exchange) { socket = exchange->upgrade(1000); })
                      .value();
    Client client(io);
    client.next_layer().connect(server->local());
    client.next_layer().set_option(asio::socket_base::receive_buffer_size(64 * 1024));
    std::jthread opener([&] { client.handshake("localhost", "/"); });
    while (!socket) server_io.run_one();
    socket->open({});
    const std::string much(4 << 20, 'x');
    bool done = false;
    socket->write(false, {asio::buffer(much), asio::const_buffer()}, [&] { done = true; });
    server_io.run_for(300ms);
    opener.join();
    EXPECT_FALSE(done) << "4 MiB have gone into buffers";
    std::jthread reader([&] {
        beast::flat_buffer answer;
        client.read_message_max(0);
        client.read(answer);
        EXPECT_EQ(answer.size(), much.size());
    });
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (!done && std::chrono::steady_clock::now() < limit) server_io.run_one_for(100ms);
    EXPECT_TRUE(done);
    reader.join();
}

}  // namespace
}  // namespace punktfunk::http
