// Hexadecimal as files and command lines hold it: accepted exactly when it is some, and the same when written again.
#include "punktfunk/base/hex.hpp"

#include <algorithm>
#include <cctype>

#include "punktfunk/crypto/identity.hpp"
#include "require.hpp"

using namespace punktfunk;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto is_digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
    const auto bytes = from_hex(text);
    REQUIRE(bytes.has_value() == (size % 2 == 0 && std::ranges::all_of(text, is_digit)));
    if (bytes) {
        std::string lower = text;
        std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
        REQUIRE(bytes->size() == size / 2 && to_hex(*bytes) == lower);
    }
    const auto fingerprint = crypto::fingerprint_from_hex(text);
    REQUIRE(fingerprint.has_value() == (bytes && bytes->size() == 32));
    REQUIRE(!fingerprint || std::ranges::equal(*fingerprint, *bytes));

    REQUIRE(std::ranges::equal(from_hex(to_hex({data, size})).value(), ByteView(data, size)));
    return 0;
}
