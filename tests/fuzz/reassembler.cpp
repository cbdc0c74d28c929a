// Opened packets with forged headers, many of them on one Reassembler. Every completed frame is as long as it said,
// every packet is accounted for, and what is buffered stays within what the session's frames can take.
#include "punktfunk/session/reassembler.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>

#include "require.hpp"

using namespace punktfunk;
using session::kPacketHeaderBytes, session::PacketHeader;

namespace {

constexpr uint16_t kShardBytes = 64, kPerBlock = 8;
constexpr uint32_t kMaxFrameBytes = 1 << 14;
constexpr size_t kMaxPackets = 1000, kMaxBuffered = size_t{16} << 20;

// The packets of a frame as a sender would make them, one after the other: they complete frames, so that the forged
// ones between them meet every state.
class Sender {
  public:
    PacketHeader next(FuzzedDataProvider& input) {
        const auto step = input.ConsumeIntegral<uint8_t>();
        if (step >= 0xC0) {
            frame_ += static_cast<uint32_t>(step) - 0xD0;  // on or back
            position_ = 0;
        }
        constexpr uint32_t kSizes[] = {0, 1, 64, 300, 512, 513, 1500, kMaxFrameBytes};
        PacketHeader header{.frame_index = frame_, .frame_bytes = kSizes[frame_ % 8], .shard_bytes = kShardBytes};
        const size_t total = std::max<size_t>(1, (header.frame_bytes + kShardBytes - 1) / kShardBytes);
        header.block_count = static_cast<uint16_t>((total + kPerBlock - 1) / kPerBlock);
        header.recovery_shards = static_cast<uint16_t>(frame_ / 8 % 9);
        const size_t wide = kPerBlock + header.recovery_shards;
        // Some are lost on the way, and the parity makes up for them.
        position_ += 1 + step % 4 / 3;
        header.block_index = static_cast<uint16_t>(position_ / wide % header.block_count);
        header.data_shards = static_cast<uint16_t>(std::min<size_t>(kPerBlock, total - header.block_index * kPerBlock));
        header.shard_index =
            static_cast<uint16_t>(position_ % wide % (size_t{header.data_shards} + header.recovery_shards));
        return header;
    }
    explicit Sender(uint32_t first) : frame_(first) {}

  private:
    uint32_t frame_;
    size_t position_ = 0;
};

void forge_one_field(PacketHeader& header, FuzzedDataProvider& input) {
    const auto value = input.ConsumeIntegral<uint16_t>();
    switch (input.ConsumeIntegralInRange<int>(0, 8)) {
        case 0:
            header.magic = static_cast<uint8_t>(value);
            break;
        case 1:
            header.frame_bytes = value;
            break;
        case 2:
            header.block_index = value;
            break;
        case 3:
            header.block_count = value;
            break;
        case 4:
            header.data_shards = value;
            break;
        case 5:
            header.recovery_shards = value % 20;
            break;
        case 6:
            header.shard_index = value;
            break;
        case 7:
            header.shard_bytes = value;
            break;
        default:
            header.frame_index += value;
            break;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    FuzzedDataProvider input(data, size);
    const session::SessionConfig config{.scheme = input.ConsumeBool() ? fec::Scheme::Gf16 : fec::Scheme::Gf8,
                                        .max_data_per_block = kPerBlock,
                                        .shard_payload = kShardBytes,
                                        .max_frame_bytes = kMaxFrameBytes};
    auto reassembler = session::Reassembler::create(config);
    REQUIRE(reassembler);
    Sender sender(input.ConsumeIntegral<uint32_t>());
    size_t pushed = 0, completed = 0;
    for (; pushed < kMaxPackets && input.remaining_bytes() > 0; ++pushed) {
        const auto how = input.ConsumeIntegral<uint8_t>();
        PacketHeader header;
        if (how < 0x10) {
            std::array<uint8_t, kPacketHeaderBytes> bytes{};
            input.ConsumeData(bytes.data(), bytes.size());
            header = session::load_header(bytes);
        } else {
            header = sender.next(input);
            if (how < 0x30) forge_one_field(header, input);
        }
        Bytes packet(kPacketHeaderBytes + kShardBytes, how);
        session::store_header(header, std::span(packet).first<kPacketHeaderBytes>());
        REQUIRE(session::load_header(std::span<const uint8_t>(packet).first<kPacketHeaderBytes>()) == header);
        if (how >= 0xF0) packet.resize(input.ConsumeIntegralInRange<size_t>(0, packet.size()));  // cut short
        const auto frame = reassembler->push(packet, pushed);
        REQUIRE(reassembler->buffered_bytes() <= kMaxBuffered);
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
