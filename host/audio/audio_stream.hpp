// One node of ours in a PipeWire graph: what comes in or goes out of it, as interleaved floats at 48 kHz.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "pipewire_connection.hpp"

namespace punktfunk::audio {

struct StreamOptions {
    pw_direction direction = PW_DIRECTION_INPUT;
    const char* media_class = "";  // Audio/Sink, Audio/Source: a device to programs
    std::string name;
    const char* description = "";
    bool default_priority = false;  // whether programs get it that have not chosen one
    uint32_t channels = 2;
    uint32_t latency_samples = 240;
};

class AudioStream {
  public:
    AudioStream() = default;
    ~AudioStream();
    AudioStream(const AudioStream&) = delete;

    // `process` runs on PipeWire's data thread: input to read, or output to fill. A broken stream fails the connection.
    Result<void> open(PipeWireConnection& connection, const StreamOptions& options,
                      std::function<void(std::span<float>)> process);

  private:
    void on_process();

    PipeWireConnection* connection_ = nullptr;
    pw_stream* stream_ = nullptr;
    spa_hook listener_{};
    pw_direction direction_ = PW_DIRECTION_INPUT;
    uint32_t channels_ = 0;
    bool hurried_ = false;
    std::function<void(std::span<float>)> process_;
};

}  // namespace punktfunk::audio
