// The published vectors, for tests. SHA-256 is written out here so that these tests need no library and run wherever
// the code does, cross-compiled included (scripts/test-neon.sh).
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/fec/erasure_code.hpp"
#include "shards.hpp"

namespace punktfunk::fec {

inline const nlohmann::json& vectors() {
    static const auto parsed =
        nlohmann::json::parse(std::ifstream(std::string(PUNKTFUNK_VECTORS) + "/punktfunk1-vectors.json"));
    return parsed;
}

// FIPS 180-4, in hexadecimal.
inline std::string sha256(ByteView bytes) {
    // The fractional parts of the square roots of the first 8 primes, and of the cube roots of the first 64.
    std::array<uint32_t, 64> k;
    std::array<uint32_t, 8> hash;
    const auto fraction = [](long double root) {
        return static_cast<uint32_t>((root - std::floor(root)) * 4294967296.0L);
    };
    for (size_t found = 0, n = 2; found < k.size(); ++n) {
        bool prime = true;
        for (size_t divisor = 2; divisor * divisor <= n; ++divisor) prime = prime && n % divisor != 0;
        if (!prime) continue;
        if (found < hash.size()) hash[found] = fraction(std::sqrt(static_cast<long double>(n)));
        k[found++] = fraction(std::cbrt(static_cast<long double>(n)));
    }

    Bytes message(bytes.begin(), bytes.end());
    message.push_back(0x80);
    while (message.size() % 64 != 56) message.push_back(0);
    for (int shift = 56; shift >= 0; shift -= 8) message.push_back(static_cast<uint8_t>(bytes.size() * 8 >> shift));

    for (size_t at = 0; at < message.size(); at += 64) {
        std::array<uint32_t, 64> w;
        for (size_t i = 0; i < 16; ++i) {
            const uint8_t* b = &message[at + 4 * i];
            w[i] = static_cast<uint32_t>(b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]);
        }
        for (size_t i = 16; i < 64; ++i) {
            const uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
            const uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        auto [a, b, c, d, e, f, g, h] = hash;
        for (size_t i = 0; i < 64; ++i) {
            const uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
            const uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
            const uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i];
            const uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
        }
        const std::array<uint32_t, 8> state{a, b, c, d, e, f, g, h};
        for (size_t i = 0; i < 8; ++i) hash[i] += state[i];
    }
    std::string text;
    for (const uint32_t word : hash) text += fmt::format("{:08x}", word);
    return text;
}

// Encodes every case of "gf8_parity" or "gf16_parity".
inline void check_parity_group(const nlohmann::json& cases, const ErasureCode& code) {
    size_t checked = 0;
    for (const auto& one : cases) {
        if (!one.contains("lcg_seed")) continue;
        const size_t k = one["k"], m = one["m"], bytes = one["shard_bytes"];
        SCOPED_TRACE(fmt::format("k={} m={} bytes={}", k, m, bytes));
        Shards shards(k, m, bytes);
        shards.fill(one["lcg_seed"].get<uint32_t>());
        if (one.contains("data")) {
            for (size_t i = 0; i < k; ++i) ASSERT_EQ(to_hex(shards.data(i)), one["data"][i].get<std::string>());
        }
        Workspace workspace;
        ASSERT_TRUE(shards.encode(code, workspace));
        EXPECT_EQ(sha256(shards.all_parity()), one["parity_sha256"].get<std::string>());
        if (one.contains("parity")) {
            for (size_t j = 0; j < m; ++j) EXPECT_EQ(to_hex(shards.parity(j)), one["parity"][j].get<std::string>());
        }
        ++checked;
    }
    EXPECT_GE(checked, 12u);
}

}  // namespace punktfunk::fec
