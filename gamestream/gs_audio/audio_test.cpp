#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "cbc.hpp"
#include "packet_layout.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/gs_audio/depacketizer.hpp"
#include "punktfunk/gs_audio/packetizer.hpp"

namespace punktfunk::gs_audio {
namespace {

using nlohmann::json;

const json& vectors(const char* group) {
    static const auto document = json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json"));
    return document.at(group);
}

Bytes bytes_of(const json& hex) {
    return *from_hex(hex.get<std::string>());
}

Bytes noise(uint32_t seed, size_t length) {
    Bytes bytes(length);
    std::mt19937 random(seed);
    std::ranges::generate(bytes, std::ref(random));
    return bytes;
}

std::vector<Bytes> parity_of(const std::vector<Bytes>& data) {
    std::vector<Bytes> parity(kParityPackets, Bytes(data[0].size()));
    std::vector<const uint8_t*> from;
    std::vector<uint8_t*> to;
    for (const auto& shard : data) from.push_back(shard.data());
    for (auto& shard : parity) to.push_back(shard.data());
    fec::Workspace workspace;
    EXPECT_TRUE(parity_code()->encode(from, to, data[0].size(), workspace));
    return parity;
}

std::vector<Bytes> datagrams_of(Packetizer& packetizer, ByteView opus) {
    std::vector<Bytes> datagrams;
    const auto sent = packetizer.packetize(opus).value();
    for (const ByteView datagram : sent) {
        datagrams.emplace_back(datagram.begin(), datagram.end());
    }
    return datagrams;
}

AudioKey some_key() {
    return {{{1, 2, 3}}, 0xFFFFFFF0};
}

TEST(Vectors, Parity) {
    const json& group = vectors("reed_solomon_audio");
    std::vector<Bytes> unit(kBlockPackets, Bytes(kBlockPackets));
    for (size_t i = 0; i < unit.size(); ++i) unit[i][i] = 1;
    const auto all_of = [](const json& list) {
        std::vector<Bytes> shards;
        for (const auto& hex : list) shards.push_back(bytes_of(hex));
        return shards;
    };
    EXPECT_EQ(parity_of(unit), all_of(group.at("rows")));
    EXPECT_EQ(parity_of(all_of(group.at("data"))), all_of(group.at("parity")));
    EXPECT_EQ(parity_of(all_of(group.at("single_byte_data"))), all_of(group.at("single_byte_parity")));
}

TEST(Vectors, KeyIds) {
    for (const auto& one : vectors("rikeyid").at("cases")) {
        const auto id = static_cast<uint32_t>(std::stol(one.at("rikeyid_query_text").get<std::string>()));
        EXPECT_EQ(id, one.at("u32").get<uint32_t>());
        EXPECT_EQ(to_hex(packet_iv(id, 0)), one.at("iv_first4").get<std::string>() + std::string(24, '0'));
    }
}

TEST(Vectors, Blocks) {
    const json& group = vectors("audio_packets");
    for (const auto& block : group.at("blocks")) {
        AudioConfig config{.packet_duration = std::chrono::milliseconds(block.at("packet_duration_ms").get<int>())};
        if (block.at("encrypted")) {
            config.key.emplace().id = group.at("rikeyid_u32");
            std::ranges::copy(bytes_of(group.at("key")), config.key->key.bytes.begin());
        }
        auto packetizer = Packetizer::create(config).value();
        auto depacketizer = Depacketizer::create(config).value();
        for (int before = 0; before < block.at("base_seq"); ++before) (void)packetizer.packetize(noise(1, 20));
        for (size_t i = 0; i < kBlockPackets; ++i) {
            const auto& packet = block.at("data")[i];
            const auto datagrams = datagrams_of(packetizer, bytes_of(packet.at("opus")));
            ASSERT_EQ(datagrams.size(), i + 1 == kBlockPackets ? 3u : 1u);
            EXPECT_EQ(to_hex(datagrams[0]), packet.at("packet").get<std::string>());
            if (!packet.at("iv").is_null()) {
                EXPECT_EQ(to_hex(packet_iv(config.key->id, packet.at("rtp_seq"))), packet.at("iv").get<std::string>());
            }
            const auto received = depacketizer.push(bytes_of(packet.at("packet")));
            ASSERT_EQ(received.size(), 1u);
            EXPECT_EQ(to_hex(received[0].opus), packet.at("opus").get<std::string>());
            EXPECT_EQ(received[0].sequence, packet.at("rtp_seq").get<int>());
            EXPECT_EQ(received[0].timestamp, packet.at("timestamp").get<uint32_t>());
            for (size_t j = 1; j < datagrams.size(); ++j) {
                EXPECT_EQ(to_hex(datagrams[j]), block.at("fec")[j - 1].at("packet").get<std::string>());
            }
        }
    }
}

TEST(Packetizer, RefusesWhatCannotBeSent) {
    EXPECT_EQ(Packetizer::create({.packet_duration = std::chrono::milliseconds(20)}).error().code,
              ErrorCode::InvalidArgument);
    for (const bool encrypted : {false, true}) {
        AudioConfig config;
        if (encrypted) config.key = some_key();
        auto packetizer = Packetizer::create(config).value();
        EXPECT_EQ(packetizer.packetize({}).error().code, ErrorCode::InvalidArgument);
        EXPECT_EQ(packetizer.packetize(Bytes(config.max_opus_bytes() + 1)).error().code, ErrorCode::Unsupported);
        for (int i = 0; i < 4; ++i) {
            for (const Bytes& datagram : datagrams_of(packetizer, noise(1, config.max_opus_bytes()))) {
                EXPECT_LE(datagram.size(), kMaxDatagram);
                EXPECT_EQ(load_be<uint16_t>(&datagram[2]), i + (datagram[1] == kParityType ? datagram[12] + 1 : 0));
            }
        }
    }
}

TEST(Packetizer, ABlockOfDifferentLengthsHasNoParity) {
    auto packetizer = Packetizer::create({}).value();
    const size_t lengths[] = {20, 20, 21, 20, 30, 30, 30, 30};
    for (size_t i = 0; i < std::size(lengths); ++i) {
        EXPECT_EQ(datagrams_of(packetizer, noise(1, lengths[i])).size(), i == 7 ? 3u : 1u) << i;
    }
}

TEST(Depacketizer, RestoresTwoOfABlock) {
    EXPECT_TRUE(rc::check("loss, duplicates, any order within a block", [] {
        AudioConfig config{.packet_duration = std::chrono::milliseconds(*rc::gen::element(5, 10))};
        if (*rc::gen::arbitrary<bool>()) config.key = some_key();
        auto packetizer = Packetizer::create(config).value();
        auto depacketizer = Depacketizer::create(config).value();
        std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
        const size_t length = 1 + random() % config.max_opus_bytes();
        std::vector<Bytes> sent;
        std::vector<uint16_t> missing;
        std::vector<std::pair<uint16_t, Bytes>> heard;
        const size_t blocks = 6;
        for (size_t block = 0; block < blocks; ++block) {
            std::vector<Bytes> datagrams;
            for (size_t i = 0; i < kBlockPackets; ++i) {
                sent.push_back(noise(random(), length));
                for (auto& datagram : datagrams_of(packetizer, sent.back())) datagrams.push_back(std::move(datagram));
            }
            RC_ASSERT(datagrams.size() == 6u);
            // The first and the last block arrive whole: one shows where the stream begins, one ends the last gap.
            const bool whole = block == 0 || block + 1 == blocks;
            const size_t lost = whole ? 0 : random() % 5;
            std::vector<size_t> order{0, 1, 2, 3, 4, 5};
            std::ranges::shuffle(order, random);
            const std::vector<size_t> gone(order.begin(), order.begin() + static_cast<ptrdiff_t>(lost));
            if (lost > kParityPackets) {
                for (const size_t i : gone) {
                    if (i < kBlockPackets) missing.push_back(static_cast<uint16_t>(block * kBlockPackets + i));
                }
            }
            order.erase(order.begin(), order.begin() + static_cast<ptrdiff_t>(lost));
            if (block == 0) std::ranges::sort(order);
            order.push_back(order[random() % order.size()]);
            for (const size_t i : order) {
                for (const ReceivedAudio& packet : depacketizer.push(datagrams[i])) {
                    heard.emplace_back(packet.sequence, Bytes(packet.opus.begin(), packet.opus.end()));
                    RC_ASSERT(packet.timestamp ==
                              packet.sequence * static_cast<uint32_t>(config.packet_duration.count()));
                }
            }
        }
        std::ranges::sort(missing);
        size_t at = 0;
        for (size_t sequence = 0; sequence < sent.size(); ++sequence) {
            if (std::ranges::binary_search(missing, static_cast<uint16_t>(sequence))) continue;
            RC_ASSERT(at < heard.size());
            RC_ASSERT(heard[at].first == sequence && heard[at].second == sent[sequence]);
            ++at;
        }
        RC_ASSERT(at == heard.size());
        RC_ASSERT(depacketizer.stats().lost == missing.size() && depacketizer.stats().malformed == 0);
    }));
}

TEST(Depacketizer, NumbersWrap) {
    AudioConfig config{.key = some_key()};
    auto packetizer = Packetizer::create(config).value();
    auto depacketizer = Depacketizer::create(config).value();
    const Bytes opus = noise(1, 60);
    size_t heard = 0;
    constexpr size_t kPackets = 65536 + 40;
    for (size_t i = 0; i < kPackets; ++i) {
        const auto datagrams = packetizer.packetize(opus).value();
        for (size_t j = i % 7 == 0 && i > 0 ? 1 : 0; j < datagrams.size(); ++j) {  // some data packets are lost
            for (const ReceivedAudio& packet : depacketizer.push(datagrams[j])) {
                ASSERT_EQ(packet.sequence, static_cast<uint16_t>(heard));
                ASSERT_EQ(packet.timestamp, heard * 5);
                ASSERT_TRUE(std::ranges::equal(packet.opus, opus));
                ++heard;
            }
        }
    }
    EXPECT_EQ(heard, kPackets);
    EXPECT_EQ(depacketizer.stats().lost, 0u);
    EXPECT_GT(depacketizer.stats().recovered, kPackets / 10);
}

TEST(Depacketizer, TakesNothingElse) {
    const AudioConfig config;
    auto packetizer = Packetizer::create(config).value();
    std::vector<Bytes> block;
    for (int i = 0; i < 4; ++i) {
        for (auto& datagram : datagrams_of(packetizer, noise(1, 20))) block.push_back(std::move(datagram));
    }
    const auto malformed = [&](Bytes datagram) {
        auto depacketizer = Depacketizer::create(config).value();
        EXPECT_EQ(depacketizer.push(block[0]).size(), 1u);
        EXPECT_TRUE(depacketizer.push(datagram).empty());
        return depacketizer.stats().malformed == 1;
    };
    const auto changed = [&](size_t packet, size_t at, uint8_t value) {
        Bytes datagram = block[packet];
        datagram[at] = value;
        return datagram;
    };
    EXPECT_TRUE(malformed({}));
    EXPECT_TRUE(malformed(Bytes(block[1].begin(), block[1].begin() + 12)));
    EXPECT_TRUE(malformed(Bytes(block[4].begin(), block[4].begin() + 24)));
    EXPECT_TRUE(malformed(Bytes(1401)));
    EXPECT_TRUE(malformed(changed(1, 0, 0x90)));
    EXPECT_TRUE(malformed(changed(1, 1, 96)));
    EXPECT_TRUE(malformed(changed(1, 7, 240))) << "a timestamp in samples";
    EXPECT_TRUE(malformed(changed(4, 12, 2))) << "a third parity packet";
    EXPECT_TRUE(malformed(changed(4, 15, 1))) << "a base that begins no block";
    Bytes shorter = block[2];
    shorter.pop_back();
    EXPECT_TRUE(malformed(shorter));
}

}  // namespace
}  // namespace punktfunk::gs_audio
