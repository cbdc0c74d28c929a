// Whatever arrives on a media port before the client is known.
#include <algorithm>

#include "punktfunk/gs_media/ping.hpp"
#include "require.hpp"

using namespace punktfunk;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView datagram(data, size);
    const auto ping = gs_media::decode_ping(datagram);
    if (!ping) return 0;
    const Bytes bytes = gs_media::encode_ping(*ping);
    REQUIRE(bytes.size() <= size && std::ranges::equal(bytes, datagram.first(bytes.size())));
    if (!ping->payload) return 0;
    auto other = *ping->payload;
    REQUIRE(ping->is_from(other));
    other[size % other.size()] ^= 1;
    REQUIRE(!ping->is_from(other));
    return 0;
}
