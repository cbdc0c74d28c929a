#include "leopard_recovery.hpp"

#include <bit>

namespace punktfunk::fec {
namespace {

constexpr int64_t kModulus = Gf16Field::kModulus;

}  // namespace

void LeopardRecovery::run(std::span<uint8_t* const> data, std::span<const uint8_t> data_present,
                          std::span<const uint8_t* const> parity) {
    space_.lost.clear();
    space_.used.clear();
    space_.out.clear();
    for (size_t i = 0; i < data.size(); ++i) {
        if (data_present[i]) continue;
        space_.lost.push_back(static_cast<uint32_t>(shape_.data_at + i));
        space_.out.push_back(data[i]);
    }
    const size_t count = space_.lost.size();
    for (size_t j = 0; space_.used.size() < count; ++j) {
        if (parity[j]) space_.used.push_back(static_cast<uint32_t>(shape_.parity_at + j));
    }

    // What each way costs, in butterflies; a term of the formula costs about as much as one.
    const size_t transform = shape_.chunk * shape_.layers / 2;
    size_t chunks_hit = 0;
    for (size_t i = 0; i < count; ++i) {
        chunks_hit += i == 0 || space_.lost[i] >> shape_.layers != space_.lost[i - 1] >> shape_.layers;
    }
    const size_t encoding = data.size() * shape_.layers / 2 + transform;
    const size_t direct = data.size() * (2 * count + 3) / 2;  // and loading them all
    const size_t syndromes = encoding + count * count;
    const size_t transforms = encoding + transform + chunks_hit * transform;

    space_.in.clear();
    if (!shape_.high_rate || direct <= std::min(syndromes, transforms)) {
        space_.known.clear();
        for (size_t i = 0; i < data.size(); ++i) {
            if (!data_present[i]) continue;
            space_.known.push_back(static_cast<uint32_t>(shape_.data_at + i));
            space_.in.push_back(data[i]);
        }
        for (const uint32_t position : space_.used) {
            space_.known.push_back(position);
            space_.in.push_back(parity[position - shape_.parity_at]);
        }
        directly();
    } else {
        for (size_t i = 0; i < data.size(); ++i) space_.in.push_back(data_present[i] ? data[i] : nullptr);
        space_.in.resize(data.size() + used_end(), nullptr);
        for (const uint32_t position : space_.used) space_.in[data.size() + position] = parity[position];
        syndromes <= transforms ? from_syndromes() : by_transforms();
    }
}

void LeopardRecovery::directly() {
    // In blocks, so that the coefficients stay few whatever the shape.
    constexpr size_t kMostCoefficients = 1 << 18, kSmallestBlock = 8;
    const size_t known = space_.known.size(), lost = space_.lost.size();
    const size_t block = std::min(lost, std::max(kMostCoefficients / known, kSmallestBlock));
    locate(known + lost);
    const LeopardRows rows(space_, 1, known, shard_bytes_);
    space_.rows.clear();
    for (size_t i = 0; i < known; ++i) space_.rows.push_back(rows.work.at(i));
    for (size_t first = 0; first < lost; first += block) {
        const size_t count = std::min(block, lost - first);
        Gf16Combination combination = make_combination(space_.known, first, count);
        const std::span<uint8_t* const> out = std::span(space_.out).subspan(first, count);
        for_each_strip(space_.in, out, shard_bytes_, rows.width, space_, [&](const Strip& strip) {
            Gf16Pass load = rows.pass(strip, 0);
            load.end = load.from_count = known;
            load.from_shards = strip.in;
            load.to = rows.work;
            parts_.kernel.inverse(load, parts_.tower);
            combine(combination, strip);
        });
    }
}

void LeopardRecovery::from_syndromes() {
    const size_t lost = space_.lost.size();
    locate(2 * lost);
    const LeopardRows rows(space_, 2, shape_.chunk, shard_bytes_);
    space_.rows.clear();
    for (const uint32_t position : space_.used) space_.rows.push_back(rows.sum.at(position));
    Gf16Combination combination = make_combination(space_.used, 0, lost);
    for_each_strip(space_.in, space_.out, shard_bytes_, rows.width, space_, [&](const Strip& strip) {
        syndromes(strip, rows);
        combine(combination, strip);
    });
}

void LeopardRecovery::by_transforms() {
    const size_t lost = space_.lost.size();
    locate(2 * lost);
    const LeopardRows rows(space_, 2, shape_.chunk, shard_bytes_);
    space_.factors.clear();
    for (const uint32_t position : space_.used) space_.factors.push_back(tower_exp(locator(position)));
    for (const uint32_t position : space_.lost) {
        const uint16_t chunk = parts_.field.log(position >> shape_.layers);
        space_.factors.push_back(tower_exp(-locator(position) - chunk));
    }
    const size_t chunks = (shape_.data_count + shape_.chunk - 1) / shape_.chunk;
    space_.wanted_before.assign(chunks * shape_.chunk + 1, 0);
    for (const uint32_t position : space_.lost) ++space_.wanted_before[position - shape_.data_at + 1];
    for (size_t i = 0; i + 1 < space_.wanted_before.size(); ++i) space_.wanted_before[i + 1] += space_.wanted_before[i];

    for_each_strip(space_.in, space_.out, shard_bytes_, rows.width, space_, [&](const Strip& strip) {
        syndromes(strip, rows);
        size_t next = 0;
        for (size_t j = 0; j < used_end(); ++j) {
            uint8_t* row = rows.sum.at(j);
            if (space_.used[next] == j) {
                scale(row, next++, row, strip, true);
            } else {
                std::memset(row, 0, strip.width);
            }
        }
        Gf16Pass values = rows.pass(strip, shape_.layers);
        values.from = values.to = rows.sum;
        values.from_count = used_end();
        parts_.transform.inverse(values, rows.sum);
        for (size_t i = 0; i < lost;) {
            const size_t chunk = space_.lost[i] / shape_.chunk * shape_.chunk;
            Gf16Pass pass = rows.pass(strip, shape_.layers);
            pass.position = chunk;
            pass.from = rows.sum;
            pass.from_count = pass.to_count = shape_.chunk;
            pass.to = rows.work;
            pass.wanted_before = space_.wanted_before.data() + (chunk - shape_.data_at);
            parts_.transform.forward(pass, rows.work);
            for (; i < lost && space_.lost[i] < chunk + shape_.chunk; ++i) {
                scale(rows.work.at(space_.lost[i] - chunk), lost + i, strip.out[i], strip, false);
            }
        }
    });
}

void LeopardRecovery::syndromes(const Strip& strip, const LeopardRows& rows) const {
    parts_.sum_chunks(shape_, strip, rows);
    Gf16Pass encode = rows.pass(strip, shape_.layers);
    encode.from = encode.to = rows.sum;
    encode.from_count = shape_.chunk;
    encode.to_count = used_end();
    parts_.transform.forward(encode, rows.sum);
    Gf16Pass add = rows.pass(strip, 0);
    add.from_shards = strip.in + shape_.data_count;
    add.from_count = add.end = used_end();
    add.to = rows.sum;
    add.accumulate = true;
    parts_.kernel.inverse(add, parts_.tower);
}

// One row times one coefficient.
void LeopardRecovery::scale(const uint8_t* row, size_t coefficient, uint8_t* out, const Strip& strip,
                            bool to_rows) const {
    parts_.kernel.combine({.sources = &row,
                           .source_count = 1,
                           .coefficients = &space_.factors[coefficient],
                           .outputs = &out,
                           .output_count = 1,
                           .to_rows = to_rows,
                           .byte_factors = space_.factors[coefficient] < 256,
                           .column = strip.column,
                           .width = strip.width},
                          parts_.tower);
}

void LeopardRecovery::combine(Gf16Combination combination, const Strip& strip) const {
    combination.outputs = strip.out;
    combination.column = strip.column;
    combination.width = strip.width;
    parts_.kernel.combine(combination, parts_.tower);
}

Gf16Combination LeopardRecovery::make_combination(std::span<const uint32_t> positions, size_t first, size_t count) {
    space_.locators.clear();
    for (size_t i = first; i < first + count; ++i) space_.locators.push_back(locator(space_.lost[i]));
    space_.factors.clear();
    uint16_t all = 0;
    for (const uint32_t position : positions) {
        const int64_t numerator = locator(position);
        for (size_t i = 0; i < count; ++i) {
            const uint16_t difference = parts_.field.log(position ^ space_.lost[first + i]);
            space_.factors.push_back(tower_exp(numerator - space_.locators[i] - difference));
            all |= space_.factors.back();
        }
    }
    return {.sources = space_.rows.data(),
            .source_count = positions.size(),
            .coefficients = space_.factors.data(),
            .outputs = nullptr,
            .output_count = count,
            .to_rows = false,
            .byte_factors = all < 256,
            .column = 0,
            .width = 0};
}

void LeopardRecovery::locate(size_t positions) {
    const size_t size = std::bit_ceil(shape_.chunk + (shape_.high_rate ? shape_.data_count : shape_.parity_count));
    const size_t size_log2 = static_cast<size_t>(std::countr_zero(size));
    space_.weights.clear();
    if (positions * space_.lost.size() < size * size_log2) return;  // adding up is quicker
    space_.weights.assign(size, 0);
    for (const uint32_t q : space_.lost) space_.weights[q] = 1;
    for (const uint32_t q : space_.used) space_.weights[q] = -1;
    parts_.locator.locate(space_.weights);
}

int64_t LeopardRecovery::locator(size_t position) const {
    int64_t sum = 0;
    if (!space_.weights.empty()) {
        sum = space_.weights[position];
    } else {  // the logarithm of zero counts as zero: the modulus
        for (const uint32_t q : space_.lost) sum += parts_.field.log(position ^ q);
        for (const uint32_t q : space_.used) sum -= parts_.field.log(position ^ q);
    }
    const int64_t chunk = position < shape_.chunk ? 0 : parts_.field.log(position >> shape_.layers);
    return shape_.high_rate ? sum + chunk : sum - chunk;
}

uint16_t LeopardRecovery::tower_exp(int64_t logarithm) const {
    const int64_t reduced = logarithm % kModulus;
    return parts_.tower.tower(parts_.field.exp(static_cast<uint32_t>(reduced < 0 ? reduced + kModulus : reduced)));
}

}  // namespace punktfunk::fec
