// One thread for what would hold the control thread up: hashing a password, compressing, starting a display. Bounded.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace punktfunk::management {

class Worker {
  public:
    Worker(boost::asio::io_context& io, const char* name, size_t bound);
    ~Worker();  // waits for the job at hand; what waits is dropped
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // `work` on the worker's thread, then `done` with what it made on the control thread, unless this has been
    // destroyed. False when too much waits already.
    template <typename Work, typename Done>
    bool run(Work work, Done done) {
        return push([this, work = std::move(work), done = std::move(done)]() mutable {
            boost::asio::post(io_, [alive = std::weak_ptr(alive_), result = work(), done = std::move(done)]() mutable {
                if (!alive.expired()) done(std::move(result));
            });
        });
    }

  private:
    bool push(std::move_only_function<void()> job);
    void loop(const std::stop_token& stop);

    boost::asio::io_context& io_;
    const size_t bound_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<std::move_only_function<void()>> jobs_;
    std::jthread thread_;
};

}  // namespace punktfunk::management
