// Control messages: whatever is decoded must survive being encoded and decoded again.
#include "punktfunk/wire/control.hpp"

#include <initializer_list>

#include "require.hpp"

using namespace punktfunk;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView payload(data, size);
    if (const auto hello = wire::decode_hello(payload)) {
        const Bytes again = wire::encode(*hello);
        REQUIRE(again.size() <= wire::kMaxMessageBytes);
        REQUIRE(wire::decode_hello(again) == *hello);
        REQUIRE(!hello->name || (!hello->name->empty() && hello->name->size() <= 64));
        REQUIRE(!hello->launch || (!hello->launch->empty() && hello->launch->size() <= 128));
    }
    if (const auto welcome = wire::decode_welcome(payload)) {
        const Bytes again = wire::encode(*welcome);
        // Offset 68 is the cipher id, which this host must never send (control.hpp).
        REQUIRE(again.size() == 60 || again.size() == 68);
        REQUIRE(wire::decode_welcome(again) == *welcome);
    }
    if (const auto start = wire::decode_start(payload)) REQUIRE(wire::decode_start(wire::encode(*start)) == *start);
    if (const auto typed = wire::decode_typed(payload)) {
        const Bytes again = wire::encode(*typed);
        REQUIRE(again.size() <= size && wire::decode_typed(again) == *typed);
        // A later version's message is longer; a cut one is none, whatever it was, but for the one that has two
        // lengths.
        const auto* probe = std::get_if<wire::ProbeResult>(&*typed);
        if (probe == nullptr || !probe->wire) REQUIRE(!wire::decode_typed(ByteView(again).first(again.size() - 1)));
    }
    return 0;
}
