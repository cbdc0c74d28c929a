#include "leopard_code.hpp"

#include "leopard_recovery.hpp"

namespace punktfunk::fec {
namespace {

Result<void> check(size_t k, size_t m, size_t shard_bytes) {
    if (shard_bytes == 0 || shard_bytes % 2 != 0) {
        return fail(ErrorCode::InvalidArgument, "shard length {} is not even and positive", shard_bytes);
    }
    if (k == 0) return fail(ErrorCode::InvalidArgument, "no data shards");
    if (!is_possible(Scheme::Gf16, k, m)) {
        return fail(ErrorCode::Unsupported, "{} data and {} parity shards are too many for GF(2^16)", k, m);
    }
    return {};
}

// A single parity shard is the XOR of the data.
void add(uint8_t* to, const uint8_t* from, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) to[i] ^= from[i];
}

}  // namespace

Result<void> LeopardCode::encode(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity,
                                 size_t shard_bytes, Workspace& workspace) const {
    if (parity.empty()) return {};
    if (auto ok = check(data.size(), parity.size(), shard_bytes); !ok) return ok;
    if (parity.size() == 1) {
        std::memcpy(parity[0], data[0], shard_bytes);
        for (const uint8_t* shard : data.subspan(1)) add(parity[0], shard, shard_bytes);
        return {};
    }
    const LeopardShape shape(data.size(), parity.size());
    const LeopardRows rows(workspace.impl(), 2, shape.chunk, shard_bytes);
    for_each_strip(data, parity, shard_bytes, rows.width, workspace.impl(), [&](const Strip& strip) {
        parts_.sum_chunks(shape, strip, rows);
        // The high-rate code has one chunk of parity, in front of the data; the low-rate code has many, behind it.
        for (size_t first = 0; first < parity.size(); first += shape.chunk) {
            Gf16Pass pass = rows.pass(strip, shape.layers);
            pass.position = shape.parity_at + first;
            pass.from = rows.sum;
            pass.from_count = shape.chunk;
            pass.to_shards = strip.out + first;
            pass.to_count = std::min(shape.chunk, parity.size() - first);
            parts_.transform.forward(pass, rows.work);
        }
    });
    return {};
}

Result<void> LeopardCode::reconstruct(std::span<uint8_t* const> data, std::span<const uint8_t> data_present,
                                      std::span<const uint8_t* const> parity, size_t shard_bytes,
                                      Workspace& workspace) const {
    if (data.size() != data_present.size()) return fail(ErrorCode::InvalidArgument, "presence map of the wrong size");
    const auto missing = static_cast<size_t>(std::ranges::count(data_present, 0));
    const size_t spare = parity.size() - static_cast<size_t>(std::ranges::count(parity, nullptr));
    if (missing == 0) return {};
    if (auto ok = check(data.size(), parity.size(), shard_bytes); !ok) return ok;
    if (missing > spare) return fail(ErrorCode::Exhausted, "{} data shards lost, {} parity shards", missing, spare);
    if (parity.size() == 1) {
        uint8_t* lost = data[static_cast<size_t>(std::ranges::find(data_present, 0) - data_present.begin())];
        std::memcpy(lost, parity[0], shard_bytes);
        for (size_t i = 0; i < data.size(); ++i) {
            if (data_present[i]) add(lost, data[i], shard_bytes);
        }
        return {};
    }
    LeopardRecovery(parts_, LeopardShape(data.size(), parity.size()), shard_bytes, workspace.impl())
        .run(data, data_present, parity);
    return {};
}

}  // namespace punktfunk::fec
