// The reference kernel: plain loops over nibble tables, correct everywhere.
#include "gf16_kernel.hpp"

namespace punktfunk::fec {
namespace {

constexpr size_t kHalf = kChunkBytes / 2;

void prepare(const std::array<uint16_t, 16>& products, Gf16Multiplier& out) {
    for (size_t nibble = 0; nibble < 4; ++nibble) {
        uint16_t table[16] = {};
        for (size_t value = 1; value < 16; ++value) {
            const size_t lowest = static_cast<size_t>(__builtin_ctzll(value));
            table[value] = static_cast<uint16_t>(table[value & (value - 1)] ^ products[nibble * 4 + lowest]);
        }
        for (size_t value = 0; value < 16; ++value) {
            out.bytes[nibble * 16 + value] = static_cast<uint8_t>(table[value]);
            out.bytes[64 + nibble * 16 + value] = static_cast<uint8_t>(table[value] >> 8);
        }
    }
}

struct Symbol {
    uint8_t low, high;
};

Symbol multiply(const Gf16Multiplier& factor, uint8_t low, uint8_t high) {
    const uint8_t* t = factor.bytes.data();
    const size_t a = low & 15, b = 16 + (low >> 4), c = 32 + (high & 15), d = 48 + (high >> 4);
    return {static_cast<uint8_t>(t[a] ^ t[b] ^ t[c] ^ t[d]),
            static_cast<uint8_t>(t[64 + a] ^ t[64 + b] ^ t[64 + c] ^ t[64 + d])};
}

void mul(uint8_t* data, const Gf16Multiplier& factor, size_t bytes) {
    for (size_t at = 0; at < bytes; at += kChunkBytes) {
        for (size_t i = at; i < at + kHalf; ++i) {
            const Symbol product = multiply(factor, data[i], data[i + kHalf]);
            data[i] = product.low;
            data[i + kHalf] = product.high;
        }
    }
}

void ifft(uint8_t* x, uint8_t* y, const Gf16Multiplier& factor, size_t bytes) {
    for (size_t at = 0; at < bytes; at += kChunkBytes) {
        for (size_t i = at; i < at + kHalf; ++i) {
            y[i] ^= x[i];
            y[i + kHalf] ^= x[i + kHalf];
            const Symbol product = multiply(factor, y[i], y[i + kHalf]);
            x[i] ^= product.low;
            x[i + kHalf] ^= product.high;
        }
    }
}

void fft(uint8_t* x, uint8_t* y, const Gf16Multiplier& factor, size_t bytes) {
    for (size_t at = 0; at < bytes; at += kChunkBytes) {
        for (size_t i = at; i < at + kHalf; ++i) {
            const Symbol product = multiply(factor, y[i], y[i + kHalf]);
            x[i] ^= product.low;
            x[i + kHalf] ^= product.high;
            y[i] ^= x[i];
            y[i + kHalf] ^= x[i + kHalf];
        }
    }
}

void xor_into(uint8_t* to, const uint8_t* from, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) to[i] ^= from[i];
}

}  // namespace

extern const Gf16Kernel kGf16Scalar = {
    .name = "scalar",
    .kind = Kernel::Scalar,
    .supported = [] { return true; },
    .prepare = prepare,
    .mul = mul,
    .ifft = ifft,
    .fft = fft,
    .xor_into = xor_into,
};

}  // namespace punktfunk::fec
