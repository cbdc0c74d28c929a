// The replay window beside a plain set of numbers: each is accepted once, and none from below the window.
#include "punktfunk/crypto/replay_window.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <unordered_set>

#include "require.hpp"

using namespace punktfunk;

namespace {
constexpr size_t kMaxSteps = 400;
enum Step { kNext, kNear, kFar, kEdge, kAnywhere, kLast = kAnywhere };
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr uint64_t kWidth = crypto::ReplayWindow::kWidth;
    FuzzedDataProvider input(data, size);
    crypto::ReplayWindow window;
    std::unordered_set<uint64_t> seen;
    uint64_t highest = 0, sequence = 0;
    for (size_t steps = 0; steps < kMaxSteps && input.remaining_bytes() > 0; ++steps) {
        switch (input.ConsumeIntegralInRange<int>(0, kLast)) {
            case kNext:
                ++sequence;
                break;
            case kNear:  // numbers wrap here, as a forger's may
                sequence = highest + static_cast<uint64_t>(input.ConsumeIntegral<int8_t>());
                break;
            case kFar:
                sequence = highest + static_cast<uint64_t>(input.ConsumeIntegral<int16_t>()) * 8;
                break;
            case kEdge:
                sequence = highest - kWidth + static_cast<uint64_t>(input.ConsumeIntegralInRange<int>(-2, 2));
                break;
            default:
                sequence = input.ConsumeIntegral<uint64_t>();
                break;
        }
        const bool above_floor = seen.empty() || sequence > highest || highest - sequence < kWidth;
        const bool fresh = above_floor && !seen.contains(sequence);
        REQUIRE(window.accept(sequence) == fresh);
        REQUIRE(!window.accept(sequence));
        if (!fresh) continue;
        highest = seen.empty() ? sequence : std::max(highest, sequence);
        seen.insert(sequence);
    }
    return 0;
}
