// paired.json in any state: it is refused as a whole, or comes back as it was read.
#include "punktfunk/pairing/paired_list.hpp"

#include "require.hpp"

using namespace punktfunk;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto list = pairing::decode_paired_list({reinterpret_cast<const char*>(data), size});
    if (!list) {
        REQUIRE(list.error().code == ErrorCode::InvalidArgument);
        return 0;
    }
    REQUIRE(list->size() <= pairing::kMaxPairedClients);
    const auto again = pairing::decode_paired_list(pairing::encode_paired_list(*list));
    REQUIRE(again && *again == *list);
    return 0;
}
