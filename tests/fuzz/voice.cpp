// A client's microphone: any packets, played at any pace, become samples and nothing worse.
#include <cmath>

#include "jitter_buffer.hpp"
#include "punktfunk/opus/opus_codec.hpp"
#include "require.hpp"

using namespace punktfunk;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t kChannels = 2;
    auto decoder = opus::Decoder::create(kChannels);
    audio::JitterBuffer jitter(kChannels);
    std::vector<float> played;
    // A byte says how long the next packet is, another how much the device takes after it.
    ByteReader reader({data, size});
    while (const auto length = reader.read<uint8_t>()) {
        const auto packet = reader.take(std::min<size_t>(*length, reader.remaining()));
        if (const auto samples = decoder->decode(*packet)) {
            REQUIRE(samples->size() <= opus::kMaxFrame * kChannels && samples->size() % kChannels == 0);
            jitter.push(*samples);
        }
        played.assign(size_t{reader.read<uint8_t>().value_or(0)} * 8 * kChannels, NAN);
        jitter.pull(played);
        for (const float sample : played) REQUIRE(std::isfinite(sample));
    }
    return 0;
}
