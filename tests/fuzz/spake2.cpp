// The pairing exchange against a hostile peer's message. Scalars are fixed: a finding must be repeatable.
#include "punktfunk/crypto/spake2.hpp"

#include <algorithm>

#include "require.hpp"

using namespace punktfunk;
using crypto::Spake2, crypto::Spake2Side;

namespace {

constexpr std::array<uint8_t, 32> kX{1, 2, 3}, kY{4, 5, 6};
constexpr crypto::Fingerprint kClient{0xC1}, kHost{0x05};

// Side A takes messages that begin with B's byte, and the other way round; both take only 33 bytes.
void check(const Spake2& own, const Spake2& peer, std::span<const uint8_t> message) {
    const auto key = own.finish(message);
    if (!key) {
        REQUIRE(key.error().code == ErrorCode::ProtocolViolation);
        REQUIRE(!std::ranges::equal(message, peer.message()));
        return;
    }
    REQUIRE(message.size() == 33 && message[0] == peer.message()[0]);
    // Both ends hold the same key exactly when the message was the peer's own.
    const auto theirs = peer.finish(own.message());
    REQUIRE(theirs);
    REQUIRE((theirs->key == key->key) == std::ranges::equal(message, peer.message()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const Spake2 client(Spake2Side::Client, "0427", kClient, kHost, kX);
    static const Spake2 host(Spake2Side::Host, "0427", kClient, kHost, kY);
    check(client, host, {data, size});
    check(host, client, {data, size});
    // Few mutations keep length and side right, so the same bytes are tried as a point of each side too.
    crypto::Spake2Message message{};
    std::copy_n(data, std::min(size, message.size() - 1), message.begin() + 1);
    message[0] = host.message()[0];
    check(client, host, message);
    message[0] = client.message()[0];
    check(host, client, message);
    // A point that is one for certain: a peer's own message, with a scalar and a PIN of the input's choice.
    std::array<uint8_t, 32> scalar{};
    std::copy_n(data, std::min(size, scalar.size()), scalar.begin());
    scalar[31] &= 0x0f;  // below the group's order
    const std::string_view pin(reinterpret_cast<const char*>(data), std::min<size_t>(size, 4));
    check(client, host, Spake2(Spake2Side::Host, pin, kClient, kHost, scalar).message());
    check(host, client, Spake2(Spake2Side::Client, pin, kClient, kHost, scalar).message());
    return 0;
}
