#include "punktfunk/stream/reaper.hpp"

#include <pthread.h>

namespace punktfunk::stream {

Reaper::Reaper() : thread_([this](const std::stop_token& stop) { run(stop); }) {
    pthread_setname_np(thread_.native_handle(), "pf-reaper");
}

Reaper::~Reaper() {
    thread_.request_stop();
    thread_.join();
}

void Reaper::take(std::unique_ptr<StreamSession> session, std::shared_ptr<void> belongings) {
    if (session) session->stop();  // at once, and several at the same time
    const std::lock_guard lock(mutex_);
    doomed_.push_back({std::move(session), std::move(belongings)});
    ++pending_;
    changed_.notify_one();
}

void Reaper::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [&] { return !doomed_.empty(); }) || !doomed_.empty()) {
        auto batch = std::exchange(doomed_, {});
        lock.unlock();
        for (Doomed& doomed : batch) {
            doomed.belongings.reset();
            doomed.session.reset();
            --pending_;
        }
        lock.lock();
    }
}

}  // namespace punktfunk::stream
