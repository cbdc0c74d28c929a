// Complaints about peers, whose number is up to the peers: a line a while, with how many there were.
#pragma once

#include <spdlog/spdlog.h>

#include <chrono>
#include <string_view>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::http {

class RareLog {
  public:
    static constexpr std::chrono::seconds kPause{30};
    void say(std::string_view line) {
        const auto now = SteadyClock::now();
        if (now < next_) {
            ++unsaid_;
            return;
        }
        if (unsaid_ == 0) {
            spdlog::warn("{}", line);
        } else {
            spdlog::warn("{} (and {} more before)", line, unsaid_);
        }
        unsaid_ = 0;
        next_ = now + kPause;
    }

  private:
    SteadyClock::time_point next_{};
    uint64_t unsaid_ = 0;
};

}  // namespace punktfunk::http
