#include "leopard_code.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "stripe.hpp"
#include "workspace.hpp"

namespace punktfunk::fec {
namespace {

// Which positions of the code the shards have.
struct Shape {
    size_t data_count, parity_count;
    bool high_rate;
    size_t chunk;                     // transform size of the encoder
    size_t data_at, parity_at, size;  // first positions, and the decoder's transform size

    Shape(size_t k, size_t m) : data_count(k), parity_count(m) {
        high_rate = std::bit_ceil(k) >= std::bit_ceil(m);
        chunk = std::bit_ceil(high_rate ? m : k);
        data_at = high_rate ? chunk : 0;
        parity_at = high_rate ? 0 : chunk;
        size = std::bit_ceil(chunk + (high_rate ? k : m));
    }
    [[nodiscard]] size_t used() const { return chunk + (high_rate ? data_count : parity_count); }
};

Result<void> check(size_t k, size_t m, size_t shard_bytes) {
    if (shard_bytes == 0 || shard_bytes % 2 != 0) {
        return fail(ErrorCode::InvalidArgument, "shard length {} is not even and positive", shard_bytes);
    }
    if (k == 0) return fail(ErrorCode::InvalidArgument, "no data shards");
    const size_t larger = std::max(k, m);
    if (larger >= Gf16Field::kOrder || std::bit_ceil(std::min(k, m)) + larger > Gf16Field::kOrder) {
        return fail(ErrorCode::Unsupported, "{} data and {} parity shards are too many for GF(2^16)", k, m);
    }
    return {};
}

}  // namespace

Result<void> LeopardCode::encode(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity,
                                 size_t shard_bytes, Workspace& workspace) const {
    if (parity.empty()) return {};
    if (auto ok = check(data.size(), parity.size(), shard_bytes); !ok) return ok;
    const Shape shape(data.size(), parity.size());
    transform_.require(shape.used() + shape.chunk);
    if (shape.high_rate) {
        encode_high(data, parity, shard_bytes, workspace.impl());
    } else {
        encode_low(data, parity, shard_bytes, workspace.impl());
    }
    return {};
}

void LeopardCode::encode_high(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity,
                              size_t shard_bytes, Workspace::Impl& space) const {
    const size_t chunk = std::bit_ceil(parity.size());
    for (StripeCursor stripe(shard_bytes, 2 * chunk); stripe.next();) {
        const size_t bytes = stripe.padded();
        uint8_t* sum = space.scratch(2 * chunk * bytes);
        uint8_t* work = sum;
        for (size_t first = 0; first < data.size(); first += chunk) {
            const size_t count = std::min(chunk, data.size() - first);
            for (size_t i = 0; i < count; ++i) stripe.gather(work + i * bytes, data[first + i]);
            std::memset(work + count * bytes, 0, (chunk - count) * bytes);
            transform_.inverse(work, chunk, bytes, first + chunk, count);
            if (work != sum) kernel_.xor_into(sum, work, chunk * bytes);
            work = sum + chunk * bytes;
        }
        transform_.forward(sum, chunk, bytes, 0, parity.size());
        for (size_t j = 0; j < parity.size(); ++j) stripe.scatter(parity[j], sum + j * bytes);
    }
}

void LeopardCode::encode_low(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity, size_t shard_bytes,
                             Workspace::Impl& space) const {
    const size_t chunk = std::bit_ceil(data.size());
    for (StripeCursor stripe(shard_bytes, 2 * chunk); stripe.next();) {
        const size_t bytes = stripe.padded();
        uint8_t* coefficients = space.scratch(2 * chunk * bytes);
        uint8_t* work = coefficients + chunk * bytes;
        for (size_t i = 0; i < data.size(); ++i) stripe.gather(coefficients + i * bytes, data[i]);
        std::memset(coefficients + data.size() * bytes, 0, (chunk - data.size()) * bytes);
        transform_.inverse(coefficients, chunk, bytes, 0, data.size());
        for (size_t first = 0; first < parity.size(); first += chunk) {
            const size_t count = std::min(chunk, parity.size() - first);
            std::memcpy(work, coefficients, chunk * bytes);
            transform_.forward(work, chunk, bytes, first + chunk, count);
            for (size_t j = 0; j < count; ++j) stripe.scatter(parity[first + j], work + j * bytes);
        }
    }
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

    if (parity.size() == 1) {  // the parity is the XOR of the data
        uint8_t* lost = data[static_cast<size_t>(std::ranges::find(data_present, 0) - data_present.begin())];
        std::memcpy(lost, parity[0], shard_bytes);
        for (size_t i = 0; i < data.size(); ++i) {
            if (data_present[i]) kernel_.xor_into(lost, data[i], shard_bytes);
        }
        return {};
    }

    const Shape shape(data.size(), parity.size());
    Workspace::Impl& space = workspace.impl();
    transform_.require(shape.size);

    // Erased are: what did not arrive, and the code's positions no shard was ever made for.
    space.walsh.assign(shape.size, 0);
    for (size_t i = 0; i < data.size(); ++i) space.walsh[shape.data_at + i] = data_present[i] ? 0 : 1;
    for (size_t j = 0; j < parity.size(); ++j) space.walsh[shape.parity_at + j] = parity[j] ? 0 : 1;
    const size_t unused_end = shape.high_rate ? shape.chunk : shape.size;
    for (size_t pos = shape.parity_at + parity.size(); pos < unused_end; ++pos) space.walsh[pos] = 1;
    locator_.locate(space.walsh);

    space.missing_before.assign(shape.size + 1, 0);
    if (space.multipliers.size() < shape.size) space.multipliers.resize(shape.size);
    for (size_t i = 0; i < data.size(); ++i) space.missing_before[shape.data_at + i + 1] = data_present[i] ? 0 : 1;
    for (size_t pos = 0; pos < shape.size; ++pos) space.missing_before[pos + 1] += space.missing_before[pos];
    const auto prepare = [&](size_t pos, bool present) {
        const auto locator = static_cast<uint32_t>(space.walsh[pos]);
        const uint32_t logarithm = present ? locator : Gf16Field::kModulus - locator;
        kernel_.prepare(field_.products(logarithm), space.multipliers[pos]);
    };
    for (size_t i = 0; i < data.size(); ++i) prepare(shape.data_at + i, data_present[i] != 0);
    for (size_t j = 0; j < parity.size(); ++j) {
        if (parity[j]) prepare(shape.parity_at + j, true);
    }

    for (StripeCursor stripe(shard_bytes, shape.size); stripe.next();) {
        const size_t bytes = stripe.padded();
        uint8_t* work = space.scratch(shape.size * bytes);
        const auto place = [&](size_t pos, const uint8_t* shard) {
            stripe.gather(work + pos * bytes, shard);
            kernel_.mul(work + pos * bytes, space.multipliers[pos], bytes);
        };
        const auto clear = [&](size_t first, size_t end) {
            std::memset(work + first * bytes, 0, (end - first) * bytes);
        };
        for (size_t i = 0; i < data.size(); ++i) {
            const size_t pos = shape.data_at + i;
            data_present[i] ? place(pos, data[i]) : clear(pos, pos + 1);
        }
        for (size_t j = 0; j < parity.size(); ++j) {
            const size_t pos = shape.parity_at + j;
            parity[j] ? place(pos, parity[j]) : clear(pos, pos + 1);
        }
        const size_t gap = shape.high_rate ? parity.size() : data.size();
        clear(gap, shape.chunk);
        clear(shape.used(), shape.size);

        transform_.inverse(work, shape.size, bytes, 0, shape.used());
        for (size_t i = 1; i < shape.size; ++i) {  // the formal derivative
            const size_t width = i & (~i + 1);
            kernel_.xor_into(work + (i - width) * bytes, work + i * bytes, width * bytes);
        }
        transform_.forward_sparse(work, shape.size, bytes, space.missing_before);
        for (size_t i = 0; i < data.size(); ++i) {
            if (data_present[i]) continue;
            const size_t pos = shape.data_at + i;
            kernel_.mul(work + pos * bytes, space.multipliers[pos], bytes);
            stripe.scatter(data[i], work + pos * bytes);
        }
    }
    return {};
}

}  // namespace punktfunk::fec
