#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <mutex>

#include "punktfunk/http/server.hpp"
#include "punktfunk/http/tcp_listener.hpp"
#include "test_server.hpp"

namespace punktfunk::http {

using namespace std::chrono_literals;

namespace {

// A blocking client. Reads give what has come when the peer closes, or nothing more comes for ten seconds.
class Peer {
  public:
    explicit Peer(const Tcp::endpoint& to) : socket_(io_) { socket_.connect(to); }
    Peer& send(std::string_view text) {
        boost::system::error_code ignored;  // the server may have closed already
        asio::write(socket_, asio::buffer(text.data(), text.size()), ignored);
        return *this;
    }
    std::string read_until(std::string_view end) {
        size_t at = 0;
        while ((at = text_.find(end)) == std::string::npos && more()) {
        }
        std::string taken = text_.substr(0, at == std::string::npos ? at : at + end.size());
        text_.erase(0, taken.size());
        return taken;
    }
    std::string read_to_end() {
        while (more()) {
        }
        return std::exchange(text_, {});
    }
    void close() { socket_.close(); }
    Tcp::socket& socket() { return socket_; }
    boost::system::error_code ended;

  private:
    // By poll(): a receive timeout would be taken for the peer's end when the whole process is stopped for a moment,
    // and Asio waits without one after it.
    bool more() {
        pollfd readable{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
        int ready = 0;
        while ((ready = ::poll(&readable, 1, 10'000)) < 0 && errno == EINTR) {
        }
        if (ready <= 0) return false;
        const size_t size = socket_.read_some(asio::buffer(piece_), ended);
        text_.append(piece_.data(), size);
        return !ended;
    }
    asio::io_context io_;
    Tcp::socket socket_;
    std::array<char, 65536> piece_{};
    std::string text_;
};

// One value, handed from the server's thread to the test's.
template <typename T>
class Slot {
  public:
    void set(T value) {
        const std::lock_guard lock(mutex_);
        value_ = std::move(value);
        changed_.notify_all();
    }
    std::optional<T> wait() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, 10s, [&] { return value_.has_value(); });
        return value_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<T> value_;
};

void echo(const std::shared_ptr<Exchange>& exchange) {
    const Request& request = exchange->request();
    exchange->respond({.content_type = "text/plain",
                       .body = request.method + " " + request.path + " ? " + request.query + " " +
                               std::string(request.header("x-colour")) + " " + request.body,
                       .headers = {{"X-Answer", "yes"}}});
}

}  // namespace

TEST(Http, AnswersOneRequestAfterTheOther) {
    TestServer server(echo);
    Peer peer(server.at());
    peer.send("GET /a%20b?c=d&e HTTP/1.1\r\nHost: x\r\nX-Colour: green\r\n\r\n");
    std::string answer = peer.read_until("green ");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find("X-Answer: yes\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("GET /a%20b ? c=d&e green ")) << answer;
    // Two at once, the second with a body and the wish to end.
    peer.send(
        "HEAD / HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
        "5\r\n\r\nhello");
    answer = peer.read_to_end();
    EXPECT_EQ(peer.ended, asio::error::eof) << "closed in good order, not reset";
    EXPECT_NE(answer.find("Content-Length: 11\r\n\r\nHTTP/1.1 200"), std::string::npos)
        << "HEAD has no body: " << answer;
    EXPECT_TRUE(answer.ends_with("POST / ?   hello")) << answer;
}

TEST(Http, WhatIsTooLargeOrNotHttpIsRefused) {
    TestServer server(echo, [](Options& options) {
        options.max_header_bytes = 1000;
        options.max_body_bytes = 1000;
    });
    const auto status_of = [&](const std::string& request) {
        Peer peer(server.at());
        const std::string answer = peer.send(request).read_to_end();
        EXPECT_EQ(peer.ended, asio::error::eof) << request.substr(0, 20);
        return answer.substr(0, 12);
    };
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nA: " + std::string(5000, 'a') + "\r\n\r\n"), "HTTP/1.1 431");
    EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n" + std::string(5000, 'a')),
              "HTTP/1.1 413");
    // Of a chunked body neither the header nor the body, and endless.
    const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(status_of(chunked + "1;a=" + std::string(1'000'000, 'a')), "HTTP/1.1 400");
    EXPECT_EQ(status_of(chunked + "0\r\nA: " + std::string(1'000'000, 'a')), "HTTP/1.1 400");
    EXPECT_EQ(status_of("\x16\x03\x01 this is not\r\n\r\n"), "HTTP/1.1 400");
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), "HTTP/1.1 400");
    for (const char* target : {"?", "?x", "*", "http://host/", "x"})
        EXPECT_EQ(status_of(std::string("GET ") + target + " HTTP/1.1\r\n\r\n"), "HTTP/1.1 400") << target;
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), "HTTP/1.1 200");
}

TEST(Http, HowLargeABodyMayBeIsKnownBeforeItIsRead) {
    TestServer server(echo, [](Options& options) {
        options.max_body_bytes = 1000;
        options.body_limit = [](std::string_view method, std::string_view path) -> size_t {
            return method == "PUT" && path == "/large" ? 5000 : 10;
        };
    });
    const auto status_of = [&](const std::string& request) {
        return Peer(server.at()).send(request).read_until("\r\n").substr(0, 12);
    };
    // Nobody sends those bodies: the answer comes all the same, and at once.
    EXPECT_EQ(status_of("PUT /small?/large HTTP/1.1\r\nContent-Length: 11\r\n\r\n"), "HTTP/1.1 413");
    EXPECT_EQ(status_of("POST /large HTTP/1.1\r\nContent-Length: 11\r\n\r\n"), "HTTP/1.1 413");
    EXPECT_EQ(status_of("PUT /large HTTP/1.1\r\nContent-Length: 1001\r\n\r\n"), "HTTP/1.1 413");
    EXPECT_EQ(status_of("PUT /small HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n"), "HTTP/1.1 413");
    EXPECT_EQ(status_of("PUT /small HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n"),
              "HTTP/1.1 413");
    EXPECT_EQ(status_of("PUT /small HTTP/1.1\r\nContent-Length: 10\r\n\r\n" + std::string(10, 'a')), "HTTP/1.1 200");
    EXPECT_EQ(status_of("PUT /large?x HTTP/1.1\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'a')),
              "HTTP/1.1 200");
}

TEST(Http, WhatIsRefusedIsAnsweredInFullAfterAHead) {
    TestServer server(echo, [](Options& options) { options.max_body_bytes = 1000; });
    Peer peer(server.at());
    (void)peer.send("HEAD / HTTP/1.1\r\n\r\n").read_until("\r\n\r\n");
    const std::string answer = peer.send("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n").read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << answer;
    EXPECT_NE(answer.find("the request's body is too large"), std::string::npos) << answer;
}

TEST(Http, ARequestThatDripsIsGivenUp) {
    TestServer server(echo, [](Options& options) { options.request_patience = 1s; });
    Peer silent(server.at()), dripping(server.at());
    dripping.send("GET / HT");
    EXPECT_EQ(silent.read_to_end(), "");
    dripping.send("TP/1.1\r\n");
    EXPECT_EQ(dripping.read_to_end(), "");
    EXPECT_EQ(server.connections(), 0u);
}

TEST(Http, WhoAsksNothingMakesRoom) {
    TestServer server(echo, [](Options& options) { options.max_connections = 2; });
    Peer first(server.at());
    Peer second(server.at());
    first.send("GET / HTTP/1.1\r\n\r\n").read_until("? ");
    second.send("GET / HT");
    EXPECT_NE(Peer(server.at()).send("GET / HTTP/1.1\r\n\r\n").read_until("? "), "");
    EXPECT_EQ(first.read_to_end().find("HTTP"), std::string::npos);  // it was the oldest
    second.send("TP/1.1\r\n\r\n");
    EXPECT_NE(second.read_until("? "), "");
}

TEST(Http, NoMoreConnectionsThanAllowed) {
    Slot<std::shared_ptr<Exchange>> held;
    TestServer server([&](std::shared_ptr<Exchange> exchange) { held.set(std::move(exchange)); },
                      [](Options& options) { options.max_connections = 1; });
    Peer waiting(server.at());
    waiting.send("GET / HTTP/1.1\r\n\r\n");
    auto exchange = held.wait();  // owed an answer: it keeps its place
    EXPECT_EQ(Peer(server.at()).read_to_end(), "");
    server.there([&] { (*exchange)->respond({.body = "here"}); });
    EXPECT_NE(waiting.read_until("here"), "");
}

TEST(Http, AnAnswerMayComeLaterOrNever) {
    Slot<std::shared_ptr<Exchange>> held;
    Slot<bool> gone;
    TestServer server([&](std::shared_ptr<Exchange> exchange) {
        if (exchange->request().path == "/drop") return;
        exchange->on_gone([&] { gone.set(true); });
        held.set(std::move(exchange));
    });
    Peer patient(server.at());
    patient.send("GET /wait HTTP/1.1\r\n\r\n");
    auto exchange = held.wait();
    ASSERT_TRUE(exchange);
    server.there([&] { (*exchange)->respond({.body = "at last", .headers = {}, .close = true}); });
    EXPECT_TRUE(patient.read_to_end().ends_with("at last"));

    EXPECT_EQ(Peer(server.at()).send("GET /drop HTTP/1.1\r\n\r\n").read_to_end(), "");

    held.set(nullptr);
    Peer leaving(server.at());
    leaving.send("GET /wait HTTP/1.1\r\n\r\n");
    leaving.close();
    EXPECT_TRUE(gone.wait()) << "who waits for the answer's making learns that nobody wants it";
    server.there([&] {
        held.set(nullptr);
        exchange->reset();
    });
}

TEST(Http, AStreamGoesOnUntilEitherEndCloses) {
    Slot<std::shared_ptr<BodyStream>> open;
    TestServer server([&](const std::shared_ptr<Exchange>& exchange) {
        open.set(exchange->stream({.content_type = "text/event-stream", .body = "retry: 1\n\n", .headers = {}}));
    });
    Peer reader(server.at());
    reader.send("GET / HTTP/1.1\r\n\r\n");
    auto stream = open.wait();
    ASSERT_TRUE(stream);
    const std::string head = reader.read_until("retry: 1\n\n\r\n");
    EXPECT_NE(head.find("Transfer-Encoding: chunked"), std::string::npos) << head;
    EXPECT_TRUE(server.there([&] { return (*stream)->write("data: 1\n\n"); }));
    EXPECT_EQ(reader.read_until("1\n\n\r\n"), "9\r\ndata: 1\n\n\r\n");
    server.there([&] { (*stream)->close(); });
    EXPECT_EQ(reader.read_to_end(), "0\r\n\r\n");
    EXPECT_FALSE(server.there([&] { return (*stream)->write("more"); }));

    Peer lazy(server.at());
    lazy.send("GET / HTTP/1.1\r\n\r\n").read_until("retry: 1\n\n\r\n");
    stream = open.wait();
    bool taken = true;
    for (int i = 0; i < 100 && taken; ++i) {
        taken = server.there([&] { return (*stream)->write(std::string(100'000, 'x')); });
    }
    EXPECT_FALSE(taken) << "who reads nothing is cut off, and not at the host's expense";
    server.there([&] {
        open.set(nullptr);
        stream->reset();
    });
}

TEST(Http, WhatAStreamBeginsWithDoesNotCutItsReaderOff) {
    const std::string replay(1 << 20, 'x');
    Slot<std::shared_ptr<BodyStream>> open;
    Slot<bool> taken;
    TestServer server([&](const std::shared_ptr<Exchange>& exchange) {
        auto stream = exchange->stream({.content_type = "text/event-stream", .body = replay + "\n", .headers = {}});
        taken.set(stream->write("the next"));
        open.set(std::move(stream));
    });
    Peer reader(server.at());
    reader.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(taken.wait(), true);
    const std::string all = reader.read_until("the next\r\n");
    EXPECT_GT(all.size(), replay.size());
    EXPECT_TRUE(all.ends_with("the next\r\n"));
    // Nothing waits any more, so there is room for as much again, once, beside what is being written.
    const auto stream = open.wait();
    ASSERT_TRUE(stream);
    const std::string half((1 << 19) - 16, 'x');
    server.there([] {});  // the reader may have it a moment before the server knows that it is written
    EXPECT_TRUE(server.there([&] {
        return (*stream)->write(half) && (*stream)->write(half) && (*stream)->write(half) && !(*stream)->write(half);
    }));
    server.there([&] { open.set(nullptr); });
}

TEST(Http, AnUpgradeThatWasNotTakenIsNotTakenLater) {
    TestServer server([](const std::shared_ptr<Exchange>& exchange) {
        const bool later = exchange->request().path == "/later";
        const auto socket = later ? exchange->upgrade(100) : nullptr;
        exchange->respond({.status = 426, .body = socket ? "taken" : "not taken", .headers = {}});
    });
    Peer peer(server.at());
    peer.send(
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    EXPECT_TRUE(peer.read_until("taken").ends_with("not taken"));
    peer.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(peer.read_until("taken").ends_with("not taken"));
}

TEST(Http, TlsTellsWhoTheClientIs) {
    const auto host = crypto::generate_identity(crypto::IdentityKind::Host).value();
    const auto client = crypto::generate_identity(crypto::IdentityKind::Client).value();
    TestServer server(
        [](const std::shared_ptr<Exchange>& exchange) {
            const auto& certificate = exchange->request().peer_certificate;
            exchange->respond({.body = certificate ? std::string(certificate->begin(), certificate->end()) : "nobody",
                               .headers = {},
                               .close = true});
        },
        [&](Options& options) { options.identity = host; });

    const auto ask = [&](const crypto::Identity* identity) {
        asio::ssl::context context(asio::ssl::context::tls_client);
        if (identity != nullptr) {
            context.use_certificate(asio::buffer(identity->certificate_pem), asio::ssl::context::pem);
            context.use_private_key(asio::buffer(identity->private_key_pem), asio::ssl::context::pem);
        }
        asio::io_context io;
        asio::ssl::stream<Tcp::socket> stream(io, context);
        stream.next_layer().connect(server.at());
        stream.handshake(asio::ssl::stream_base::client);
        asio::write(stream, asio::buffer(std::string("GET / HTTP/1.1\r\n\r\n")));
        std::string answer;
        boost::system::error_code ec;
        asio::read(stream, asio::dynamic_buffer(answer), ec);
        EXPECT_EQ(ec, asio::error::eof) << "closed as TLS closes: " << ec.message();
        return answer.substr(answer.find("\r\n\r\n") + 4);
    };
    EXPECT_EQ(ask(&client), std::string(client.certificate_der.begin(), client.certificate_der.end()));
    EXPECT_EQ(ask(nullptr), "nobody");
    EXPECT_EQ(Peer(server.at()).send("GET / HTTP/1.1\r\n\r\n").read_to_end().find("HTTP"), std::string::npos);
}

TEST(Http, AServerThatGoesTakesItsConnectionsAlong) {
    std::optional<TestServer> server(std::in_place, echo);
    Peer idle(server->at());
    idle.send("GET / HTTP/1.1\r\n\r\n").read_until("? ");
    server.reset();
    EXPECT_EQ(idle.read_to_end(), "  ");
}

TEST(Http, APortInUseIsNamed) {
    TestServer server(echo);
    asio::io_context io;
    const auto second = Server::listen(io, {.bind = server.at()}, echo);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::Io);
    EXPECT_NE(second.error().message.find(std::to_string(server.at().port())), std::string::npos);
}

}  // namespace punktfunk::http
