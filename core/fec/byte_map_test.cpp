// Both forms of a byte's linear map answer the same, for every byte, through every trait this machine can run.
#include "byte_map.hpp"

#include <gtest/gtest.h>

#include <random>

#include "vector_gfni_emulated.hpp"

namespace punktfunk::fec {
namespace {

ByteImages random_images(std::mt19937& random) {
    ByteImages images;
    for (uint8_t& image : images) image = static_cast<uint8_t>(random());
    return images;
}

template <typename V>
void expect_same_as_table(const ByteImages& images) {
    const auto map = V::prepare(typename V::Map(images));
    const NibbleMap table(images);
    for (size_t first = 0; first < 256; first += V::kBytes) {
        std::array<uint8_t, V::kBytes> bytes;
        for (size_t i = 0; i < V::kBytes; ++i) bytes[i] = static_cast<uint8_t>(first + i);
        V::store(bytes.data(), V::apply(map, V::load(bytes.data())));
        for (size_t i = 0; i < V::kBytes; ++i) ASSERT_EQ(bytes[i], table(static_cast<uint8_t>(first + i)));
    }
}

TEST(ByteMap, MatrixAnswersAsTheTable) {
    std::mt19937 random(1);
    for (int round = 0; round < 50; ++round) {
        const ByteImages images = random_images(random);
        expect_same_as_table<EmulatedGfni<32>>(images);
        expect_same_as_table<EmulatedGfni<64>>(images);
    }
}

// The layout of gf2p8affineqb's operand, from Intel's manual: this matrix is the identity.
TEST(ByteMap, MatrixLayout) {
    EXPECT_EQ(MatrixMap({1, 2, 4, 8, 16, 32, 64, 128}).rows, 0x0102040810204080u);
    EXPECT_EQ(MatrixMap({1, 0, 0, 0, 0, 0, 0, 0}).rows, 0x0100000000000000u);
}

TEST(ByteMap, EveryLaneOfTheEmulationHasAMatrixOfItsOwn) {
    using V = EmulatedGfni<16>;
    const V::Vector value{{0x0807060504030201, 0x0807060504030201}};
    const V::Vector result = V::affine(value, {{0x0102040810204080, 0}});
    EXPECT_EQ(result.lanes[0], 0x0807060504030201u);
    EXPECT_EQ(result.lanes[1], 0u);
}

}  // namespace
}  // namespace punktfunk::fec
