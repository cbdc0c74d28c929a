// What DESCRIBE tells a client about the host (spec §4.6).
#pragma once

#include <string>

#include "stream_config.hpp"

namespace punktfunk::rtsp {

struct Offer {
    nvhttp::CodecSupport codecs;
    bool pen_and_touch = false;
    bool controller_touch_and_motion = false;
    bool invalidates_reference_frames = false;  // only when the encoder really does: clients wait for it after a loss
    Encryption supported{.control = true, .video = true, .audio = true};
    Encryption requested;         // clients turn video and audio on even where their user did not ask for it
    std::string surround_params;  // the client's own layout, from its launch; ignored when it is none
};

[[nodiscard]] std::string describe(const Offer& offer);

}  // namespace punktfunk::rtsp
