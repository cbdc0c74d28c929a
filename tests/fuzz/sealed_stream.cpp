// The whole way of a video packet, as a network may treat it: sealed packets of real frames come late, twice, damaged,
// or not at all, between forged ones. Every frame that comes out is one that went in, unchanged, and comes out once.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <map>
#include <vector>

#include "punktfunk/session/packetizer.hpp"
#include "punktfunk/session/reassembler.hpp"
#include "require.hpp"

using namespace punktfunk;

namespace {

constexpr size_t kMaxFrames = 12, kMaxFrameBytes = 1500, kMaxSteps = 2000;
enum Step { kDeliver, kDamage, kCut, kForge, kForgeSealed, kLast = kForgeSealed };

struct Traffic {
    std::vector<Bytes> frames, packets;
};

Traffic traffic_from(FuzzedDataProvider& input, const session::SessionConfig& config) {
    auto packetizer = session::Packetizer::create(config);
    REQUIRE(packetizer);
    Traffic traffic;
    const auto count = input.ConsumeIntegralInRange<size_t>(1, kMaxFrames);
    for (size_t f = 0; f < count; ++f) {
        Bytes frame(input.ConsumeIntegralInRange<size_t>(0, kMaxFrameBytes));
        for (size_t i = 0; i < frame.size(); ++i) frame[i] = static_cast<uint8_t>(i * 31 + i / 256 + f);
        const auto batch = packetizer->packetize(frame, f, session::kDeltaFrame);
        REQUIRE(batch && batch->packet_bytes == config.wire_bytes());
        for (size_t p = 0; p < batch->count; ++p) {
            const auto packet = batch->arena.subspan(p * batch->packet_bytes, batch->packet_bytes);
            traffic.packets.emplace_back(packet.begin(), packet.end());
        }
        traffic.frames.push_back(std::move(frame));
    }
    return traffic;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    FuzzedDataProvider input(data, size);
    const session::SessionConfig config{.scheme = input.ConsumeBool() ? fec::Scheme::Gf16 : fec::Scheme::Gf8,
                                        .fec_percent = input.ConsumeIntegralInRange<uint8_t>(0, 90),
                                        .max_data_per_block = input.ConsumeIntegralInRange<uint16_t>(1, 12),
                                        .shard_payload = 64,
                                        .max_frame_bytes = kMaxFrameBytes,
                                        .encrypt = true,
                                        .key = {.key = {1, 2, 3}, .salt = {4, 5, 6, 7}}};
    const Traffic traffic = traffic_from(input, config);
    auto opener = crypto::Opener::create(config.key, crypto::Direction::HostToClient);
    auto reassembler = session::Reassembler::create(config);
    REQUIRE(opener && reassembler);

    std::vector<bool> opened(traffic.packets.size()), completed(traffic.frames.size());
    size_t next = 0;
    for (size_t steps = 0; steps < kMaxSteps && input.remaining_bytes() > 0; ++steps) {
        const int step = input.ConsumeIntegralInRange<int>(0, kLast + 8) - 8;  // mostly plain deliveries
        next = (next + static_cast<size_t>(input.ConsumeIntegral<uint8_t>())) % traffic.packets.size();
        Bytes packet = traffic.packets[next];
        bool genuine = false;
        switch (step) {
            case kDamage:
                packet[input.ConsumeIntegral<uint8_t>() % packet.size()] ^=
                    input.ConsumeIntegralInRange<uint8_t>(1, 255);
                break;
            case kCut:
                packet.resize(input.ConsumeIntegralInRange<size_t>(0, packet.size() - 1));
                break;
            case kForge:
                packet = input.ConsumeBytes<uint8_t>(input.ConsumeIntegral<uint8_t>());
                break;
            case kForgeSealed:
                // Any bytes under the wrong direction's nonce: a packet of our own, sent back to us.
                if (auto sealer = crypto::Sealer::create(config.key, crypto::Direction::ClientToHost))
                    sealer->seal_in_place(packet);
                break;
            default:
                genuine = true;
                break;
        }
        const auto plain = opener->open_in_place(packet);
        REQUIRE((plain.data() != nullptr) == (genuine && !opened[next]));
        if (plain.data() == nullptr) continue;
        opened[next] = true;
        REQUIRE(plain.size() == config.packet_bytes());
        const auto frame = reassembler->push(plain, steps);
        if (!frame) continue;
        REQUIRE(frame->frame_index < traffic.frames.size() && !completed[frame->frame_index]);
        completed[frame->frame_index] = true;
        REQUIRE(frame->pts_ns == frame->frame_index && frame->user_flags == session::kDeltaFrame);
        REQUIRE(std::ranges::equal(frame->data, traffic.frames[frame->frame_index]));
    }
    // Fewer frames than the window holds: with every packet here, every frame is.
    if (std::ranges::all_of(opened, std::identity{})) REQUIRE(std::ranges::all_of(completed, std::identity{}));
    return 0;
}
