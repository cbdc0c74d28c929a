// Control packets and the messages in them, of both directions: whatever is decoded must survive being encoded and
// decoded again, and a sealed packet with one byte changed is refused.
#include <algorithm>

#include "punktfunk/gs_control/cipher.hpp"
#include "punktfunk/gs_control/messages.hpp"
#include "require.hpp"

using namespace punktfunk;
using namespace punktfunk::gs_control;

namespace {

template <typename Decode>
void check_message(ByteView source, Decode decode) {
    const auto message = decode(source);
    if (!message || std::holds_alternative<Ignored>(*message)) return;
    const Bytes bytes = encode(*message);
    const auto again = decode(ByteView(bytes));
    REQUIRE(again && again->index() == message->index() && encode(*again) == bytes);
}

void check_packet(ByteView source, bool legacy) {
    const gs_media::StreamKey key{{1, 2, 3}};
    const Scheme scheme = legacy ? Scheme::Legacy : Scheme::V2;
    auto opener = Opener::create(key, Sender::Client, scheme).value();
    Bytes raw(source.begin(), source.end());
    REQUIRE(!opener.open(raw));

    auto sealer = Sealer::create(key, Sender::Client, scheme).value();
    const auto sealed = sealer.seal(source);
    if (!sealed) return;
    Bytes changed = *sealed, whole = *sealed;
    const size_t at = source[0] % changed.size();
    changed[at] ^= static_cast<uint8_t>(source[1] | 1);
    // The older scheme's IV has the lowest byte of the number only: the others are nobody's.
    if (!legacy || at < 5 || at > 7) REQUIRE(!opener.open(changed));
    const auto opened = opener.open(whole);
    REQUIRE(opened && std::ranges::equal(*opened, source));
    Bytes again = *sealed;
    REQUIRE(!opener.open(again));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView source(data, size);
    check_message(source, decode_client_message);
    check_message(source, decode_host_message);
    check_packet(source, size % 2 != 0);
    return 0;
}
