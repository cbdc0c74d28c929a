#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <random>

#include "packet_layout.hpp"
#include "punktfunk/gs_video/depacketizer.hpp"
#include "punktfunk/gs_video/fec_plan.hpp"
#include "punktfunk/gs_video/packetizer.hpp"

namespace punktfunk::gs_video {
namespace {

Bytes noise(uint32_t seed, size_t length) {
    Bytes bytes(length);
    std::mt19937 random(seed);
    std::ranges::generate(bytes, std::ref(random));
    return bytes;
}

std::vector<Bytes> datagrams_of(const PacketBatch& batch) {
    std::vector<Bytes> datagrams;
    for (size_t i = 0; i < batch.count; ++i) {
        const auto datagram = batch.arena.subspan(i * batch.packet_bytes, batch.packet_bytes);
        datagrams.emplace_back(datagram.begin(), datagram.end());
    }
    return datagrams;
}

// Hands over copies: the depacketizer decrypts in place.
std::optional<Bytes> deliver(Depacketizer& depacketizer, const std::vector<Bytes>& datagrams) {
    std::optional<Bytes> whole;
    for (Bytes datagram : datagrams) {
        const auto frame = depacketizer.push(datagram);
        if (frame) whole.emplace(frame->access_unit.begin(), frame->access_unit.end());
    }
    return whole;
}

gs_media::StreamKey some_key() {
    return {{1, 2, 3}};
}

TEST(FecPlan, EveryBlockIsWhatTheClientDerives) {
    for (unsigned percent = 1; percent <= 255; ++percent) {
        for (const uint8_t least : {0, 1, 2, 3, 9, 255}) {
            for (size_t total = 1; total <= most_data_packets(20); ++total) {
                const auto plan = plan_fec(total, static_cast<uint8_t>(percent), least);
                ASSERT_TRUE(plan);
                size_t data = 0;
                for (const FecBlock& block : plan->blocks()) {
                    const size_t parity = (block.data * block.percent + 99) / 100;
                    if (block.data == 0 || block.parity == 0 || block.parity != parity || block.data + parity > 255 ||
                        (least <= 2 && block.parity < least)) {
                        FAIL() << total << " packets at " << percent << " %: " << block.data << " + " << block.parity;
                    }
                    data += block.data;
                }
                ASSERT_EQ(data, total);
            }
        }
    }
}

TEST(FecPlan, ProtectionFadesWithoutACliff) {
    double before = 0;
    for (size_t total = 1; total <= most_data_packets(20); ++total) {
        const auto plan = plan_fec(total, 20, 0);
        const double parity = static_cast<double>(plan->packets() - total);
        const int percent = plan->blocks()[0].percent;
        EXPECT_TRUE(total <= most_fully_protected_packets(20) ? percent == 20 : percent < 20) << total;
        const double share = parity / static_cast<double>(total);
        // Of few packets, one more or less is many percent.
        if (total > 100) {
            EXPECT_GT(share, before - 0.02) << total;
        }
        before = share;
    }
    EXPECT_EQ(most_data_packets(20), 1008u);
    EXPECT_FALSE(plan_fec(1009, 20, 2));
    EXPECT_TRUE(plan_fec(4092, 0, 2));
    EXPECT_FALSE(plan_fec(4093, 0, 2));
}

TEST(Packetizer, SaysHowLargeAFrameCanBe) {
    for (const uint8_t percent : {0, 1, 20, 255}) {
        const VideoConfig config{.packet_bytes = 64, .fec_percent = percent};
        auto packetizer = Packetizer::create(config).value();
        auto depacketizer = Depacketizer::create(config).value();
        const Bytes largest = noise(percent, max_frame_bytes(config));
        const auto refused = packetizer.packetize(noise(1, largest.size() + 1), {});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::Unsupported);
        EXPECT_EQ(packetizer.next_frame_index(), 1u);
        const auto batch = packetizer.packetize(largest, {});
        ASSERT_TRUE(batch);
        EXPECT_EQ(deliver(depacketizer, datagrams_of(*batch)), largest);
        EXPECT_EQ(batch->count > config.data_packets(largest.size()), percent != 0);
        if (percent == 0) continue;
        const auto plan = plan_fec(config.data_packets(max_fully_protected_bytes(config)), percent, 0);
        EXPECT_EQ(plan->blocks()[0].percent, percent);
        EXPECT_LE(max_fully_protected_bytes(config), max_frame_bytes(config));
    }
}

TEST(Packetizer, RefusesAPacketSizeThatNoClientSends) {
    for (const uint16_t size : {0, 48, 65, 1390, 9008, 65535}) {
        EXPECT_EQ(Packetizer::create({.packet_bytes = size}).error().code, ErrorCode::InvalidArgument) << size;
        EXPECT_EQ(Depacketizer::create({.packet_bytes = size}).error().code, ErrorCode::InvalidArgument) << size;
    }
}

TEST(Packetizer, NumbersRunOnOverFramesAndWraps) {
    auto packetizer = Packetizer::create({.packet_bytes = 64}).value();
    auto depacketizer = Depacketizer::create({.packet_bytes = 64}).value();
    uint32_t packets = 0, data_packets = 0;
    for (uint32_t frame = 1; packets < 70'000; ++frame) {
        const Bytes access_unit = noise(frame, 20'000);
        const auto batch = packetizer.packetize(access_unit, {}).value();
        EXPECT_EQ(batch.frame_index, frame);
        for (const Bytes& datagram : datagrams_of(batch)) {
            ASSERT_EQ(load_be<uint16_t>(&datagram[2]), static_cast<uint16_t>(packets++));
            const auto nv = NvHeader::load(&datagram[16]);
            if (nv.shard >= nv.data_shards) continue;
            ASSERT_EQ(nv.packet_index, data_packets++);
        }
        ASSERT_EQ(deliver(depacketizer, datagrams_of(batch)), access_unit);
    }
    Bytes shard(16);
    NvHeader{.packet_index = kPacketIndexMask + 2}.store_protected(shard.data());
    EXPECT_EQ(NvHeader::load(shard.data()).packet_index, 1u);
}

TEST(Packetizer, TimestampsAreNeverZero) {
    using namespace std::chrono_literals;
    EXPECT_EQ(rtp_timestamp(0ns), 1u);
    EXPECT_EQ(rtp_timestamp(1s), 90'000u);
    EXPECT_EQ(rtp_timestamp(std::chrono::nanoseconds(16'666'667)), 1500u);
    EXPECT_EQ(rtp_timestamp(std::chrono::hours(14)), static_cast<uint32_t>(14ull * 3600 * 90'000));
}

// A frame's datagrams on their way: some lost in each block, some twice, those of a block in any order.
struct Journey {
    std::vector<Bytes> arrived;
    bool decodable = true;
};

Journey travel(const std::vector<Bytes>& datagrams, const FecPlan& plan, bool too_much, std::mt19937& random) {
    Journey journey;
    auto next = datagrams.begin();
    for (const FecBlock& block : plan.blocks()) {
        std::vector<Bytes> some(next, next + static_cast<ptrdiff_t>(block.data + block.parity));
        next += static_cast<ptrdiff_t>(some.size());
        std::ranges::shuffle(some, random);
        const size_t lost = too_much ? block.parity + 1 : random() % (block.parity + 1);
        some.resize(some.size() - std::min(lost, some.size()));
        journey.decodable = journey.decodable && some.size() >= block.data;
        for (size_t twice = random() % 4; twice > 0 && !some.empty(); --twice)
            some.push_back(some[random() % some.size()]);
        std::ranges::shuffle(some, random);
        journey.arrived.insert(journey.arrived.end(), some.begin(), some.end());
    }
    return journey;
}

TEST(Depacketizer, RestoresWhatTheParityCovers) {
    EXPECT_TRUE(rc::check("loss within the parity, duplicates, any order within a block", [] {
        VideoConfig config{.packet_bytes = static_cast<uint16_t>(16 * *rc::gen::inRange(4, 90)),
                           .fec_percent = *rc::gen::inRange<uint8_t>(0, 101),
                           .min_fec_packets = *rc::gen::inRange<uint8_t>(0, 5)};
        if (*rc::gen::arbitrary<bool>()) config.key = some_key();
        auto packetizer = Packetizer::create(config).value();
        auto depacketizer = Depacketizer::create(config).value();
        std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
        uint32_t sent = 0, whole = 0;
        for (int i = 0; i < 4; ++i) {
            const Bytes access_unit = noise(random(), random() % std::min<size_t>(max_frame_bytes(config), 60'000));
            const FrameInfo info{.type = i == 0 ? FrameType::Idr : FrameType::AfterInvalidation,
                                 .rtp_timestamp = static_cast<uint32_t>(random()),
                                 .host_latency = std::chrono::microseconds(100 * (random() % 65536)),
                                 .long_term_reference = random() % 2 == 0};
            const auto batch = packetizer.packetize(access_unit, info).value();
            ++sent;
            const auto plan =
                plan_fec(config.data_packets(access_unit.size()), config.fec_percent, config.min_fec_packets);
            RC_ASSERT(batch.count == plan->packets());
            const auto journey = travel(datagrams_of(batch), *plan, random() % 4 == 0, random);
            bool complete = false;
            for (Bytes datagram : journey.arrived) {
                const auto frame = depacketizer.push(datagram);
                if (!frame) continue;
                RC_ASSERT(!complete);
                complete = true;
                RC_ASSERT(std::ranges::equal(frame->access_unit, access_unit));
                RC_ASSERT(frame->frame_index == sent && frame->type == info.type);
                RC_ASSERT(frame->rtp_timestamp == info.rtp_timestamp && frame->host_latency == info.host_latency);
                RC_ASSERT(frame->long_term_reference == info.long_term_reference);
            }
            RC_ASSERT(complete == journey.decodable);
            whole += complete ? 1 : 0;
        }
        RC_ASSERT(depacketizer.stats().frames == whole && depacketizer.stats().malformed == 0);
        RC_ASSERT(depacketizer.stats().frames_lost <= sent - whole);
    }));
}

TEST(Depacketizer, ALaterFrameEndsAnIncompleteOne) {
    const VideoConfig config{.packet_bytes = 64};
    auto packetizer = Packetizer::create(config).value();
    auto depacketizer = Depacketizer::create(config).value();
    auto first = datagrams_of(packetizer.packetize(noise(1, 400), {}).value());
    packetizer.packetize(noise(2, 400), {}).value();
    const auto third = datagrams_of(packetizer.packetize(noise(3, 400), {}).value());
    const std::vector<Bytes> begin(first.begin(), first.begin() + 2), rest(first.begin() + 2, first.end());
    EXPECT_FALSE(deliver(depacketizer, begin));
    EXPECT_EQ(deliver(depacketizer, third), noise(3, 400));
    EXPECT_EQ(depacketizer.stats().frames_lost, 2u);
    EXPECT_FALSE(deliver(depacketizer, rest));
    EXPECT_EQ(depacketizer.stats().malformed, 0u);
}

// Checklist 37 and 36 of the specification: what a fault of the host would look like.
TEST(Depacketizer, SeesFaultsOfTheHost) {
    const VideoConfig config{.packet_bytes = 64};
    const auto damaged = [&](size_t packet, size_t at, uint8_t change) {
        auto packetizer = Packetizer::create(config).value();
        auto depacketizer = Depacketizer::create(config).value();
        auto datagrams = datagrams_of(packetizer.packetize(noise(1, 400), {}).value());
        datagrams[packet][at] ^= change;
        datagrams.resize(9);  // no parity: data packets only
        return deliver(depacketizer, datagrams).has_value();
    };
    EXPECT_TRUE(damaged(0, 1, 1)) << "the payload type is not looked at";
    EXPECT_FALSE(damaged(0, 24, kFlagStartOfBlock)) << "no start of block";
    EXPECT_FALSE(damaged(8, 24, kFlagEndOfBlock)) << "no end of block";
    EXPECT_FALSE(damaged(3, 17, 1)) << "a gap in the packet index";
    EXPECT_FALSE(damaged(0, 0, 0x10)) << "no extension bit";
    EXPECT_FALSE(damaged(2, 28, 0x10)) << "another percentage";
    EXPECT_FALSE(damaged(0, 32, 0x80)) << "another frame header";
}

TEST(Depacketizer, AnEncryptedStreamTakesNothingElse) {
    VideoConfig config{.packet_bytes = 64, .key = some_key()};
    auto packetizer = Packetizer::create(config).value();
    const auto datagrams = datagrams_of(packetizer.packetize(noise(1, 40), {}).value());
    for (size_t at = 16; at < datagrams[0].size(); ++at) {
        auto depacketizer = Depacketizer::create(config).value();
        Bytes datagram = datagrams[0];
        datagram[at] ^= 1;
        EXPECT_FALSE(depacketizer.push(datagram));
        EXPECT_EQ(depacketizer.stats().malformed, 1u) << at;
    }
    config.key->bytes[0] ^= 1;
    auto stranger = Depacketizer::create(config).value();
    EXPECT_FALSE(deliver(stranger, datagrams));
    EXPECT_EQ(stranger.stats().malformed, datagrams.size());
}

}  // namespace
}  // namespace punktfunk::gs_video
