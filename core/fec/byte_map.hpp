// A linear map of a byte (over GF(2)): what multiplying with a constant is, in GF(2^8) and, byte by byte, in towers
// over it. Kept in the form that the instruction set applies it in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace punktfunk::fec {

using ByteImages = std::array<uint8_t, 8>;  // [b] = the map of 1 << b; the other 248 images are sums of these

// For byte shuffles: the images of the low and of the high nibble.
struct NibbleMap {
    std::array<uint8_t, 16> low{}, high{};

    NibbleMap() = default;
    explicit NibbleMap(const ByteImages& images) {
        for (size_t value = 0; value < 16; ++value) {
            for (size_t bit = 0; bit < 4; ++bit) {
                if ((value >> bit & 1) == 0) continue;
                low[value] ^= images[bit];
                high[value] ^= images[bit + 4];
            }
        }
    }
    [[nodiscard]] uint8_t operator()(uint8_t value) const {
        return static_cast<uint8_t>(low[value & 15] ^ high[value >> 4]);
    }
};

// For gf2p8affineqb: bit i of the result is the parity of the value AND byte 7-i of the matrix.
struct MatrixMap {
    uint64_t rows = 0;

    MatrixMap() = default;
    explicit MatrixMap(const ByteImages& images) {
        for (size_t out = 0; out < 8; ++out) {
            for (size_t in = 0; in < 8; ++in) {
                rows |= static_cast<uint64_t>(images[in] >> out & 1) << (8 * (7 - out) + in);
            }
        }
    }
};

}  // namespace punktfunk::fec
