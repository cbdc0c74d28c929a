#include "gf16_field.hpp"

namespace punktfunk::fec {
namespace {

constexpr uint32_t kPolynomial = 0x1002D;
constexpr uint16_t kBasis[16] = {0x0001, 0xACCA, 0x3C0E, 0x163E, 0xC582, 0xED2E, 0x914C, 0x4012,
                                 0x6C98, 0x10D8, 0x6A72, 0xB900, 0xFDB8, 0xFB34, 0xFF38, 0x991E};

}  // namespace

Gf16Field::Gf16Field() : exp_(kOrder), log_(kOrder) {
    std::vector<uint16_t> power(kOrder), cantor(kOrder);
    uint32_t state = 1;
    for (uint32_t i = 0; i < kModulus; ++i) {
        power[state] = static_cast<uint16_t>(i);
        state <<= 1;
        if (state >= kOrder) state ^= kPolynomial;
    }
    power[0] = static_cast<uint16_t>(kModulus);
    for (uint32_t bit = 0; bit < 16; ++bit) {
        for (uint32_t j = 0; j < (1u << bit); ++j) cantor[j + (1u << bit)] = cantor[j] ^ kBasis[bit];
    }
    for (uint32_t value = 0; value < kOrder; ++value) log_[value] = power[cantor[value]];
    for (uint32_t value = 0; value < kOrder; ++value) exp_[log_[value]] = static_cast<uint16_t>(value);
    exp_[kModulus] = exp_[0];
}

uint16_t Gf16Field::multiply(uint16_t a, uint16_t b) const {
    if (a == 0 || b == 0) return 0;
    return exp_[(uint32_t{log_[a]} + log_[b]) % kModulus];
}

}  // namespace punktfunk::fec
