#include <gtest/gtest.h>

#include <array>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/base/hex.hpp"

namespace punktfunk {

TEST(Hex, RoundTripsAndRefusesWhatIsNotHex) {
    EXPECT_EQ(to_hex(std::array<uint8_t, 3>{0x00, 0xaf, 0x10}), "00af10");
    EXPECT_EQ(from_hex("00AF10"), (Bytes{0x00, 0xaf, 0x10}));
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0g"));
}

TEST(Bytes, AReadPastTheEndChangesNothing) {
    const Bytes bytes{1, 2, 3};
    ByteReader reader(bytes);
    EXPECT_EQ(reader.read<uint16_t>(), 0x0201);
    EXPECT_FALSE(reader.read<uint16_t>());
    EXPECT_FALSE(reader.take(2));
    EXPECT_EQ(reader.read<uint8_t>(), 3);
}

TEST(Error, ContextGoesInFront) {
    Result<int> result = fail(ErrorCode::Timeout, "no frame in {} s", 10);
    ASSERT_FALSE(result);
    EXPECT_EQ(std::move(result.error()).in("opening capture").message, "opening capture: no frame in 10 s");
}

}  // namespace punktfunk
