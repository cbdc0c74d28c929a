// AES-128-GCM on 256-bit VAES and VPCLMULQDQ, two blocks an instruction: for CPUs that have these without AVX-512,
// which no packaged library serves. No table and no branch depends on a key or on a text.
//
// NIST SP 800-38D's arithmetic, with bytes reversed so that a block is a polynomial as the multiplier sees it. That
// leaves every product one bit short; the powers of H are kept divided by x to make up for it.
#if defined(__x86_64__)

#include <immintrin.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

#include "aead_backend.hpp"

namespace punktfunk::crypto {
namespace {

constexpr size_t kBlock = 16;
constexpr size_t kStride = 16;  // blocks between two reductions
constexpr size_t kVectors = kStride / 2;
constexpr size_t kPowers = kStride + 1;  // the last stride has the lengths' block behind it

__m128i reversed(__m128i block) {
    return _mm_shuffle_epi8(block, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}
__m256i reversed(__m256i blocks) {
    return _mm256_shuffle_epi8(
        blocks, _mm256_broadcastsi128_si256(_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)));
}

// x^128 + x^127 + x^126 + x^121 + 1, in this order of bits.
__m128i reduction() {
    return _mm_set_epi64x(static_cast<long long>(0xc200000000000000), 1);
}

// Carry-less products (Karatsuba's three) of two blocks each, summed until they are reduced once.
struct Products {
    __m256i low = _mm256_setzero_si256(), middle = low, high = low;

    void add(__m256i blocks, __m256i powers) {
        low = _mm256_xor_si256(low, _mm256_clmulepi64_epi128(blocks, powers, 0x00));
        high = _mm256_xor_si256(high, _mm256_clmulepi64_epi128(blocks, powers, 0x11));
        const __m256i b = _mm256_xor_si256(blocks, _mm256_shuffle_epi32(blocks, 0x4e));
        const __m256i p = _mm256_xor_si256(powers, _mm256_shuffle_epi32(powers, 0x4e));
        middle = _mm256_xor_si256(middle, _mm256_clmulepi64_epi128(b, p, 0x00));
    }
    [[nodiscard]] __m128i reduced() const {
        const auto folded = [](__m256i two) {
            return _mm_xor_si128(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
        };
        const __m128i polynomial = reduction();
        const __m128i lo = folded(low), hi = folded(high);
        __m128i mid = _mm_xor_si128(folded(middle), _mm_xor_si128(lo, hi));
        mid = _mm_xor_si128(mid, _mm_shuffle_epi32(lo, 0x4e));
        mid = _mm_xor_si128(mid, _mm_clmulepi64_si128(polynomial, lo, 0x01));
        return _mm_xor_si128(_mm_xor_si128(hi, _mm_shuffle_epi32(mid, 0x4e)),
                             _mm_clmulepi64_si128(polynomial, mid, 0x01));
    }
};

__m128i multiply(__m128i a, __m128i b) {
    Products products;
    products.add(_mm256_zextsi128_si256(a), _mm256_zextsi128_si256(b));
    return products.reduced();
}

template <int kRound>
__m128i next_round_key(__m128i key) {
    const __m128i assist = _mm_shuffle_epi32(_mm_aeskeygenassist_si128(key, kRound), 0xff);
    key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
    key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
    return _mm_xor_si128(key, assist);
}

class VaesAesGcm final : public AesGcm {
  public:
    explicit VaesAesGcm(const std::array<uint8_t, 16>& key) {
        __m128i* const rounds = round_keys_;
        rounds[0] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key.data()));
        rounds[1] = next_round_key<0x01>(rounds[0]);
        rounds[2] = next_round_key<0x02>(rounds[1]);
        rounds[3] = next_round_key<0x04>(rounds[2]);
        rounds[4] = next_round_key<0x08>(rounds[3]);
        rounds[5] = next_round_key<0x10>(rounds[4]);
        rounds[6] = next_round_key<0x20>(rounds[5]);
        rounds[7] = next_round_key<0x40>(rounds[6]);
        rounds[8] = next_round_key<0x80>(rounds[7]);
        rounds[9] = next_round_key<0x1b>(rounds[8]);
        rounds[10] = next_round_key<0x36>(rounds[9]);
        __m256i zero[1] = {_mm256_setzero_si256()};
        encrypt_blocks<1>(zero, [](size_t) {});
        const __m128i h = reversed(_mm256_castsi256_si128(zero[0]));
        // h * x^-1: one bit to the left in this order, the bit that falls out comes back as the polynomial.
        const __m128i carried = _mm_srli_epi64(h, 63);
        __m128i power = _mm_or_si128(_mm_slli_epi64(h, 1), _mm_slli_si128(carried, 8));
        const __m128i out = _mm_cmpeq_epi32(_mm_shuffle_epi32(carried, 0xaa), _mm_set1_epi32(1));
        power = _mm_xor_si128(power, _mm_and_si128(out, reduction()));
        const __m128i first = power;
        for (size_t i = kPowers; i-- > 0; power = multiply(power, first)) powers_[i] = power;
        powers_[kPowers] = _mm_setzero_si128();
    }
    ~VaesAesGcm() override {
        ::OPENSSL_cleanse(round_keys_, sizeof round_keys_);
        ::OPENSSL_cleanse(powers_, sizeof powers_);
    }

    void seal(const Nonce& nonce, Sequence aad, std::span<uint8_t> text, std::span<uint8_t, kTagBytes> tag) override {
        const __m128i sum = run<true>(nonce, aad, text);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(tag.data()), sum);
    }
    bool open(const Nonce& nonce, Sequence aad, std::span<uint8_t> text,
              std::span<const uint8_t, kTagBytes> tag) override {
        const __m128i sum = run<false>(nonce, aad, text);
        return ::CRYPTO_memcmp(&sum, tag.data(), tag.size()) == 0;
    }

  private:
    // `between(round)` is called after each of rounds 1 to 8: work for the multiplier while the AES units are busy.
    template <size_t kCount, typename Between>
    void encrypt_blocks(__m256i* blocks, Between&& between) const {
        const auto key = [this](size_t round) { return _mm256_broadcastsi128_si256(round_keys_[round]); };
        for (size_t i = 0; i < kCount; ++i) blocks[i] = _mm256_xor_si256(blocks[i], key(0));
        for (size_t round = 1; round < 10; ++round) {
            const __m256i k = key(round);
            for (size_t i = 0; i < kCount; ++i) blocks[i] = _mm256_aesenc_epi128(blocks[i], k);
            if (round < 9) between(round - 1);
        }
        for (size_t i = 0; i < kCount; ++i) blocks[i] = _mm256_aesenclast_epi128(blocks[i], key(10));
    }

    // H^count for the first block down to H^1 for the last.
    [[nodiscard]] __m256i powers(size_t count, size_t vector) const {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(powers_ + kPowers - count + 2 * vector));
    }

    template <bool kSeal>
    __m128i run(const Nonce& nonce, Sequence aad, std::span<uint8_t> text) const;

    alignas(64) __m128i round_keys_[11];
    alignas(64) __m128i powers_[kPowers + 1];  // H^17 .. H^1, then 0 as the partner of an odd last block
};

// Encrypts or decrypts in place; the tag.
template <bool kSeal>
__m128i VaesAesGcm::run(const Nonce& nonce, Sequence aad, std::span<uint8_t> text) const {
    const auto nothing = [](size_t) {};
    alignas(32) uint8_t bytes[32] = {};
    std::memcpy(bytes, nonce.data(), nonce.size());
    bytes[kBlock - 1] = 1;
    const __m128i first = reversed(_mm_load_si128(reinterpret_cast<const __m128i*>(bytes)));
    __m256i mask[1] = {_mm256_zextsi128_si256(reversed(first))};
    encrypt_blocks<1>(mask, nothing);
    __m256i counter = _mm256_add_epi32(_mm256_broadcastsi128_si256(first), _mm256_set_epi32(0, 0, 0, 2, 0, 0, 0, 1));
    __m256i stream[kVectors];
    const auto next_counters = [&] {
        for (__m256i& blocks : stream) {
            blocks = reversed(counter);
            counter = _mm256_add_epi32(counter, _mm256_set_epi32(0, 0, 0, 2, 0, 0, 0, 2));
        }
    };

    std::memset(bytes, 0, sizeof bytes);
    std::memcpy(bytes, aad.data(), aad.size());
    __m128i sum = multiply(reversed(_mm_load_si128(reinterpret_cast<const __m128i*>(bytes))), powers_[kPowers - 1]);
    Products products;
    const uint8_t* hashed = nullptr;
    const auto hash = [&](size_t i) {
        __m256i cipher = reversed(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(hashed) + i));
        if (i == 0) cipher = _mm256_xor_si256(cipher, _mm256_zextsi128_si256(sum));
        products.add(cipher, powers(kStride, i));
    };
    const auto hash_done = [&] {
        sum = products.reduced();
        products = {};
    };

    // While a stride is encrypted, the ciphertext of the one before is hashed; when decrypting, its own.
    uint8_t* at = text.data();
    size_t left = text.size();
    for (; left >= kStride * kBlock; at += kStride * kBlock, left -= kStride * kBlock) {
        if (!kSeal) hashed = at;
        next_counters();
        if (hashed != nullptr) {
            encrypt_blocks<kVectors>(stream, hash);
            hash_done();
        } else {
            encrypt_blocks<kVectors>(stream, nothing);
        }
        for (size_t i = 0; i < kVectors; ++i) {
            auto* place = reinterpret_cast<__m256i*>(at) + i;
            _mm256_storeu_si256(place, _mm256_xor_si256(_mm256_loadu_si256(place), stream[i]));
        }
        if (kSeal) hashed = at;
    }
    next_counters();
    if (kSeal && hashed != nullptr) {
        encrypt_blocks<kVectors>(stream, hash);
        hash_done();
    } else if (left > 0) {
        encrypt_blocks<kVectors>(stream, nothing);
    }

    // The rest, and the lengths' block behind it.
    const size_t blocks = (left + kBlock - 1) / kBlock;
    const __m128i lengths =
        _mm_set_epi64x(static_cast<long long>(8 * aad.size()), static_cast<long long>(8 * text.size()));
    for (size_t i = 0; 2 * i <= blocks; ++i) {
        const size_t here = std::min<size_t>(sizeof bytes, left - std::min(left, i * sizeof bytes));
        __m256i cipher = _mm256_setzero_si256();
        if (here == sizeof bytes) {
            auto* place = reinterpret_cast<__m256i*>(at) + i;
            const __m256i in = _mm256_loadu_si256(place), out = _mm256_xor_si256(in, stream[i]);
            _mm256_storeu_si256(place, out);
            cipher = kSeal ? out : in;
        } else if (here > 0) {
            uint8_t* place = at + i * sizeof bytes;
            auto* padded = reinterpret_cast<__m256i*>(bytes);
            _mm256_store_si256(padded, cipher);
            std::memcpy(bytes, place, here);
            cipher = _mm256_load_si256(padded);
            _mm256_store_si256(padded, _mm256_xor_si256(cipher, stream[i]));
            std::memcpy(place, bytes, here);
            std::memset(bytes + here, 0, sizeof bytes - here);
            if (kSeal) cipher = _mm256_load_si256(padded);
        }
        cipher = reversed(cipher);
        if (2 * i == blocks) cipher = _mm256_inserti128_si256(cipher, lengths, 0);
        if (2 * i + 1 == blocks) cipher = _mm256_inserti128_si256(cipher, lengths, 1);
        if (i == 0) cipher = _mm256_xor_si256(cipher, _mm256_zextsi128_si256(sum));
        products.add(cipher, powers(blocks + 1, i));
    }
    return _mm_xor_si128(reversed(products.reduced()), _mm256_castsi256_si128(mask[0]));
}

bool supported() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("vaes") && __builtin_cpu_supports("vpclmulqdq");
}

std::unique_ptr<AesGcm> make(const std::array<uint8_t, 16>& key) {
    return std::make_unique<VaesAesGcm>(key);
}

}  // namespace

const AeadBackend kAeadVaes{"vaes", supported, make};

}  // namespace punktfunk::crypto

#endif
