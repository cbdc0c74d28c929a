// The control stream's framing: the messages do not depend on how the stream was cut, and framed again they are the
// stream.
#include <algorithm>
#include <vector>

#include "punktfunk/wire/control.hpp"
#include "require.hpp"

using namespace punktfunk;

namespace {

std::vector<Bytes> messages_of(ByteView stream, size_t chunk) {
    wire::MessageFramer framer;
    std::vector<Bytes> messages;
    for (; !stream.empty(); stream = stream.subspan(std::min(chunk, stream.size()))) {
        framer.feed(stream.first(std::min(chunk, stream.size())));
        while (auto message = framer.next()) messages.push_back(std::move(*message));
    }
    return messages;
}

}  // namespace

// The first byte is the length of the chunks.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 2) return 0;
    const ByteView stream(data + 1, size - 1);
    const auto whole = messages_of(stream, stream.size());
    REQUIRE(messages_of(stream, size_t{data[0]} + 1) == whole);

    Bytes again;
    for (const Bytes& message : whole) {
        const Bytes framed = wire::frame_message(message);
        again.insert(again.end(), framed.begin(), framed.end());
    }
    REQUIRE(again.size() <= stream.size() && std::ranges::equal(again, stream.first(again.size())));
    // What is left is the start of one message, not a whole one.
    const ByteView rest = stream.subspan(again.size());
    REQUIRE(rest.size() < 2 || rest.size() < 2u + load_le<uint16_t>(rest.data()));
    return 0;
}
