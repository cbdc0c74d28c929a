// TCP connections on the event loop, a bounded number of them, none of which may stand there for ever. What is said on
// them is the derived class's business. One thread: the io_context's.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>

#include "punktfunk/base/error.hpp"
#include "punktfunk/http/acceptor.hpp"
#include "punktfunk/http/rare_log.hpp"

namespace punktfunk::http {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

class TcpConnection : public std::enable_shared_from_this<TcpConnection> {
  public:
    explicit TcpConnection(const asio::any_io_executor& executor) : deadline_(executor) {}
    virtual ~TcpConnection() = default;

    virtual void start() = 0;
    // Nothing is owed to it: it has to go when a new one needs the place.
    [[nodiscard]] virtual bool idle() const = 0;
    // At once and without a word; the listener forgets it.
    void finish();
    // It is finished when this much time has gone by before the next call.
    void be_patient(std::chrono::steady_clock::duration patience);
    void wait_no_longer();

  protected:
    [[nodiscard]] virtual asio::ip::tcp::socket& socket() = 0;
    virtual void on_closed() {}
    [[nodiscard]] bool closed() const { return closed_; }

    // Says that we are done, and reads until the peer says so too: a socket closed with unread bytes resets the
    // connection, and the peer may lose what was sent to it.
    void linger();
    static constexpr std::chrono::seconds kLingerPatience{2};

    template <typename Derived>
    std::shared_ptr<Derived> self_as() {
        return std::static_pointer_cast<Derived>(shared_from_this());
    }

  private:
    friend class TcpListener;
    using All = std::list<std::shared_ptr<TcpConnection>>;  // the oldest first
    void close();
    void drain();

    std::shared_ptr<All> all_;  // it is one of them
    asio::steady_timer deadline_;
    uint64_t patience_ = 0;  // the newest: a timer that is set anew does not take back an expiry that is queued
    std::array<char, 4096> drained_;
    bool closed_ = false;
};

class TcpListener {
  public:
    struct Options {
        asio::ip::tcp::endpoint bind;  // an IPv6 wildcard takes IPv4 as well
        size_t max_connections = 0;    // a new one takes the place of the oldest that is idle
        const char* name = "";         // for the log
    };
    using Make = std::function<std::shared_ptr<TcpConnection>(asio::ip::tcp::socket)>;

    TcpListener(asio::io_context& io, Options options, Make make);
    ~TcpListener();  // ends every connection
    TcpListener(const TcpListener&) = delete;

    Result<void> open();
    [[nodiscard]] asio::ip::tcp::endpoint local() const;
    [[nodiscard]] size_t connections() const { return all_->size(); }

  private:
    void take(Tcp::socket socket);
    bool make_room();

    const Options options_;
    const Make make_;
    RareLog complaints_;
    std::shared_ptr<TcpConnection::All> all_ = std::make_shared<TcpConnection::All>();
    Acceptor<Tcp> acceptor_;
};

}  // namespace punktfunk::http
