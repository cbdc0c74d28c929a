#include "probe_budget.hpp"

#include <algorithm>

namespace punktfunk::native {

using std::chrono::milliseconds;

wire::ProbeRequest ProbeBudget::grant(const std::string& client, const wire::ProbeRequest& wanted,
                                      SteadyClock::time_point now) {
    const wire::ProbeRequest bounded{std::min(wanted.target_kbps, kMostKbps), std::min(wanted.duration_ms, kLongestMs)};
    if (bounded.target_kbps == 0 || bounded.duration_ms == 0) return {};
    std::erase_if(accounts_, [&](const Account& account) { return account.full_again <= now; });
    auto account = std::ranges::find(accounts_, client, &Account::client);
    if (account == accounts_.end()) {
        if (accounts_.size() == kMostAccounts) return {};
        account = accounts_.insert(account, {client, now});
    }
    // A burst that has been paid for puts off the time at which the budget is full again.
    const auto after = account->full_again + milliseconds(bounded.duration_ms) * kRefill;
    if (after - now > kFull * kRefill) return {};
    account->full_again = after;
    return bounded;
}

}  // namespace punktfunk::native
