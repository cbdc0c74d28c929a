// One RTSP connection: what comes out does not depend on how the bytes were cut, and nothing comes out twice.
#include <algorithm>

#include "punktfunk/rtsp/message.hpp"
#include "punktfunk/rtsp/request_reader.hpp"
#include "require.hpp"

using namespace punktfunk;
using namespace punktfunk::rtsp;

namespace {

struct Outcome {
    bool failed = false;
    std::optional<Received> received;
};

Outcome read(ByteView bytes, size_t chunk) {
    RequestReader reader;
    Outcome outcome;
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(chunk, bytes.size()))) {
        auto result = reader.push(bytes.first(std::min(chunk, bytes.size())));
        if (!result) {
            outcome.failed = true;
            REQUIRE(!reader.push(bytes));
            return outcome;
        }
        if (*result) {
            REQUIRE(!outcome.received);
            outcome.received = std::move(**result);
        }
    }
    return outcome;
}

}  // namespace

// The first byte is the length of the chunks.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 2) return 0;
    const ByteView bytes(data + 1, size - 1);
    const auto whole = read(bytes, bytes.size()), pieces = read(bytes, size_t{data[0]} + 1);
    REQUIRE(whole.failed == pieces.failed);
    if (whole.failed) return 0;  // pieces may be complete before the byte too many comes
    REQUIRE(whole.received.has_value() == pieces.received.has_value());
    if (!whole.received) return 0;
    if (const auto* plain = std::get_if<PlainMessage>(&*whole.received)) {
        REQUIRE(std::ranges::equal(plain->text, bytes, {}, [](char c) { return static_cast<uint8_t>(c); }));
        if (const auto request = parse_request(plain->text)) {
            REQUIRE(!request->method.empty() && !request->target.empty() && request->headers.size() <= kMaxHeaders);
            REQUIRE(plain->text.ends_with(request->body));
        }
    } else {
        REQUIRE(std::get<SealedMessage>(*whole.received).ciphertext.size() == bytes.size() - kSealedHeader);
    }
    return 0;
}
