// Audio datagrams, honest ones, damaged ones and pure inventions, on one Depacketizer.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>

#include "punktfunk/gs_audio/depacketizer.hpp"
#include "punktfunk/gs_audio/packetizer.hpp"
#include "require.hpp"

using namespace punktfunk;
using namespace punktfunk::gs_audio;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    FuzzedDataProvider input(data, size);
    AudioConfig config;
    if (input.ConsumeBool()) config.key = AudioKey{{{1}}, input.ConsumeIntegral<uint32_t>()};
    auto packetizer = Packetizer::create(config).value();
    auto depacketizer = Depacketizer::create(config).value();
    const Bytes opus(input.ConsumeIntegralInRange<size_t>(1, config.max_opus_bytes()), 7);
    uint64_t pushed = 0, delivered = 0;
    const auto push = [&](ByteView datagram) {
        ++pushed;
        for (const ReceivedAudio& packet : depacketizer.push(datagram)) {
            ++delivered;
            REQUIRE(packet.opus.size() <= kMaxPayloadBytes);
            (void)std::ranges::count(packet.opus, uint8_t{0});  // the sanitizer must own all of them
        }
    };
    while (input.remaining_bytes() > 0 && pushed < 600) {
        const auto sent = packetizer.packetize(opus).value();
        for (const ByteView whole : sent) {
            Bytes datagram(whole.begin(), whole.end());
            switch (input.ConsumeIntegralInRange<int>(0, 7)) {
                case 0:
                    datagram.resize(input.ConsumeIntegralInRange<size_t>(0, datagram.size() + 10));
                    break;
                case 1:
                    continue;  // lost
                case 2:
                    datagram = input.ConsumeBytes<uint8_t>(input.ConsumeIntegralInRange<size_t>(0, 1500));
                    break;
                case 3:
                    datagram[input.ConsumeIntegralInRange<size_t>(0, datagram.size() - 1)] ^=
                        input.ConsumeIntegral<uint8_t>();
                    break;
                default:
                    break;
            }
            push(datagram);
        }
    }
    const ReceiveStats& stats = depacketizer.stats();
    REQUIRE(stats.packets == pushed && stats.delivered == delivered && stats.recovered <= delivered);
    return 0;
}
