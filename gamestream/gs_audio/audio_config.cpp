#include "punktfunk/gs_audio/audio_config.hpp"

namespace punktfunk::gs_audio {

Result<void> AudioConfig::validate() const {
    if (packet_duration.count() != 5 && packet_duration.count() != 10) {
        return fail(ErrorCode::InvalidArgument, "audio packets of {} ms are not 5 or 10 ms long",
                    packet_duration.count());
    }
    return {};
}

size_t AudioConfig::max_opus_bytes() const {
    return key ? kMaxPayloadBytes - 1 : kMaxPayloadBytes;  // the padding takes one byte at least
}

}  // namespace punktfunk::gs_audio
