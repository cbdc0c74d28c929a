// The video stream against the published vectors: bytes are law.
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/fec/erasure_code.hpp"
#include "punktfunk/gs_video/depacketizer.hpp"
#include "punktfunk/gs_video/fec_plan.hpp"
#include "punktfunk/gs_video/packetizer.hpp"

namespace punktfunk::gs_video {
namespace {

using nlohmann::json;

const json& vectors(const char* group) {
    static const auto document = json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json"));
    return document.at(group);
}

Bytes bytes_of(const json& hex) {
    return *from_hex(hex.get<std::string>());
}

// The parity of `data`, whose shards may be of any length: the code takes even ones, and a byte more changes no other.
std::vector<Bytes> parity_of(std::vector<Bytes> data, size_t m) {
    const size_t length = data[0].size(), even = length + length % 2;
    std::vector<Bytes> parity(m, Bytes(even));
    std::vector<const uint8_t*> from;
    std::vector<uint8_t*> to;
    for (auto& shard : data) {
        shard.resize(even);
        from.push_back(shard.data());
    }
    for (auto& shard : parity) to.push_back(shard.data());
    fec::Workspace workspace;
    EXPECT_TRUE(fec::erasure_code(fec::Scheme::Gf8)->encode(from, to, even, workspace));
    for (auto& shard : parity) shard.resize(length);
    return parity;
}

// Row by row: the parity of the unit vectors.
std::vector<Bytes> matrix(size_t k, size_t m) {
    std::vector<Bytes> unit(k, Bytes(k));
    for (size_t i = 0; i < k; ++i) unit[i][i] = 1;
    return parity_of(unit, m);
}

TEST(Vectors, Field) {
    const json& group = vectors("reed_solomon_video");
    const auto product = [](uint8_t a, uint8_t b) {
        const auto code = fec::matrix_code(std::span(&a, 1), 1);
        uint8_t result = 0;
        const uint8_t* from = &b;
        uint8_t* to = &result;
        fec::Workspace workspace;
        EXPECT_TRUE(code->encode({&from, 1}, {&to, 1}, 1, workspace));
        return result;
    };
    uint8_t power = 1;
    for (const auto& expected : group.at("gf_exp_first16")) {
        EXPECT_EQ(power, expected.get<int>());
        power = product(power, 2);
    }
    Bytes inverse = matrix(254, 1)[0];  // of 1 to 254
    inverse.insert(inverse.begin(), 0);
    inverse.push_back(matrix(253, 2)[1][252]);
    EXPECT_EQ(to_hex(inverse), group.at("gf_inverse_table").get<std::string>());
    const json& samples = group.at("gf_samples");
    EXPECT_EQ(samples.size(), 4u);
    EXPECT_EQ(product(0x53, 0xCA), samples.at("mul(0x53,0xca)").get<int>());
    EXPECT_EQ(inverse[2], samples.at("inv(2)").get<int>());
    EXPECT_EQ(inverse[3], samples.at("inv(3)").get<int>());
    EXPECT_EQ(inverse[0x8E], samples.at("inv(0x8e)").get<int>());
}

TEST(Vectors, Matrices) {
    for (const auto& one : vectors("reed_solomon_video").at("matrices")) {
        const size_t k = one.at("k"), m = one.at("m");
        SCOPED_TRACE(::testing::Message() << "k=" << k << " m=" << m);
        const auto rows = matrix(k, m);
        if (one.contains("rows")) {
            ASSERT_EQ(one.at("rows").size(), m);
            for (size_t j = 0; j < m; ++j) EXPECT_EQ(to_hex(rows[j]), one.at("rows")[j].get<std::string>());
            continue;
        }
        EXPECT_EQ(to_hex(rows.front()), one.at("row0").get<std::string>());
        EXPECT_EQ(to_hex(rows.back()), one.at("row_last").get<std::string>());
        Bytes all, digest(SHA256_DIGEST_LENGTH);
        for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
        ::SHA256(all.data(), all.size(), digest.data());
        EXPECT_EQ(to_hex(digest), one.at("sha256_of_concatenated_rows").get<std::string>());
    }
}

TEST(Vectors, ParityExamples) {
    for (const auto& one : vectors("reed_solomon_video").at("examples")) {
        std::vector<Bytes> data;
        for (const auto& shard : one.at("data")) data.push_back(bytes_of(shard));
        const auto parity = parity_of(data, one.at("m"));
        for (size_t j = 0; j < parity.size(); ++j) {
            EXPECT_EQ(to_hex(parity[j]), one.at("parity")[j].get<std::string>()) << one.at("name");
        }
    }
}

// The host that the vectors were taken from sends giant frames without parity. So does this one, when it is told to.
TEST(Vectors, FecPlan) {
    size_t unprotected = 0;
    for (const auto& one : vectors("video_fec_plan").at("cases")) {
        const size_t total = one.at("total_data_packets");
        SCOPED_TRACE(total);
        const bool giant = one.at("blocks")[0].at("parity") == 0;
        unprotected += giant ? 1 : 0;
        const auto plan = plan_fec(total, giant ? 0 : 20, 2);
        ASSERT_TRUE(plan);
        ASSERT_EQ(plan->blocks().size(), one.at("blocks").size());
        for (const auto& expected : one.at("blocks")) {
            const FecBlock& block = plan->blocks()[expected.at("block").get<size_t>()];
            EXPECT_EQ(block.data, expected.at("data").get<size_t>());
            EXPECT_EQ(block.parity, expected.at("parity").get<size_t>());
            EXPECT_EQ(block.percent, expected.at("fec_percentage_field").get<int>());
        }
    }
    EXPECT_GE(unprotected, 2u);
    EXPECT_EQ(most_fully_protected_packets(20) / kMaxBlocks,
              vectors("video_fec_plan").at("max_data_per_block").get<size_t>());
}

FrameInfo info_of(const json& frame) {
    return {.type = static_cast<FrameType>(frame.at("frame_type").get<int>()),
            .rtp_timestamp = frame.at("rtp_timestamp"),
            .host_latency = std::chrono::microseconds(100 * frame.at("latency_tenth_ms").get<int>())};
}

TEST(Vectors, Packets) {
    const json& frames = vectors("video_packets").at("frames");
    const VideoConfig config{.packet_bytes = frames[0].at("packetSize")};
    auto packetizer = Packetizer::create(config).value();
    auto depacketizer = Depacketizer::create(config).value();
    size_t packets = 0;
    for (const auto& frame : frames) {
        const Bytes access_unit = bytes_of(frame.at("bitstream"));
        const auto batch = packetizer.packetize(access_unit, info_of(frame));
        ASSERT_TRUE(batch);
        EXPECT_EQ(batch->frame_index, frame.at("frame_index").get<uint32_t>());
        ASSERT_EQ(batch->count, frame.at("packets").size());
        for (size_t i = 0; i < batch->count; ++i, ++packets) {
            const auto packet = batch->arena.subspan(i * batch->packet_bytes, batch->packet_bytes);
            EXPECT_EQ(to_hex(packet), frame.at("packets")[i].at("packet").get<std::string>()) << i;
            EXPECT_EQ(frame.at("packets")[i].at("rtp_seq").get<size_t>(), packets);
            Bytes received(packet.begin(), packet.end());
            const auto restored = depacketizer.push(received);
            if (!restored) continue;
            EXPECT_EQ(to_hex(restored->access_unit), to_hex(access_unit));
            EXPECT_EQ(restored->host_latency, info_of(frame).host_latency);
        }
    }
    EXPECT_EQ(depacketizer.stats().frames, frames.size());
}

TEST(Vectors, EncryptedPackets) {
    const json& frame = vectors("video_packets").at("frames")[0];
    const json& group = vectors("video_encryption");
    VideoConfig config{.packet_bytes = frame.at("packetSize"), .key = gs_media::StreamKey{}};
    std::ranges::copy(bytes_of(group.at("key")), config.key->bytes.begin());
    auto packetizer = Packetizer::create(config).value();
    auto depacketizer = Depacketizer::create(config).value();
    const auto batch = packetizer.packetize(bytes_of(frame.at("bitstream")), info_of(frame)).value();
    for (const auto& message : group.at("messages")) {
        const auto wire = bytes_of(message.at("wire"));
        ASSERT_EQ(batch.packet_bytes, wire.size());
        const auto sealed = batch.arena.subspan(message.at("counter").get<size_t>() * wire.size(), wire.size());
        EXPECT_EQ(to_hex(sealed), to_hex(wire));
        Bytes received(wire);
        EXPECT_FALSE(depacketizer.push(received));
        EXPECT_EQ(to_hex(ByteView(received).subspan(32)), message.at("plaintext").get<std::string>());
    }
    EXPECT_EQ(depacketizer.stats().malformed, 0u);
}

TEST(Vectors, LastPayloadLength) {
    const json& group = vectors("frame_header_last_payload_len");
    const VideoConfig config{.packet_bytes = static_cast<uint16_t>(group.at("payload_per_packet").get<int>() + 16)};
    for (const auto& one : group.at("cases")) {
        auto packetizer = Packetizer::create(config).value();
        const size_t length = one.at("bitstream_len");
        const auto batch = packetizer.packetize(Bytes(length), {}).value();
        EXPECT_EQ(config.data_packets(length), one.at("packets").get<size_t>());
        const auto header = decode_frame_header(batch.arena.subspan<32, kFrameHeaderBytes>());
        ASSERT_TRUE(header);
        EXPECT_EQ(header->last_payload_bytes, one.at("value").get<int>()) << length;
    }
}

}  // namespace
}  // namespace punktfunk::gs_video
