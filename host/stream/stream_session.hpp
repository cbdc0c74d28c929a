// One client's stream: display -> capture -> encode -> sink, with its input, and how it heals itself (spec §8.6).
//
// What breaks is made anew from the lowest broken part up, so that an encoder that fails does not cost the user his
// programs: encoder; capture and encoder; display (its desktop starts again), capture and encoder.
//
// It owns these threads: capture+encode (which also makes the display and removes it), send, input, sound, and, once
// the client has spoken, microphone. Methods may be
// called from any thread and never block; the destructor stops and joins, which takes as long as the compositor takes
// to remove the output: destroy sessions through a Reaper when the caller must not wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "punktfunk/audio/microphone.hpp"
#include "punktfunk/audio/sound_capture.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/capture/frame_source.hpp"
#include "punktfunk/devices/device_terms.hpp"
#include "punktfunk/display/display.hpp"
#include "punktfunk/encode/video_encoder.hpp"
#include "punktfunk/input/input_sink.hpp"
#include "punktfunk/opus/opus_codec.hpp"
#include "punktfunk/stream/sound_sink.hpp"
#include "punktfunk/stream/thumbnail.hpp"
#include "punktfunk/stream/video_sink.hpp"

namespace punktfunk::stream {

using OpenSound =
    std::function<Result<std::unique_ptr<audio::SoundCapture>>(const display::SoundTarget&, const audio::SoundFormat&)>;
using OpenMicrophone = std::function<Result<std::unique_ptr<audio::Microphone>>(const display::SoundTarget&)>;

// The parts a session is made of. The factories are called on the session's threads and must outlive it.
struct PipelineParts {
    display::DisplayBackend* display = nullptr;
    std::function<Result<std::unique_ptr<capture::FrameSource>>(const display::WaylandTarget&)> open_capture;
    std::function<Result<std::unique_ptr<encode::VideoEncoder>>(const encode::EncoderConfig&)> open_encoder;
    std::function<Result<std::unique_ptr<input::InputSink>>(const display::WaylandTarget&, const input::KeyboardLocks&)>
        open_input;
    OpenSound open_sound;            // empty: no sound
    OpenMicrophone open_microphone;  // empty: no microphone
};

struct StreamConfig {
    display::Mode mode;
    encode::Codec codec = encode::Codec::Hevc;
    uint32_t bitrate_kbps = 20000;
    uint32_t slices = 1;                       // see encode::EncoderConfig
    bool more_slices = false;                  // the same
    std::string label;                         // for the log: the client's name
    size_t max_unit_bytes = size_t{64} << 20;  // a larger access unit is never sent
    encode::Colour colour;
    size_t aim_unit_bytes = SIZE_MAX;  // the encoder is told to stay below this, too
    opus::EncoderConfig sound;
    bool send_silence = false;  // when nothing plays, too
    devices::Rights rights;     // in the beginning
};

struct StreamCallbacks {
    // Display, capture and encoder work: the text names the encoder. Or why they do not.
    std::function<void(Result<std::string> encoder_name)> ready;
    // The session has ended by itself (sink failed, source beyond healing). Not called for a destroyed session.
    std::function<void(Error reason)> ended;
    // A mode switch has been carried out, or refused; the mode is the one in force.
    std::function<void(bool accepted, display::Mode mode)> mode_changed;
    // Something broke and has been made anew: how long no picture was sent.
    std::function<void(std::chrono::milliseconds gap)> gap;
};

struct Percentiles {
    int64_t p50_us = 0, p95_us = 0, p99_us = 0;
};

struct StreamStats {
    uint64_t frames_captured = 0, frames_encoded = 0, frames_repeated = 0, keyframes = 0, bytes = 0, rebuilds = 0;
    uint64_t sound_packets = 0, too_large = 0;  // too_large: access units over max_unit_bytes
    // Of the last thousand new pictures: from the compositor's presentation to the copy in our hands; conversion and
    // encoder; and what the host itself adds, from the picture in its hands to the last packet in the kernel's, less
    // the encode.
    Percentiles copy, encode, host;
    // Parts of `host`: waiting for the send thread, and from there into the kernel.
    Percentiles queue, send;
    size_t samples = 0;             // that the percentiles are of
    double fps = 0, sent_kbps = 0;  // pictures and their bits in the last second
};

class StreamSession {
  public:
    // Starts building the pipeline at once; callbacks come from the session's threads.
    StreamSession(PipelineParts parts, StreamConfig config, StreamCallbacks callbacks);
    ~StreamSession();
    StreamSession(const StreamSession&) = delete;
    StreamSession& operator=(const StreamSession&) = delete;

    // Every part ends, each in its own time; the destructor waits for that.
    void stop();
    // After `ready`: opens the sink and streams, beginning with a keyframe. Once.
    void begin(std::unique_ptr<VideoSink> sink, std::unique_ptr<SoundSink> sound = nullptr);
    void request_keyframe();  // several before the next frame are one
    // From the next frame. A rate of less than half means that the path has collapsed: what is encoded but not sent
    // would only stand in the way, so it is dropped, and the stream goes on with a keyframe.
    void set_bitrate(uint32_t kbps);
    void reconfigure(const display::Mode& mode);  // the newest wins
    void inject(const wire::InputEvent& event);   // in order; bounded: see InputQueue
    void play_microphone(ByteView opus);          // what the client says; bounded, what does not fit is lost
    // What the client may do beside watching, whatever protocol it speaks (game controllers are their channel's
    // business). What it held when the right went is released at once, and what was still on its way is lost.
    void set_rights(const devices::Rights& rights);
    // A small picture of what is shown; `done` is called once, on some thread, and must be quick. NotAvailable before
    // the first picture.
    void take_thumbnail(ThumbnailRequests::Done done);
    [[nodiscard]] StreamStats stats() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::stream
