#include "gf16_field.hpp"

namespace punktfunk::fec {
namespace {

constexpr uint32_t kPolynomial = 0x1002D;
constexpr uint16_t kBasis[16] = {0x0001, 0xACCA, 0x3C0E, 0x163E, 0xC582, 0xED2E, 0x914C, 0x4012,
                                 0x6C98, 0x10D8, 0x6A72, 0xB900, 0xFDB8, 0xFB34, 0xFF38, 0x991E};

// Addition modulo 65535 by end-around carry; the result may be 65535 itself.
uint16_t add_logarithms(uint32_t a, uint32_t b) {
    const uint32_t sum = a + b;
    return static_cast<uint16_t>(sum + (sum >> 16));
}

}  // namespace

Gf16Field::Gf16Field() : exp_(kOrder), log_(kOrder), skew_(kModulus) {
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
    make_skew();
}

uint16_t Gf16Field::multiply(uint16_t value, uint32_t logarithm) const {
    return value == 0 ? uint16_t{0} : exp_[add_logarithms(log_[value], logarithm)];
}

std::array<uint16_t, 16> Gf16Field::products(uint32_t logarithm) const {
    std::array<uint16_t, 16> out;
    for (uint32_t bit = 0; bit < 16; ++bit) out[bit] = multiply(static_cast<uint16_t>(1u << bit), logarithm);
    return out;
}

void Gf16Field::make_skew() {
    std::array<uint16_t, 15> temp;
    for (uint32_t i = 1; i < 16; ++i) temp[i - 1] = static_cast<uint16_t>(1u << i);
    for (uint32_t m = 0; m < 15; ++m) {
        const uint32_t step = 1u << (m + 1);
        const uint32_t first = (1u << m) - 1;
        skew_[first] = 0;
        for (uint32_t i = m; i < 15; ++i) {
            const uint32_t span = 1u << (i + 1);
            for (uint32_t j = first; j < span; j += step) skew_[j + span] = skew_[j] ^ temp[i];
        }
        const uint16_t product = multiply(temp[m], log_[temp[m] ^ 1]);
        temp[m] = static_cast<uint16_t>(kModulus - log_[product]);
        for (uint32_t i = m + 1; i < 15; ++i) {
            temp[i] = multiply(temp[i], add_logarithms(log_[temp[i] ^ 1], temp[m]));
        }
    }
    for (uint16_t& value : skew_) value = log_[value];
}

}  // namespace punktfunk::fec
