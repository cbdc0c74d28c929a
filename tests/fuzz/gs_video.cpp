// Video datagrams, honest ones, damaged ones and pure inventions, on one Depacketizer. Whatever they claim, a frame is
// no larger than four blocks, every datagram is accounted for, and an undamaged frame in order comes out as it went in.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <vector>

#include "punktfunk/gs_video/depacketizer.hpp"
#include "punktfunk/gs_video/packetizer.hpp"
#include "require.hpp"

using namespace punktfunk;
using namespace punktfunk::gs_video;

namespace {

constexpr size_t kMaxDatagrams = 600;

void read(std::span<const uint8_t> bytes) {
    (void)std::ranges::count(bytes, uint8_t{0});  // the sanitizer must own all of them
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    FuzzedDataProvider input(data, size);
    VideoConfig config{.packet_bytes = 64,
                       .fec_percent = input.ConsumeIntegral<uint8_t>(),
                       .min_fec_packets = input.ConsumeIntegral<uint8_t>()};
    if (input.ConsumeBool()) config.key = gs_media::StreamKey{{1}};
    auto packetizer = Packetizer::create(config).value();
    auto depacketizer = Depacketizer::create(config).value();
    const size_t most = 4 * 1023 * config.payload_bytes();
    uint64_t pushed = 0, completed = 0;
    const auto push = [&](std::span<uint8_t> datagram) {
        ++pushed;
        const auto frame = depacketizer.push(datagram);
        if (!frame) return false;
        ++completed;
        REQUIRE(frame->access_unit.size() <= most && frame->frame_index != 0);
        read(frame->access_unit);
        return true;
    };
    bool honest = true;  // no damaged datagram, which may have been taken for one of a later frame, came before
    while (input.remaining_bytes() > 0 && pushed < kMaxDatagrams) {
        const Bytes access_unit(input.ConsumeIntegralInRange<size_t>(0, 15'000), input.ConsumeIntegral<uint8_t>());
        const auto batch = packetizer.packetize(access_unit, {});
        REQUIRE(batch && batch->arena.size() == batch->count * batch->packet_bytes);
        REQUIRE(batch->packet_bytes == config.datagram_bytes());
        const size_t damage_every = input.ConsumeIntegralInRange<size_t>(0, 20);
        honest = honest && damage_every == 0;
        bool complete = false;
        for (size_t i = 0; i < batch->count; ++i) {
            const auto sent = batch->arena.subspan(i * batch->packet_bytes, batch->packet_bytes);
            Bytes datagram(sent.begin(), sent.end());
            if (damage_every != 0 && i % damage_every == 0) {
                switch (input.ConsumeIntegralInRange<int>(0, 3)) {
                    case 0:
                        datagram.resize(input.ConsumeIntegralInRange<size_t>(0, datagram.size() + 10));
                        break;
                    case 1:
                        continue;  // lost
                    case 2:
                        datagram = input.ConsumeBytes<uint8_t>(datagram.size());
                        break;
                    default:
                        datagram[input.ConsumeIntegralInRange<size_t>(0, 40)] ^= input.ConsumeIntegral<uint8_t>();
                }
            }
            complete = push(datagram) || complete;
        }
        REQUIRE(!honest || complete);
    }
    const ReceiveStats& stats = depacketizer.stats();
    REQUIRE(stats.packets == pushed && stats.frames == completed && stats.late + stats.malformed <= pushed);
    return 0;
}
