// The key of one launch ("rikey"). The control stream, the video and the audio are all encrypted under it; what keeps
// their nonces apart is said where each of them is made.
#pragma once

#include <array>
#include <cstdint>

namespace punktfunk::gs_media {

struct StreamKey {
    std::array<uint8_t, 16> bytes{};
    ~StreamKey();  // wipes it
};

}  // namespace punktfunk::gs_media
