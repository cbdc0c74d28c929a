// The clock estimate out of timestamps that the host chose (spec §2.6). An honest exchange is estimated to within half
// its time on the way; a dishonest one cannot make itself look quicker than the client saw, nor turn the sign around.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "punktfunk/wire/control.hpp"
#include "require.hpp"

using namespace punktfunk;
using wire::ClockSample;

namespace {

void check_honest(FuzzedDataProvider& input) {
    constexpr int64_t kYears = int64_t{1} << 61;
    const auto t1 = input.ConsumeIntegralInRange<int64_t>(0, kYears), ahead = input.ConsumeIntegralInRange(-t1, kYears);
    const int64_t there = input.ConsumeIntegral<uint32_t>(), inside = input.ConsumeIntegral<uint32_t>(),
                  back = input.ConsumeIntegral<uint32_t>();
    const auto at = [](int64_t time) { return static_cast<uint64_t>(time); };
    const auto estimate = wire::estimate_of(
        {at(t1), at(t1 + there + ahead), at(t1 + there + inside + ahead), at(t1 + there + inside + back)});
    REQUIRE(estimate.rtt_ns == at(there + back));
    REQUIRE(std::abs(estimate.offset_ns - ahead) <= (there + back) / 2 + 1);
}

void check_any(const ClockSample& sample) {
    const auto [offset, rtt] = wire::estimate_of(sample);
    // A host whose answer leaves before the question came: no quicker for that.
    if (sample.t4 >= sample.t1 && sample.t3 <= sample.t2) REQUIRE(rtt >= sample.t4 - sample.t1);
    if (sample.t2 >= sample.t1 && sample.t3 >= sample.t4) REQUIRE(offset >= 0);
    if (sample.t2 <= sample.t1 && sample.t3 <= sample.t4) REQUIRE(offset <= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    FuzzedDataProvider input(data, size);
    check_honest(input);
    std::vector<ClockSample> samples;
    while (input.remaining_bytes() > 0) {
        const auto time = [&] { return input.ConsumeIntegral<uint64_t>(); };
        const auto t1 = time(), t2 = time(), t3 = time(), t4 = time();
        check_any(samples.emplace_back(t1, t2, t3, t4));
    }
    const auto best = wire::best_estimate(samples);
    REQUIRE(best.has_value() == !samples.empty());
    if (!best) return 0;
    const auto first = std::ranges::min_element(samples, {}, [](const auto& s) { return wire::estimate_of(s).rtt_ns; });
    REQUIRE(best->rtt_ns == wire::estimate_of(*first).rtt_ns && best->offset_ns == wire::estimate_of(*first).offset_ns);
    return 0;
}
