#include "punktfunk/management/worker.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>

namespace punktfunk::management {

Worker::Worker(boost::asio::io_context& io, const char* name, size_t bound) : io_(io), bound_(bound) {
    thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
    pthread_setname_np(thread_.native_handle(), name);
}

Worker::~Worker() {
    alive_.reset();
    thread_.request_stop();
    thread_.join();
}

bool Worker::push(std::move_only_function<void()> job) {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= bound_) return false;
    jobs_.push_back(std::move(job));
    changed_.notify_one();
    return true;
}

void Worker::loop(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [&] { return !jobs_.empty(); }) && !stop.stop_requested()) {
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        try {
            job();
        } catch (const std::exception& unexpected) {
            spdlog::error("management: {}", unexpected.what());
        }
        job = nullptr;
        lock.lock();
    }
}

}  // namespace punktfunk::management
