// What the threads of a StreamSession share, and what each does.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "frame_turns.hpp"
#include "handover_queue.hpp"
#include "input_queue.hpp"
#include "mic_stream.hpp"
#include "mode_switch.hpp"
#include "pipeline.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/stream/stream_session.hpp"
#include "sound_stream.hpp"
#include "stage_latencies.hpp"

namespace punktfunk::stream {

struct StreamSession::State {
    State(PipelineParts session_parts, StreamConfig session_config, StreamCallbacks session_callbacks);

    const PipelineParts parts;
    StreamConfig config;  // capture thread only
    const StreamCallbacks callbacks;

    UniqueFd wake;       // an eventfd: ends a wait for a frame
    UniqueFd stop_wake;  // readable for good once stopping
    HandoverQueue queue;
    InputQueue input;

    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_ptr<VideoSink> sink;           // set by begin()
    bool sink_open = false;                    // the send thread has found the client
    bool failed = false;                       // `ended` has been called
    std::optional<display::Mode> wanted_mode;  // newest reconfigure
    std::optional<uint32_t> wanted_bitrate;
    uint32_t bitrate_kbps = 0;                           // the newest asked for
    std::optional<display::WaylandTarget> input_target;  // newest display, for the input thread
    uint64_t input_generation = 0;
    std::atomic<bool> keyframe_wanted{false};
    std::atomic<uint64_t> units{0};          // the number of the access unit that was encoded last, or is being
    std::atomic<uint64_t> discard_until{0};  // access units up to this number are not sent any more
    display::SoundTarget sound_target;       // of the newest display
    std::unique_ptr<SoundStream> sound;      // made with the session
    std::unique_ptr<SoundSink> sound_sink;   // from begin() until the first picture is on its way
    std::unique_ptr<MicStream> mic;          // made by the client's first packet

    std::atomic<uint64_t> captured{0}, encoded{0}, repeated{0}, keyframes{0}, bytes{0}, rebuilds{0}, too_large{0};
    StageLatencies latencies;
    ThumbnailRequests thumbnails;
    std::atomic<bool> thumbnail_wanted{false}, may_speak{true};

    // capture_thread.cpp
    void run_capture(const std::stop_token& stop);
    void make_and_stream(Pipeline& pipeline, const std::stop_token& stop);
    Result<void> make_with_retry(Pipeline& pipeline, Broken from, const std::stop_token& stop);
    Result<void> heal(Pipeline& pipeline, Broken broken, int breaks, const std::stop_token& stop);
    std::optional<Broken> stream_until_broken(Pipeline& pipeline, const std::stop_token& stop);
    std::optional<Broken> encode_and_hand_over(Pipeline& pipeline, const capture::Frame& frame, bool repeat,
                                               const std::stop_token& stop);
    void follow_requests(Pipeline& pipeline);
    void serve_thumbnails(const capture::Frame& frame) {
        if (thumbnail_wanted.exchange(false)) thumbnails.serve(frame);
    }
    std::optional<Broken> follow_switch(Pipeline& pipeline);
    void finish_switch(Pipeline& pipeline);
    void refuse_switch(const Error& why);
    void publish_targets(Pipeline& pipeline);
    void pause(std::chrono::milliseconds duration, const std::stop_token& stop);
    void squeeze_encoder(Pipeline& pipeline, size_t unit_bytes);
    void relax_encoder(Pipeline& pipeline);
    [[nodiscard]] bool keyframe_due() const { return keyframe_wanted && SteadyClock::now() >= next_keyframe; }

    // stream_session.cpp
    void run_send(const std::stop_token& stop);
    void start_sound();
    void run_input(const std::stop_token& stop);
    void end_with(Error reason);
    void poke() const;

    // Capture thread only.
    std::optional<ModeSwitch> switching;
    FrameTurns turns;
    uint64_t last_pts_ns = 0;
    SteadyClock::time_point next_keyframe{}, last_hand_over{};
    bool healing = false;  // no frame since the last break
    int breaks = 0;        // in a row, without a frame between them
    int squeeze = 0;       // the encoder runs at the rate shifted so far, because of an access unit that was too large
    SteadyClock::time_point squeezed_at{};

    // Last, so that they are joined before anything they use goes.
    std::jthread send_thread, input_thread, capture_thread;
};

}  // namespace punktfunk::stream
