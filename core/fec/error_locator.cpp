#include "error_locator.hpp"

#include <bit>

namespace punktfunk::fec {
namespace {

constexpr int32_t kModulus = Gf16Field::kModulus;

// Towards 0..65535 with the same remainder: 2^16 is 1 modulo 65535.
int32_t fold(int32_t value) {
    return (value & 0xFFFF) + (value >> 16);
}

// Values within +-65536.
void walsh(std::span<int32_t> values) {
    for (size_t half = 1; half < values.size(); half *= 2) {
        if (half == size_t{1} << 14) {  // so far they have grown to 2^30
            for (int32_t& value : values) value = fold(value);
        }
        for (size_t first = 0; first < values.size(); first += 2 * half) {
            int32_t* x = values.data() + first;
            int32_t* y = x + half;
            for (size_t i = 0; i < half; ++i) {
                const int32_t a = x[i], b = y[i];
                x[i] = a + b;
                y[i] = a - b;
            }
        }
    }
}

// 0..65534
int32_t reduce(int32_t value) {
    value %= kModulus;
    return value < 0 ? value + kModulus : value;
}

// Of factors in 0..65535.
int32_t multiply(int32_t a, int32_t b) {
    const uint32_t product = static_cast<uint32_t>(a) * static_cast<uint32_t>(b);
    return static_cast<int32_t>((product & 0xFFFF) + (product >> 16));
}

}  // namespace

std::span<const int32_t> ErrorLocator::transformed_logarithms(size_t size_log2) const {
    Table& table = tables_[size_log2];
    std::call_once(table.made, [&] {
        std::vector<int32_t> values(size_t{1} << size_log2);
        for (size_t i = 1; i < values.size(); ++i) values[i] = field_.log(i);
        walsh(values);
        // Dividing by n right here: 2^16 = 1 modulo 65535, hence 1 / 2^b = 2^(16-b).
        for (int32_t& value : values) {
            value = static_cast<int32_t>((int64_t{reduce(value)} << (16 - size_log2)) % kModulus);
        }
        table.values = std::move(values);
    });
    return table.values;
}

void ErrorLocator::locate(std::span<int32_t> weights) const {
    const size_t size_log2 = static_cast<size_t>(std::countr_zero(weights.size()));
    const std::span<const int32_t> logarithms = transformed_logarithms(size_log2);
    walsh(weights);
    // Between -65536 and 65536 after the transform, so with two moduli on top it folds to 0..65535.
    for (size_t i = 0; i < weights.size(); ++i) {
        weights[i] = fold(multiply(fold(weights[i] + 2 * kModulus), logarithms[i]));
    }
    walsh(weights);
    for (int32_t& value : weights) value = reduce(value);
}

}  // namespace punktfunk::fec
