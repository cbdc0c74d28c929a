// Destroys things that take their time (a session waits for its compositor) on a thread of its own, so that the control
// thread does not.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::stream {

class Reaper {
  public:
    Reaper();
    ~Reaper();  // waits until everything handed over is gone
    // What belongs to the session goes right before it. There may be no session: then it is only that.
    void take(std::unique_ptr<StreamSession> session, std::shared_ptr<void> belongings = {});
    [[nodiscard]] size_t pending() const { return pending_; }  // taken and not yet gone

  private:
    void run(const std::stop_token& stop);
    std::mutex mutex_;
    std::condition_variable_any changed_;
    struct Doomed {
        std::unique_ptr<StreamSession> session;
        std::shared_ptr<void> belongings;  // last: destroyed first
    };
    std::vector<Doomed> doomed_;
    std::atomic<size_t> pending_{0};
    std::jthread thread_;
};

}  // namespace punktfunk::stream
