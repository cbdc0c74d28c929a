#include "obu_rules.hpp"

#include <gtest/gtest.h>

namespace punktfunk::moonlight_client {
namespace {

const Bytes kDelimiter{0x12, 0}, kSequence{0x0A, 2, 9, 9}, kFrame{0x32, 3, 1, 2, 3}, kHeader{0x1A, 1, 7},
    kTiles{0x22, 2, 7, 7}, kMetadata{0x2A, 1, 0};

bool good(std::initializer_list<Bytes> obus) {
    Bytes all;
    for (const Bytes& obu : obus) all.insert(all.end(), obu.begin(), obu.end());
    return !fault_of_temporal_unit(all).has_value();
}

TEST(Obu, ATemporalUnitIsADelimiterPerhapsASequenceHeaderAndOneFrame) {
    EXPECT_TRUE(good({kDelimiter, kSequence, kFrame}));
    EXPECT_TRUE(good({kDelimiter, kFrame}));
    EXPECT_TRUE(good({kDelimiter, kSequence, kMetadata, kHeader, kTiles, kTiles}));
    EXPECT_FALSE(good({}));
    EXPECT_FALSE(good({kFrame}));
    EXPECT_FALSE(good({kDelimiter}));
    EXPECT_FALSE(good({kDelimiter, kSequence}));
    EXPECT_FALSE(good({kDelimiter, kHeader}));
    EXPECT_FALSE(good({kDelimiter, kFrame, kFrame})) << "two frames";
    EXPECT_FALSE(good({kDelimiter, kFrame, kSequence}));
    EXPECT_FALSE(good({kDelimiter, kFrame, kDelimiter, kFrame})) << "two temporal units";
}

TEST(Obu, ItEndsWhereTheFrameEnds) {
    EXPECT_FALSE(good({kDelimiter, kFrame, {0}})) << "padding";
    EXPECT_FALSE(good({kDelimiter, {0x32, 4, 1, 2, 3}})) << "cut off";
    EXPECT_FALSE(good({kDelimiter, {0x32, 0x80}}));
    EXPECT_FALSE(good({kDelimiter, {0x30, 1, 2, 3}})) << "without a size";
    EXPECT_FALSE(good({kDelimiter, {0xB2, 1, 1}})) << "the forbidden bit";
    Bytes large{0x32, 0x80, 0x02};  // 256
    large.resize(3 + 256);
    EXPECT_TRUE(good({kDelimiter, large}));
}

TEST(Obu, ASequenceHeaderIsSeenWhereverItIs) {
    EXPECT_TRUE(has_sequence_header(kSequence));
    EXPECT_FALSE(has_sequence_header(kFrame));
    EXPECT_FALSE(has_sequence_header({}));
}

}  // namespace
}  // namespace punktfunk::moonlight_client
