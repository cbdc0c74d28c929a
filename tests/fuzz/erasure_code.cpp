// Erasure codes with any shape and any loss: what can be recovered is the original, what cannot be is refused, nothing
// that arrived is written to, and the fast kernel answers what the plain one does.
#include "punktfunk/fec/erasure_code.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <vector>

#include "punktfunk/base/bytes.hpp"
#include "require.hpp"

using namespace punktfunk;
using fec::Kernel, fec::Scheme;

namespace {

constexpr size_t kFewShards = 24, kManyShards = 300;  // few are quick, many are past GF(2^8)'s limit
constexpr size_t kMaxShardBytes = 200;

struct Shards {
    Shards(size_t count, size_t length) : bytes(count * length) {
        for (size_t i = 0; i < count; ++i) at.push_back(bytes.data() + i * length);
    }
    Bytes bytes;
    std::vector<uint8_t*> at;
};

// Made once: the tables of a code take longer to make than most inputs to run.
const fec::ErasureCode& code_of(Scheme scheme, Kernel kernel) {
    static const auto best8 = fec::erasure_code(Scheme::Gf8), plain8 = fec::erasure_code(Scheme::Gf8, Kernel::Scalar);
    static const auto best16 = fec::erasure_code(Scheme::Gf16),
                      plain16 = fec::erasure_code(Scheme::Gf16, Kernel::Scalar);
    if (scheme == Scheme::Gf8) return kernel == Kernel::Best ? *best8 : *plain8;
    return kernel == Kernel::Best ? *best16 : *plain16;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static fec::Workspace workspace;  // reused as a session does: leftovers of another shape must not matter
    FuzzedDataProvider input(data, size);
    const Scheme scheme = input.ConsumeBool() ? Scheme::Gf16 : Scheme::Gf8;
    const Kernel kernel = input.ConsumeBool() ? Kernel::Best : Kernel::Scalar;
    const size_t most = input.ConsumeIntegral<uint8_t>() == 0xFF ? kManyShards : kFewShards;
    const auto k = input.ConsumeIntegralInRange<size_t>(0, most), m = input.ConsumeIntegralInRange<size_t>(0, most);
    const auto length = input.ConsumeIntegralInRange<size_t>(0, kMaxShardBytes);
    const fec::ErasureCode& code = code_of(scheme, kernel);

    Shards shards(k, length), parity(m, length), other(m, length);
    uint32_t state = input.ConsumeIntegral<uint32_t>();
    for (uint8_t& byte : shards.bytes) byte = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    const Bytes original = shards.bytes;
    const std::vector<const uint8_t*> from(shards.at.begin(), shards.at.end());
    const auto encoded = code.encode(from, parity.at, length, workspace);
    // A shape that is none is refused, except that making no parity at all is nothing to refuse.
    const bool sound = k > 0 && length > 0 && length % 2 == 0 && fec::is_possible(scheme, k, m);
    REQUIRE(encoded.has_value() == (sound || m == 0));
    if (!sound) return 0;
    REQUIRE(shards.bytes == original);
    REQUIRE(code_of(scheme, kernel == Kernel::Best ? Kernel::Scalar : Kernel::Best)
                .encode(from, other.at, length, workspace));
    REQUIRE(other.bytes == parity.bytes);

    // The rest of the input says which are lost, a bit a shard.
    std::vector<uint8_t> present(k, 1);
    std::vector<const uint8_t*> arrived(parity.at.begin(), parity.at.end());
    size_t missing = 0, spare = m;
    for (size_t i = 0; i < k + m && input.remaining_bytes() > 0; i += 8) {
        const auto bits = input.ConsumeIntegral<uint8_t>();
        for (size_t j = i; j < std::min(i + 8, k + m); ++j) {
            if ((bits >> (j - i) & 1) == 0) continue;
            if (j < k) {
                present[j] = 0;
                std::fill_n(shards.at[j], length, uint8_t{0xEE});
                ++missing;
            } else {
                arrived[j - k] = nullptr;
                --spare;
            }
        }
    }
    const Bytes parity_before = parity.bytes, data_before = shards.bytes;
    const auto restored = code.reconstruct(shards.at, present, arrived, length, workspace);
    REQUIRE(parity.bytes == parity_before);
    if (missing <= spare) {
        REQUIRE(restored && shards.bytes == original);
    } else {
        REQUIRE(!restored && restored.error().code == ErrorCode::Exhausted && shards.bytes == data_before);
    }
    return 0;
}
