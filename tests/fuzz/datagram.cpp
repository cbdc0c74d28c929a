// QUIC datagrams of both directions: whatever is decoded must survive being encoded and decoded again.
#include "punktfunk/wire/datagram.hpp"

#include <algorithm>
#include <type_traits>

#include "require.hpp"

using namespace punktfunk;

namespace {

template <typename T>
constexpr bool kIsMedia = std::is_same_v<T, wire::AudioPacket> || std::is_same_v<T, wire::MicPacket>;

Bytes encoded(const wire::InputEvent& event) {
    const auto bytes = wire::encode_input(event);
    return {bytes.begin(), bytes.end()};
}
template <typename T>
Bytes encoded(const T& message) {
    return wire::encode(message);
}

template <typename Datagram>
void check(const std::optional<Datagram>& message, std::optional<Datagram> (*decode)(ByteView), ByteView source) {
    if (!message) return;
    std::visit(
        [&]<typename T>(const T& value) {
            const Bytes bytes = encoded(value);
            REQUIRE(bytes.size() <= source.size() && bytes[0] == source[0]);
            const auto again = decode(bytes);
            REQUIRE(again && std::holds_alternative<T>(*again));
            const T& copy = std::get<T>(*again);
            if constexpr (kIsMedia<T>) {
                // The Opus bytes are a view, and it must stay inside the datagram.
                REQUIRE(value.opus.empty() ||
                        (value.opus.data() > source.data() && &value.opus.back() <= &source.back()));
                REQUIRE(copy.seq == value.seq && copy.pts_ns == value.pts_ns &&
                        std::ranges::equal(copy.opus, value.opus));
            } else {
                REQUIRE(copy == value);
            }
        },
        *message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView datagram(data, size);
    check(wire::decode_client_datagram(datagram), wire::decode_client_datagram, datagram);
    check(wire::decode_host_datagram(datagram), wire::decode_host_datagram, datagram);
    return 0;
}
