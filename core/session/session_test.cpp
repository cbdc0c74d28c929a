#include <gtest/gtest.h>
#include <openssl/sha.h>
#include <rapidcheck.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/session/packetizer.hpp"
#include "punktfunk/session/reassembler.hpp"
#include "punktfunk/session/video_receiver.hpp"
#include "punktfunk/session/video_sender.hpp"

namespace punktfunk::session {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const json& vectors(const char* group) {
    static const auto document = json::parse(std::ifstream(PUNKTFUNK_VECTORS "/punktfunk1-vectors.json"));
    return document.at(group);
}

Bytes lcg(uint32_t seed, size_t length) {
    Bytes bytes(length);
    for (auto& byte : bytes) {
        seed = seed * 1664525u + 1013904223u;
        byte = static_cast<uint8_t>(seed >> 24);
    }
    return bytes;
}

std::string sha256(ByteView bytes) {
    uint8_t digest[32];
    ::SHA256(bytes.data(), bytes.size(), digest);
    return to_hex(digest);
}

std::vector<Bytes> packets_of(const PacketBatch& batch) {
    std::vector<Bytes> packets;
    for (size_t i = 0; i < batch.count; ++i) {
        const auto packet = batch.arena.subspan(i * batch.packet_bytes, batch.packet_bytes);
        packets.emplace_back(packet.begin(), packet.end());
    }
    return packets;
}

SessionConfig config_from(const json& v) {
    SessionConfig config;
    config.scheme = v.value("fec_scheme", v.value("scheme", 1)) == 0 ? fec::Scheme::Gf8 : fec::Scheme::Gf16;
    config.fec_percent = v.at("fec_percent").get<uint8_t>();
    config.max_data_per_block = v.at("max_data_per_block").get<uint16_t>();
    config.shard_payload = v.at("shard_payload").get<uint16_t>();
    config.max_frame_bytes = 65536;
    return config;
}

SessionConfig small_config(bool encrypt = false) {
    return {.scheme = fec::Scheme::Gf16,
            .fec_percent = 25,
            .max_data_per_block = 8,
            .shard_payload = 64,
            .max_frame_bytes = 1 << 20,
            .encrypt = encrypt,
            .key = crypto::random_session_key()};
}

}  // namespace

TEST(Vectors, PacketHeader) {
    const Bytes bytes = *from_hex(vectors("packet_header").at("hex").get<std::string>());
    const PacketHeader header = load_header(ByteView(bytes).first<kPacketHeaderBytes>());
    EXPECT_EQ(header.pts_ns, 0x1122334455667788u);
    EXPECT_EQ(header.frame_bytes, 100'000u);
    EXPECT_EQ(header.shard_bytes, 1452);
    std::array<uint8_t, kPacketHeaderBytes> stored{};
    store_header(header, stored);
    EXPECT_EQ(to_hex(stored), to_hex(bytes));
}

TEST(Vectors, PacketizeGf16PlainAndSealed) {
    const json& v = vectors("packetize_gf16");
    const Bytes frames[] = {
        *from_hex(v.at("frame0").get<std::string>()), {}, *from_hex(v.at("frame2").get<std::string>())};
    for (const bool sealed : {false, true}) {
        SessionConfig config = config_from(v.at("config"));
        config.encrypt = sealed;
        const auto bytes_of = [&](const char* key) {
            return *from_hex(v.at("config").contains(key) ? v.at("config").at(key).get<std::string>()
                                                          : vectors("aes_gcm").at(key).get<std::string>());
        };
        std::ranges::copy(bytes_of("key"), config.key.key.begin());
        std::ranges::copy(bytes_of("salt"), config.key.salt.begin());
        auto packetizer = Packetizer::create(config);
        ASSERT_TRUE(packetizer) << packetizer.error().message;
        for (size_t f = 0; f < 3; ++f) {
            const json& expected = v.at("frames")[f];
            const uint64_t pts = v.at("pts_frame0").get<uint64_t>() + f * v.at("pts_step_ns").get<uint64_t>();
            const Bytes first = *from_hex(expected.at("packets")[0].at("plain").get<std::string>());
            const uint32_t flags = load_le<uint32_t>(first.data() + 20);
            const auto batch = packetizer->packetize(frames[f], pts, flags);
            ASSERT_TRUE(batch);
            const auto packets = packets_of(*batch);
            ASSERT_EQ(packets.size(), expected.at("packets").size());
            for (size_t i = 0; i < packets.size(); ++i) {
                EXPECT_EQ(to_hex(packets[i]),
                          expected.at("packets")[i].at(sealed ? "wire" : "plain").get<std::string>())
                    << f << "/" << i;
            }
        }
    }
}

TEST(Vectors, PacketizeGf8) {
    const json& v = vectors("packetize_gf8");
    SessionConfig config = config_from(v.at("config"));
    config.scheme = fec::Scheme::Gf8;
    auto packetizer = Packetizer::create(config);
    ASSERT_TRUE(packetizer);
    const Bytes first = *from_hex(v.at("packets")[0].get<std::string>());
    const auto batch = packetizer->packetize(*from_hex(v.at("frame0").get<std::string>()),
                                             load_le<uint64_t>(first.data()), load_le<uint32_t>(first.data() + 20));
    const auto packets = packets_of(*batch);
    ASSERT_EQ(packets.size(), v.at("packets").size());
    for (size_t i = 0; i < packets.size(); ++i)
        EXPECT_EQ(to_hex(packets[i]), v.at("packets")[i].get<std::string>()) << i;
}

TEST(Vectors, PacketizeTheDefaultProfile) {
    const json& v = vectors("packetize_default_profile");
    const Bytes frame = lcg(0xABCDEF, v.at("frame_len").get<size_t>());
    ASSERT_EQ(sha256(frame), v.at("frame_sha256").get<std::string>());
    SessionConfig config{
        .scheme = fec::Scheme::Gf16, .fec_percent = 20, .max_data_per_block = 4096, .shard_payload = 1452};
    auto packetizer = Packetizer::create(config);
    const Bytes header = *from_hex(v.at("headers")[0].get<std::string>());
    const auto batch =
        packetizer->packetize(frame, load_le<uint64_t>(header.data()), load_le<uint32_t>(header.data() + 20));
    const auto packets = packets_of(*batch);
    ASSERT_EQ(packets.size(), v.at("packet_count").get<size_t>());
    for (size_t i = 0; i < packets.size(); ++i)
        EXPECT_EQ(sha256(packets[i]), v.at("plain_sha256")[i].get<std::string>()) << i;
}

TEST(Vectors, Reassembly) {
    const json& v = vectors("reassembly");
    const json& packets = vectors("packetize_gf16").at("frames")[0].at("packets");
    auto reassembler = Reassembler::create(config_from(vectors("packetize_gf16").at("config")));
    ASSERT_TRUE(reassembler);
    for (size_t i = 0; i < v.at("push_order").size(); ++i) {
        const Bytes packet = *from_hex(packets[v.at("push_order")[i].get<size_t>()].at("plain").get<std::string>());
        const auto frame = reassembler->push(packet, 0);
        EXPECT_EQ(frame.has_value(), v.at("result_per_push")[i].get<std::string>().starts_with("FRAME")) << i;
        if (frame) {
            EXPECT_EQ(to_hex(frame->data), vectors("packetize_gf16").at("frame0").get<std::string>());
        }
    }
    EXPECT_EQ(reassembler->stats().packets_dropped, 2u);
    EXPECT_EQ(reassembler->stats().fec_recovered_shards, 4u);
}

TEST(Session, AnyLossWithinTheParityIsHealedAndNoMore) {
    EXPECT_TRUE(rc::check("k of k+m shards are enough, k-1 are not", [] {
        SessionConfig config = small_config();
        config.scheme = *rc::gen::element(fec::Scheme::Gf8, fec::Scheme::Gf16);
        const Bytes frame = lcg(*rc::gen::arbitrary<uint32_t>(), *rc::gen::inRange<size_t>(0, 3000));
        auto packetizer = Packetizer::create(config);
        auto packets = packets_of(*packetizer->packetize(frame, 7, kKeyframe));
        std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
        const bool too_much = *rc::gen::arbitrary<bool>();
        // Per block, lose exactly m shards (or m + 1 in one block).
        std::ranges::shuffle(packets, random);
        std::map<uint16_t, size_t> lost;
        const uint16_t unlucky = load_header(ByteView(packets[0]).first<40>()).block_index;
        std::erase_if(packets, [&](const Bytes& packet) {
            const auto header = load_header(ByteView(packet).first<40>());
            const size_t allowed = header.recovery_shards + (too_much && header.block_index == unlucky ? 1 : 0);
            return lost[header.block_index]++ < allowed;
        });
        for (size_t i = packets.size(); i > 0; i /= 2) packets.push_back(packets[i - 1]);  // and some come twice
        auto reassembler = Reassembler::create(config);
        int completed = 0;
        for (const auto& packet : packets) {
            if (const auto out = reassembler->push(packet, 1)) {
                ++completed;
                RC_ASSERT(std::ranges::equal(out->data, frame));
            }
        }
        RC_ASSERT(completed == (too_much ? 0 : 1));
    }));
}

TEST(Session, AStreamSurvivesWhatANetworkMayDo) {
    EXPECT_TRUE(rc::check("loss within the parity, duplicates and any order within the window", [] {
        const SessionConfig config{.scheme = *rc::gen::element(fec::Scheme::Gf8, fec::Scheme::Gf16),
                                   .fec_percent = *rc::gen::inRange<uint8_t>(0, 91),
                                   .max_data_per_block = *rc::gen::inRange<uint16_t>(1, 135),
                                   .shard_payload = static_cast<uint16_t>(2 * *rc::gen::inRange(1, 993)),
                                   .max_frame_bytes = 100'000,
                                   .encrypt = *rc::gen::arbitrary<bool>(),
                                   .key = crypto::random_session_key()};
        std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
        const auto below = [&](size_t bound) { return random() % std::max<size_t>(bound, 1); };
        std::optional<crypto::Opener> observer, opener;
        if (config.encrypt) {
            observer = crypto::Opener::create(config.key, crypto::Direction::HostToClient).value();
            opener = crypto::Opener::create(config.key, crypto::Direction::HostToClient).value();
        }
        auto packetizer = Packetizer::create(config).value();
        std::vector<Bytes> frames(1 + below(8)), wire;
        for (size_t f = 0; f < frames.size(); ++f) {
            frames[f] = lcg(static_cast<uint32_t>(random()), below(50) * config.shard_payload + below(2000));
            packetizer.set_fec_percent(static_cast<uint8_t>(below(config.fec_percent + 1u)));
            auto packets = packets_of(packetizer.packetize(frames[f], f, kDeltaFrame).value());
            std::ranges::shuffle(packets, random);
            std::map<uint16_t, size_t> lost;  // of each block: any of its packets, and no more than its parity
            for (const Bytes& packet : packets) {
                Bytes copy = packet;
                const ByteView plain = observer ? observer->open_in_place(copy) : copy;
                const auto header = load_header(plain.first<kPacketHeaderBytes>());
                if (below(2) == 0 && lost[header.block_index]++ < header.recovery_shards) continue;
                wire.insert(wire.end(), 1 + below(8) / 7, packet);
            }
        }
        std::ranges::shuffle(wire, random);
        auto reassembler = Reassembler::create(config).value();
        std::vector<int> arrived(frames.size());
        for (Bytes& packet : wire) {
            const ByteView plain = opener ? opener->open_in_place(packet) : packet;
            if (plain.data() == nullptr) continue;  // the second of two
            const auto out = reassembler.push(plain, 1);
            if (!out) continue;
            RC_ASSERT(out->frame_index < frames.size() && out->pts_ns == out->frame_index);
            RC_ASSERT(std::ranges::equal(out->data, frames[out->frame_index]));
            ++arrived[out->frame_index];
        }
        RC_ASSERT(arrived == std::vector<int>(frames.size(), 1));
    }));
}

TEST(Session, AFrameBelongsToWhoeverHoldsIt) {
    auto packetizer = Packetizer::create(small_config());
    std::vector<Frame> held;
    {
        auto reassembler = Reassembler::create(small_config());
        for (uint8_t i = 0; i < 24; ++i) {
            for (const Bytes& packet : packets_of(*packetizer->packetize(Bytes(200, i), 0, kDeltaFrame))) {
                if (auto frame = reassembler->push(packet, 1)) held.push_back(std::move(*frame));
            }
        }
    }
    ASSERT_EQ(held.size(), 24u);
    for (const Frame& frame : held)
        EXPECT_TRUE(std::ranges::equal(frame.data, Bytes(200, static_cast<uint8_t>(frame.frame_index))));
}

TEST(Session, TheWindowForgetsOldFrames) {
    auto packetizer = Packetizer::create(small_config());
    auto reassembler = Reassembler::create(small_config());
    std::vector<std::vector<Bytes>> frames;
    for (int i = 0; i < 40; ++i) frames.push_back(packets_of(*packetizer->packetize(Bytes(100, 1), 0, kDeltaFrame)));
    (void)reassembler->push(frames[0][0], 0);
    (void)reassembler->push(frames[16][0], 0);
    EXPECT_EQ(reassembler->stats().frames_dropped, 0u);
    (void)reassembler->push(frames[17][0], 0);
    EXPECT_EQ(reassembler->stats().frames_dropped, 1u);
    EXPECT_FALSE(reassembler->push(frames[0][1], 0));
    EXPECT_EQ(reassembler->stats().packets_dropped, 1u);
    EXPECT_TRUE(reassembler->push(frames[1][0], 0) || reassembler->push(frames[1][1], 0))
        << "the edge of the window still completes";
}

TEST(Session, TheFrameIndexWraps) {
    auto reassembler = Reassembler::create(small_config());
    auto packetizer = Packetizer::create(small_config());
    uint32_t index = 0xFFFFFFF0;
    for (int i = 0; i < 64; ++i, ++index) {
        int completed = 0;
        for (Bytes packet : packets_of(*packetizer->packetize(lcg(index, 300), 0, kDeltaFrame))) {
            PacketHeader header = load_header(std::span<const uint8_t>(packet).first<40>());
            header.frame_index = index;
            store_header(header, std::span(packet).first<40>());
            if (const auto frame = reassembler->push(packet, 0)) {
                ++completed;
                EXPECT_TRUE(std::ranges::equal(frame->data, lcg(index, 300))) << index;
            }
        }
        EXPECT_EQ(completed, 1) << index;
    }
    EXPECT_EQ(reassembler->stats().frames_dropped, 0u);
}

TEST(Session, ForgedLengthsDoNotClaimMemory) {
    const SessionConfig config{.scheme = fec::Scheme::Gf16, .max_data_per_block = 65535 / 2, .shard_payload = 1452};
    auto reassembler = Reassembler::create(config);
    ASSERT_TRUE(reassembler);
    Bytes packet(40 + 1452);
    const uint32_t largest = 64u << 20;
    const uint32_t total = (largest + 1451) / 1452;
    PacketHeader header{.frame_bytes = largest, .shard_bytes = 1452};
    header.block_count = static_cast<uint16_t>((total + config.max_data_per_block - 1) / config.max_data_per_block);
    for (int i = 0; i < 400; ++i, ++header.frame_index) {
        for (header.block_index = 0; header.block_index < header.block_count; ++header.block_index) {
            const uint32_t first = uint32_t{header.block_index} * config.max_data_per_block;
            header.data_shards = static_cast<uint16_t>(std::min<uint32_t>(config.max_data_per_block, total - first));
            header.recovery_shards = static_cast<uint16_t>(header.data_shards / 2);
            header.shard_index = header.data_shards;  // parity, the larger claim
            store_header(header, std::span(packet).first<40>());
            EXPECT_FALSE(reassembler->push(packet, 0));
            EXPECT_LE(reassembler->buffered_bytes(), size_t{256} << 20);
        }
    }
    EXPECT_GT(reassembler->stats().frames_dropped, 0u);
    // A real frame still comes through once the forged ones have left the window.
    auto packetizer = Packetizer::create(config);
    int completed = 0;
    for (int i = 0; i < 20; ++i, ++header.frame_index) {
        for (Bytes real : packets_of(*packetizer->packetize(lcg(7, 100'000), 0, kDeltaFrame))) {
            PacketHeader its = load_header(std::span<const uint8_t>(real).first<40>());
            its.frame_index = header.frame_index;
            store_header(its, std::span(real).first<40>());
            completed += reassembler->push(real, 0) ? 1 : 0;
        }
    }
    EXPECT_GE(completed, 4);
}

TEST(Session, ASteadyStreamReusesItsBuffers) {
    auto packetizer = Packetizer::create(small_config());
    auto reassembler = Reassembler::create(small_config());
    size_t after_first = 0;
    for (int i = 0; i < 100; ++i) {
        for (const Bytes& packet : packets_of(*packetizer->packetize(lcg(3, 3000), 0, kDeltaFrame)))
            (void)reassembler->push(packet, 0);
        if (i == 0) after_first = reassembler->buffered_bytes();
    }
    EXPECT_EQ(reassembler->stats().frames_completed, 100u);
    EXPECT_EQ(reassembler->buffered_bytes(), after_first);
}

TEST(Session, HostilePacketsAreHarmless) {
    EXPECT_TRUE(rc::check("any header", [](Bytes tail) {
        static auto reassembler = Reassembler::create(small_config());
        Bytes packet(40 + 64);
        PacketHeader header{.pts_ns = 1,
                            .frame_index = *rc::gen::arbitrary<uint32_t>(),
                            .frame_bytes = *rc::gen::arbitrary<uint32_t>()};
        header.block_index = *rc::gen::arbitrary<uint16_t>();
        header.block_count = *rc::gen::arbitrary<uint16_t>();
        header.data_shards = *rc::gen::inRange<uint16_t>(0, 20);
        header.recovery_shards = *rc::gen::inRange<uint16_t>(0, 20);
        header.shard_index = *rc::gen::inRange<uint16_t>(0, 20);
        header.shard_bytes = *rc::gen::element<uint16_t>(64, 0, 65535);
        store_header(header, std::span<uint8_t, 40>(packet.data(), 40));
        packet.insert(packet.end(), tail.begin(), tail.end());
        (void)reassembler->push(packet, 0);
        (void)reassembler->push(tail, 0);
    }));
}

TEST(Session, ConfigurationLimits) {
    SessionConfig config = small_config();
    EXPECT_TRUE(config.validate());
    for (const uint16_t payload : {0, 63, 1986}) {
        config = small_config();
        config.shard_payload = payload;
        EXPECT_FALSE(config.validate()) << payload;
    }
    config = small_config(true);
    config.key.key = {};
    EXPECT_FALSE(config.validate());
    config = {.scheme = fec::Scheme::Gf8, .fec_percent = 50, .max_data_per_block = 200};
    EXPECT_FALSE(config.validate()) << "200 + 100 shards are over 255";
    config = {.scheme = fec::Scheme::Gf16, .fec_percent = 50, .max_data_per_block = 40000};
    EXPECT_FALSE(config.validate()) << "20000 are rounded up to 32768, and with 40000 over 65536";
    config.max_data_per_block = 32768;
    EXPECT_TRUE(config.validate());
    config = small_config();
    config.max_frame_bytes = ~uint64_t{0};
    EXPECT_FALSE(config.validate()) << "more than 65535 blocks, however the sum is done";
}

TEST(Session, AFrameCrossesRealSockets) {
    const auto loopback = net::Endpoint::parse("127.0.0.1", 0).value();
    auto host_socket = net::UdpSocket::bind(loopback), client_socket = net::UdpSocket::bind(loopback);
    ASSERT_TRUE(host_socket && client_socket);
    const auto host_at = host_socket->local_endpoint().value(), client_at = client_socket->local_endpoint().value();
    const SessionConfig config{.scheme = fec::Scheme::Gf16,
                               .fec_percent = 20,
                               .max_data_per_block = 4096,
                               .shard_payload = 1408,
                               .encrypt = true,
                               .key = crypto::random_session_key()};
    auto receiver = VideoReceiver::create(config, std::move(*client_socket), host_at);
    ASSERT_TRUE(receiver);
    ASSERT_TRUE(receiver->poll(1ms, -1, [](const Frame&) {}));  // punches
    auto fallback = client_at;
    fallback.set_port(1);  // wrong on purpose: the punch must be what counts
    const auto peer = await_punch(*host_socket, fallback, 2s, -1);
    ASSERT_TRUE(peer);
    EXPECT_EQ(peer->port(), client_at.port());
    auto sender = VideoSender::create(config, std::move(*host_socket));
    ASSERT_TRUE(sender);
    for (const size_t size : {0u, 1u, 1408u, 50'000u, 400'000u}) {
        const Bytes frame = lcg(static_cast<uint32_t>(size), size);
        ASSERT_TRUE(sender->send(frame, 42, kKeyframe));
        bool arrived = false;
        for (int i = 0; i < 200 && !arrived; ++i) {
            ASSERT_TRUE(receiver->poll(20ms, -1, [&](const Frame& out) {
                arrived = true;
                EXPECT_TRUE(std::ranges::equal(out.data, frame));
                EXPECT_EQ(out.user_flags, kKeyframe);
            }));
        }
        EXPECT_TRUE(arrived) << size;
    }
    EXPECT_LT(sender->socket_stats().system_calls, sender->socket_stats().packets) << "packets travel in batches";
}

}  // namespace punktfunk::session
