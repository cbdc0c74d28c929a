// The latest lines of the log, for people who are not at the terminal. A sink of spdlog's: lines come from any thread.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace punktfunk::management {

struct LogEntry {
    uint64_t id = 0;  // grows by one a line
    std::chrono::system_clock::time_point time;
    spdlog::level::level_enum level{};
    std::string message;
};

class LogRing final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    static constexpr size_t kLines = 4096, kLongest = 2000;

    struct Page {
        std::vector<LogEntry> entries;  // the oldest first
        uint64_t last_id = 0;           // of the newest line, whether it is in there or not
        bool truncated = false;         // older ones than these are gone or beyond the limit
    };
    // The newest `limit` lines of that level or above with a greater id.
    [[nodiscard]] Page read(spdlog::level::level_enum least, uint64_t after, size_t limit);

    // Called once for one or more new lines, on the thread that logs; again only after the next read(). It must be
    // quick and must not log. Null ends it.
    void on_news(std::function<void()> tell);

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override {}

  private:
    std::deque<LogEntry> lines_;
    uint64_t newest_ = 0;
    std::function<void()> tell_;
    bool told_ = false;
};

}  // namespace punktfunk::management
