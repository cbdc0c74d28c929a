// How much filler each client may still ask for: ten seconds of it a minute, so that nobody uses the host as a cannon.
// Control thread; times are given.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/wire/control.hpp"

namespace punktfunk::native {

class ProbeBudget {
  public:
    static constexpr std::chrono::milliseconds kFull{10'000};
    static constexpr int kRefill = 6;                  // a second of it comes back in so many
    static constexpr uint32_t kMostKbps = 10'000'000;  // §4.10
    static constexpr uint32_t kLongestMs = 5000;

    // What of `wanted` the client (its fingerprint or, without one, its address) gets; all zero: nothing.
    wire::ProbeRequest grant(const std::string& client, const wire::ProbeRequest& wanted, SteadyClock::time_point now);

  private:
    struct Account {
        std::string client;
        SteadyClock::time_point full_again;
    };
    // Of clients whose budget is not full. Addresses are cheap to come by: when there are too many, nobody new gets
    // any.
    static constexpr size_t kMostAccounts = 1024;
    std::vector<Account> accounts_;
};

}  // namespace punktfunk::native
