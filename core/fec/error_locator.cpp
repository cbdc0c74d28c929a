#include "error_locator.hpp"

#include <bit>

namespace punktfunk::fec {
namespace {

constexpr int64_t kModulus = Gf16Field::kModulus;

void walsh(std::span<int64_t> values) {
    for (size_t half = 1; half < values.size(); half *= 2) {
        for (size_t first = 0; first < values.size(); first += 2 * half) {
            for (size_t i = first; i < first + half; ++i) {
                const int64_t a = values[i], b = values[i + half];
                values[i] = a + b;
                values[i + half] = a - b;
            }
        }
    }
}

int64_t reduce(int64_t value) {
    value %= kModulus;
    return value < 0 ? value + kModulus : value;
}

}  // namespace

std::span<const int64_t> ErrorLocator::transformed_logarithms(size_t size_log2) const {
    Table& table = tables_[size_log2];
    std::call_once(table.made, [&] {
        std::vector<int64_t> values(size_t{1} << size_log2);
        for (size_t i = 1; i < values.size(); ++i) values[i] = field_.log(static_cast<uint16_t>(i));
        walsh(values);
        for (int64_t& value : values) value = reduce(value);
        table.values = std::move(values);
    });
    return table.values;
}

void ErrorLocator::locate(std::span<int64_t> erased) const {
    const size_t size_log2 = static_cast<size_t>(std::countr_zero(erased.size()));
    const std::span<const int64_t> logarithms = transformed_logarithms(size_log2);
    walsh(erased);
    // |erased[i]| <= 65536 and the logarithm < 65535, so the product and 65,536 of the reduced ones fit with room.
    for (size_t i = 0; i < erased.size(); ++i) erased[i] = reduce(erased[i] * logarithms[i]);
    walsh(erased);
    // Dividing by n: 2^16 = 1 modulo 65535, hence 1 / 2^b = 2^(16-b).
    const int64_t inverse_size = int64_t{1} << (16 - size_log2);
    for (int64_t& value : erased) value = reduce(reduce(value) * inverse_size);
}

}  // namespace punktfunk::fec
