// For tests: an io_context on a thread, and a blocking TCP peer.
#pragma once

#include <poll.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <thread>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::moonlight {

class IoThread {
  public:
    ~IoThread() {
        guard_.reset();
        io_.stop();
    }
    [[nodiscard]] boost::asio::io_context& io() { return io_; }
    void start() {
        thread_ = std::jthread([this] { io_.run(); });
    }
    // Runs on the thread.
    template <typename Function>
    auto there(Function function) {
        std::promise<decltype(function())> done;
        boost::asio::post(io_, [&] { done.set_value(function()); });
        return done.get_future().get();
    }

  private:
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{io_.get_executor()};
    std::jthread thread_;
};

// Reads give what has come when the other end closes, or nothing more comes for ten seconds.
class TestPeer {
  public:
    explicit TestPeer(const boost::asio::ip::tcp::endpoint& to) : socket_(io_) {
        socket_.connect(to);
        const timeval patience{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    TestPeer& send(std::string_view text) {
        boost::system::error_code ignored;  // the other end may have closed already
        boost::asio::write(socket_, boost::asio::buffer(text.data(), text.size()), ignored);
        return *this;
    }
    TestPeer& shut_down() {
        boost::system::error_code ignored;
        socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
        return *this;
    }
    std::string read_to_end() {
        std::string text;
        boost::asio::read(socket_, boost::asio::dynamic_buffer(text), ended);
        return text;
    }
    [[nodiscard]] bool ended_within(std::chrono::milliseconds timeout) {
        pollfd readable{socket_.native_handle(), POLLIN, 0};
        char byte = 0;
        return ::poll(&readable, 1, static_cast<int>(timeout.count())) > 0 &&
               ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
    }
    void close() { socket_.close(); }

    boost::system::error_code ended;

  private:
    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
};

inline bool eventually(const std::function<bool()>& condition) {
    const auto deadline = SteadyClock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (SteadyClock::now() >= deadline) return false;
        (void)::poll(nullptr, 0, 5);
    }
    return true;
}

}  // namespace punktfunk::moonlight
