// A server on a free port of the loopback interface, and the thread it runs on. For tests.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include "punktfunk/http/server.hpp"

namespace punktfunk::http {

class TestServer {
  public:
    using Change = std::function<void(Options&)>;

    explicit TestServer(Handler handler, const Change& change = {}) {
        Options options{.bind = {asio::ip::address_v4::loopback(), 0}};
        if (change) change(options);
        auto listening = Server::listen(io_, std::move(options), std::move(handler));
        if (!listening) throw std::runtime_error(listening.error().message);
        server_ = std::move(*listening);
        port_ = server_->local().port();
        thread_ = std::jthread([this] { io_.run(); });
    }
    ~TestServer() {
        asio::post(io_, [this] {
            server_.reset();
            guard_.reset();
            io_.stop();
        });
    }
    [[nodiscard]] asio::ip::tcp::endpoint at() const { return {asio::ip::address_v4::loopback(), port_}; }
    // Runs on the server's thread.
    template <typename Function>
    auto there(Function function) {
        auto task = std::make_shared<std::packaged_task<decltype(function())()>>(std::move(function));
        auto done = task->get_future();
        asio::post(io_, [task] { (*task)(); });
        return done.get();
    }
    [[nodiscard]] size_t connections() {
        return there([this] { return server_->connections(); });
    }

  private:
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
    std::unique_ptr<Server> server_;
    uint16_t port_ = 0;
    std::jthread thread_;
};

}  // namespace punktfunk::http
