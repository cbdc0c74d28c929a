#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/gs_media/ping.hpp"
#include "punktfunk/gs_media/rtp_header.hpp"

namespace punktfunk::gs_media {
namespace {

nlohmann::json ping_vectors() {
    return nlohmann::json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json")).at("ping");
}

TEST(Ping, AsTheVectors) {
    const auto vectors = ping_vectors();
    const auto text = vectors.at("payload_text").get<std::string>();
    PingPayload payload{};
    ASSERT_EQ(text.size(), payload.size());
    std::ranges::copy(text, payload.begin());
    for (const auto& [name, counter] : {std::pair{"first", 1u}, {"second", 2u}}) {
        const auto hex = vectors.at(name).get<std::string>();
        const auto ping = decode_ping(*from_hex(hex));
        ASSERT_TRUE(ping && ping->payload);
        EXPECT_EQ(ping->counter, counter);
        EXPECT_TRUE(ping->is_from(payload));
        EXPECT_EQ(to_hex(encode_ping(*ping)), hex);
    }
    const auto legacy = decode_ping(*from_hex(vectors.at("legacy").get<std::string>()));
    ASSERT_TRUE(legacy);
    EXPECT_FALSE(legacy->payload);
    EXPECT_FALSE(legacy->is_from(payload));
    EXPECT_EQ(to_hex(encode_ping(*legacy)), vectors.at("legacy").get<std::string>());
}

TEST(Ping, WhatIsNoneIsIgnored) {
    const Bytes whole = *from_hex(ping_vectors().at("first").get<std::string>());
    for (size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(decode_ping(ByteView(whole).first(length))) << length;
    }
    Bytes longer = whole;
    longer.push_back(0);
    ASSERT_TRUE(decode_ping(longer));
    longer[3] ^= 1;
    EXPECT_FALSE(decode_ping(longer)->is_from(*decode_ping(whole)->payload));
}

TEST(RtpHeader, SequencesCompareAcrossTheWrap) {
    EXPECT_EQ(sequence_distance(0, 0xFFFF), 1);
    EXPECT_EQ(sequence_distance(0xFFFE, 1), -3);
    EXPECT_EQ(sequence_distance(500, 500), 0);
}

}  // namespace
}  // namespace punktfunk::gs_media
