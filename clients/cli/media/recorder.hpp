// Received access units into an MP4 file as they are, without encoding again. The file plays whenever it ends, up to
// its last whole second; the size of the picture may change in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "video_decoder.hpp"

namespace punktfunk::media {

struct RecorderConfig {
    Codec codec = Codec::H264;
    uint32_t width = 0, height = 0, refresh_hz = 60;
};

class Recorder {
  public:
    // Opens the file at once, so that a bad path is known before anything is streamed.
    static Result<std::unique_ptr<Recorder>> open(const std::filesystem::path& file, const RecorderConfig& config);
    ~Recorder();  // ends the file, if finish() did not

    // In decoding order. Everything before the first keyframe is left out. pts_ns is the host's clock.
    Result<void> write(ByteView access_unit, uint64_t pts_ns, bool keyframe);
    // Writes what is left.
    Result<void> finish();

  private:
    struct State;
    explicit Recorder(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::media
