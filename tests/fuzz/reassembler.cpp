// Opened packets with forged headers, many of them on one Reassembler. Every completed frame is as long as it said and
// every packet is accounted for; memory is bounded by the fuzzer's own limit.
#include "punktfunk/session/reassembler.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>

#include "require.hpp"

using namespace punktfunk;
using session::kPacketHeaderBytes, session::PacketHeader;

namespace {

constexpr uint16_t kShardBytes = 64;
constexpr size_t kMaxPackets = 1000;

// Half of the headers are near enough to good ones to get somewhere; the others are any bytes.
PacketHeader header_from(FuzzedDataProvider& input, uint32_t& frame, bool near) {
    std::array<uint8_t, kPacketHeaderBytes> bytes{};
    if (!near) {
        input.ConsumeData(bytes.data(), bytes.size());
        return session::load_header(bytes);
    }
    frame += static_cast<uint32_t>(input.ConsumeIntegral<int8_t>()) / 8;
    PacketHeader header{.frame_index = frame, .shard_bytes = kShardBytes};
    header.frame_bytes = input.ConsumeIntegral<uint16_t>();
    header.block_count = input.ConsumeIntegralInRange<uint16_t>(1, 4);
    header.block_index = input.ConsumeIntegralInRange<uint16_t>(0, 4);
    header.data_shards = input.ConsumeIntegralInRange<uint16_t>(0, 9);
    header.recovery_shards = input.ConsumeIntegralInRange<uint16_t>(0, 9);
    header.shard_index = input.ConsumeIntegralInRange<uint16_t>(0, 17);
    return header;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    FuzzedDataProvider input(data, size);
    const session::SessionConfig config{.scheme = input.ConsumeBool() ? fec::Scheme::Gf16 : fec::Scheme::Gf8,
                                        .max_data_per_block = 8,
                                        .shard_payload = kShardBytes,
                                        .max_frame_bytes = 1 << 14};
    auto reassembler = session::Reassembler::create(config);
    REQUIRE(reassembler);
    auto frame_index = input.ConsumeIntegral<uint32_t>();
    size_t pushed = 0, completed = 0;
    for (; pushed < kMaxPackets && input.remaining_bytes() > 0; ++pushed) {
        const auto how = input.ConsumeIntegral<uint8_t>();
        const PacketHeader header = header_from(input, frame_index, how % 2 == 0);
        Bytes packet(kPacketHeaderBytes + kShardBytes, how);
        session::store_header(header, std::span(packet).first<kPacketHeaderBytes>());
        REQUIRE(session::load_header(std::span<const uint8_t>(packet).first<kPacketHeaderBytes>()) == header);
        if (how >= 0xF0) packet.resize(input.ConsumeIntegralInRange<size_t>(0, packet.size()));  // cut short
        const auto frame = reassembler->push(packet, pushed);
        if (!frame) continue;
        ++completed;
        REQUIRE(frame->data.size() == header.frame_bytes && frame->frame_index == header.frame_index);
        REQUIRE(frame->first_packet_ns <= pushed);
        // Reads every byte: the sanitizer must own all of them.
        (void)std::ranges::count(frame->data, uint8_t{0});
    }
    const auto& stats = reassembler->stats();
    REQUIRE(stats.packets_received == pushed && stats.frames_completed == completed && stats.packets_dropped <= pushed);
    return 0;
}
