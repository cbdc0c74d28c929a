#include "punktfunk/crypto/spake2.hpp"

#include <sodium.h>

#include <algorithm>
#include <string>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::crypto {

namespace {

using Scalar = std::array<uint8_t, 32>;
using Point = std::array<uint8_t, 32>;

constexpr Point kM = {0x15, 0xcf, 0xd1, 0x8e, 0x38, 0x59, 0x52, 0x98, 0x2b, 0x6a, 0x8f, 0x8c, 0x78, 0x54, 0x96, 0x3b,
                      0x58, 0xe3, 0x43, 0x88, 0xc8, 0xe6, 0xda, 0xe8, 0x91, 0xdb, 0x75, 0x64, 0x81, 0xa0, 0x23, 0x12};
constexpr Point kN = {0xf0, 0x4f, 0x2e, 0x7e, 0xb7, 0x34, 0xb2, 0xa8, 0xf8, 0xb4, 0x72, 0xea, 0xf9, 0xc3, 0xc6, 0x32,
                      0x57, 0x6a, 0xc6, 0x4a, 0xea, 0x65, 0x0b, 0x49, 0x6a, 0x8a, 0x20, 0xff, 0x00, 0xe5, 0x83, 0xc3};

std::array<uint8_t, 32> sha256(ByteView bytes) {
    std::array<uint8_t, 32> digest{};
    ::crypto_hash_sha256(digest.data(), bytes.data(), bytes.size());
    return digest;
}

ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// HMAC-SHA256 over the concatenation of the parts.
std::array<uint8_t, 32> hmac(ByteView key, std::initializer_list<ByteView> parts) {
    crypto_auth_hmacsha256_state state;
    ::crypto_auth_hmacsha256_init(&state, key.data(), key.size());
    for (const ByteView part : parts) ::crypto_auth_hmacsha256_update(&state, part.data(), part.size());
    std::array<uint8_t, 32> mac{};
    ::crypto_auth_hmacsha256_final(&state, mac.data());
    return mac;
}

// w: HKDF-SHA256 of the PIN to 48 bytes, read big-endian, mod q (spec §3.1).
Scalar password_scalar(std::string_view pin) {
    const std::array<uint8_t, 32> no_salt{};
    const auto prk = hmac(no_salt, {bytes_of(pin)});
    const uint8_t one = 1, two = 2;
    const auto t1 = hmac(prk, {bytes_of("SPAKE2 pw"), ByteView(&one, 1)});
    const auto t2 = hmac(prk, {t1, bytes_of("SPAKE2 pw"), ByteView(&two, 1)});
    std::array<uint8_t, 48> okm{};
    std::ranges::copy(t1, okm.begin());
    std::copy_n(t2.begin(), 16, okm.begin() + 32);
    std::array<uint8_t, 64> wide{};  // little-endian, as libsodium reduces
    std::ranges::reverse_copy(okm, wide.begin());
    Scalar scalar{};
    ::crypto_core_ed25519_scalar_reduce(scalar.data(), wide.data());
    return scalar;
}

// scalar * point; the neutral element for a zero scalar, which libsodium refuses to compute.
std::optional<Point> times(const Scalar& scalar, const Point& point) {
    Point product{};
    if (::crypto_scalarmult_ed25519_noclamp(product.data(), scalar.data(), point.data()) != 0) return std::nullopt;
    return product;
}

const Point& blinding(Spake2Side side) {
    return side == Spake2Side::Client ? kM : kN;
}

constexpr Spake2Side other(Spake2Side side) {
    return side == Spake2Side::Client ? Spake2Side::Host : Spake2Side::Client;
}

}  // namespace

ConfirmationMac Spake2Key::host_confirmation(const Fingerprint& client, const Fingerprint& host) const {
    return hmac(key, {bytes_of("punktfunk-pair-host"), client, host});
}

ConfirmationMac Spake2Key::client_confirmation(const Fingerprint& client, const Fingerprint& host) const {
    return hmac(key, {bytes_of("punktfunk-pair-client"), client, host});
}

Spake2::Spake2(Spake2Side side, std::string_view pin, const Fingerprint& client, const Fingerprint& host,
               std::optional<Scalar> scalar_le32)
    : side_(side),
      password_hash_(sha256(bytes_of(pin))),
      password_scalar_(password_scalar(pin)),
      client_(client),
      host_(host) {
    if (scalar_le32) {
        scalar_ = *scalar_le32;
    } else {
        ::crypto_core_ed25519_scalar_random(scalar_.data());
    }
    Point own{};
    ::crypto_scalarmult_ed25519_base_noclamp(own.data(), scalar_.data());
    message_[0] = static_cast<uint8_t>(side);
    // A PIN whose scalar is zero is not among the 10 000; with any other the product exists.
    const Point blind = times(password_scalar_, blinding(side)).value_or(Point{});
    ::crypto_core_ed25519_add(message_.data() + 1, own.data(), blind.data());
}

Spake2::~Spake2() {
    ::sodium_memzero(password_hash_.data(), password_hash_.size());
    ::sodium_memzero(password_scalar_.data(), password_scalar_.size());
    ::sodium_memzero(scalar_.data(), scalar_.size());
}

Result<Spake2Key> Spake2::finish(std::span<const uint8_t> peer_message) const {
    if (peer_message.size() != message_.size() || peer_message[0] != static_cast<uint8_t>(other(side_))) {
        return fail(ErrorCode::ProtocolViolation, "the peer's SPAKE2 message has the wrong length or side");
    }
    Point peer{};
    std::copy_n(peer_message.begin() + 1, peer.size(), peer.begin());
    // Also refuses points of small order and outside the prime-order subgroup.
    if (::crypto_core_ed25519_is_valid_point(peer.data()) != 1) {
        return fail(ErrorCode::ProtocolViolation, "the peer's SPAKE2 message is not a point of the group");
    }
    const auto blind = times(password_scalar_, blinding(other(side_)));
    Point unblinded{};
    if (!blind || ::crypto_core_ed25519_sub(unblinded.data(), peer.data(), blind->data()) != 0) {
        return fail(ErrorCode::ProtocolViolation, "the peer's SPAKE2 message cannot be used");
    }
    const auto shared = times(scalar_, unblinded);
    if (!shared) return fail(ErrorCode::ProtocolViolation, "the peer's SPAKE2 message cannot be used");

    const ByteView own_body = ByteView(message_).subspan(1);
    const ByteView first = side_ == Spake2Side::Client ? own_body : ByteView(peer);
    const ByteView second = side_ == Spake2Side::Client ? ByteView(peer) : own_body;
    ByteWriter transcript;
    transcript.append(password_hash_)
        .append(sha256(client_))
        .append(sha256(host_))
        .append(first)
        .append(second)
        .append(*shared);
    Bytes bytes = std::move(transcript).finish();
    Spake2Key key{sha256(bytes)};
    ::sodium_memzero(bytes.data(), bytes.size());
    return key;
}

}  // namespace punktfunk::crypto
