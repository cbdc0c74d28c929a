#include "leopard_transform.hpp"

#include <algorithm>

namespace punktfunk::fec {

void LeopardTransform::require(size_t end) const {
    for (size_t index = 0; index * kSegment < end; ++index) {
        Segment& segment = segments_[index];
        std::call_once(segment.made, [&] {
            auto entries = std::make_unique_for_overwrite<Gf16Multiplier[]>(kSegment);
            const size_t first = index * kSegment;
            const size_t count = std::min<size_t>(kSegment, Gf16Field::kModulus - first);
            for (size_t i = 0; i < count; ++i) {
                // A skew of 65535 stands for zero and is never multiplied with (see inverse and forward_group).
                kernel_.prepare(field_.products(field_.skew(first + i)), entries[i]);
            }
            segment.entries = std::move(entries);
        });
    }
}

void LeopardTransform::inverse(uint8_t* work, size_t size, size_t bytes, size_t offset, size_t count) const {
    for (size_t half = 1; half < size; half *= 2) {
        // A group of zeros stays zero.
        for (size_t first = 0; first < count; first += 2 * half) {
            uint8_t* x = work + first * bytes;
            uint8_t* y = x + half * bytes;
            const size_t skew_index = first + half + offset - 1;
            if (field_.skew(skew_index) == Gf16Field::kModulus) {
                kernel_.xor_into(y, x, half * bytes);
            } else {
                kernel_.ifft(x, y, multiplier(skew_index), half * bytes);
            }
        }
    }
}

void LeopardTransform::forward_group(uint8_t* work, size_t first, size_t half, size_t bytes, size_t offset) const {
    uint8_t* x = work + first * bytes;
    uint8_t* y = x + half * bytes;
    const size_t skew_index = first + half + offset - 1;
    if (field_.skew(skew_index) == Gf16Field::kModulus) {
        kernel_.xor_into(y, x, half * bytes);
    } else {
        kernel_.fft(x, y, multiplier(skew_index), half * bytes);
    }
}

void LeopardTransform::forward(uint8_t* work, size_t size, size_t bytes, size_t offset, size_t count) const {
    for (size_t half = size / 2; half >= 1; half /= 2) {
        for (size_t first = 0; first < count; first += 2 * half) forward_group(work, first, half, bytes, offset);
    }
}

void LeopardTransform::forward_sparse(uint8_t* work, size_t size, size_t bytes,
                                      std::span<const uint32_t> wanted_before) const {
    for (size_t half = size / 2; half >= 1; half /= 2) {
        for (size_t first = 0; first < size; first += 2 * half) {
            if (wanted_before[first] != wanted_before[first + 2 * half]) forward_group(work, first, half, bytes, 0);
        }
    }
}

}  // namespace punktfunk::fec
