#include "punktfunk/gs_media/ping.hpp"

#include <algorithm>

#include "punktfunk/crypto/random.hpp"

namespace punktfunk::gs_media {
namespace {

constexpr size_t kPingBytes = 20;
constexpr std::array<uint8_t, 4> kLegacy{'P', 'I', 'N', 'G'};

}  // namespace

bool Ping::is_from(const PingPayload& session) const {
    return payload && crypto::constant_time_equal(*payload, session);
}

std::optional<Ping> decode_ping(ByteView datagram) {
    if (std::ranges::equal(datagram, kLegacy)) return Ping{};
    if (datagram.size() < kPingBytes) return std::nullopt;
    Ping ping{.payload = PingPayload{}};
    std::copy_n(datagram.begin(), ping.payload->size(), ping.payload->begin());
    ping.counter = load_be<uint32_t>(&datagram[ping.payload->size()]);
    return ping;
}

Bytes encode_ping(const Ping& ping) {
    if (!ping.payload) return {kLegacy.begin(), kLegacy.end()};
    Bytes datagram(kPingBytes);
    std::ranges::copy(*ping.payload, datagram.begin());
    store_be<uint32_t>(&datagram[ping.payload->size()], ping.counter);
    return datagram;
}

}  // namespace punktfunk::gs_media
