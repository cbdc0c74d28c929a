// WAV files of any content: read as sound within its bounds, or refused.
#include "punktfunk/media/wav_file.hpp"

#include <algorithm>

#include "require.hpp"

using namespace punktfunk;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto sound = media::parse_wav({data, size});
    if (!sound) return 0;
    REQUIRE(sound->rate > 0 && sound->channels > 0);
    REQUIRE(sound->samples.size() % sound->channels == 0 && sound->samples.size() * 2 <= size);
    REQUIRE(std::ranges::all_of(sound->samples, [](float sample) { return sample >= -1 && sample <= 1; }));
    return 0;
}
