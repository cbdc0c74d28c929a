// Takes connections for as long as it lives, of whatever kind of socket; where there is no descriptor for the next one,
// it waits a moment instead of being refused it again and again. One thread: the io_context's.
#pragma once

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "punktfunk/http/rare_log.hpp"

namespace punktfunk::http {

template <typename Protocol>
class Acceptor {
  public:
    using Socket = typename Protocol::socket;
    using Take = std::function<void(Socket)>;
    static constexpr std::chrono::seconds kPause{1};

    // `name` is for the log.
    Acceptor(boost::asio::io_context& io, const char* name, Take take)
        : name_(name), take_(std::move(take)), acceptor_(io), retry_(io) {}
    ~Acceptor() { *alive_ = false; }
    Acceptor(const Acceptor&) = delete;

    // To be opened and bound by its owner, before start().
    [[nodiscard]] typename Protocol::acceptor& socket() { return acceptor_; }
    [[nodiscard]] const typename Protocol::acceptor& socket() const { return acceptor_; }
    void start() { accept(); }
    void close() {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
    }

  private:
    void accept() {
        acceptor_.async_accept([this, alive = alive_](boost::system::error_code ec, Socket socket) {
            if (!*alive || ec == boost::asio::error::operation_aborted) return;
            if (ec) return accept_later(ec);
            take_(std::move(socket));
            if (*alive) accept();
        });
    }
    // Out of file descriptors, most likely: the next one would only be refused at once.
    void accept_later(boost::system::error_code why) {
        complaints_.say(fmt::format("{}: cannot accept connections: {}", name_, why.message()));
        retry_.expires_after(kPause);
        retry_.async_wait([this, alive = alive_](boost::system::error_code cancelled) {
            if (*alive && !cancelled) accept();
        });
    }

    const char* const name_;
    const Take take_;
    typename Protocol::acceptor acceptor_;
    boost::asio::steady_timer retry_;
    RareLog complaints_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // what was queued outlives it
};

}  // namespace punktfunk::http
