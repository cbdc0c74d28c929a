#include "punktfunk/stream/stream_session.hpp"

#include <poll.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>

#include "handover_queue.hpp"
#include "input_queue.hpp"
#include "punktfunk/base/latency_samples.hpp"
#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::stream {

using namespace std::chrono_literals;

namespace {

constexpr int kBuildAttempts = 4;
constexpr auto kFirstBackoff = 500ms;
constexpr auto kMaxBackoff = 2000ms;
constexpr int kMaxConsecutiveRebuilds = 5;
// After the picture has come to rest a few repeats let the rate control sharpen it; then two frames a
// second keep the path open and tell both ends that the other is there.
constexpr int kSettleFrames = 8;
constexpr auto kKeepAlive = 500ms;
// A client that asks without end gets no more keyframes than this; a patient one waits no longer.
constexpr auto kKeyframeSpacing = 100ms;

struct Pipeline {
    // Destroyed from the bottom up: capture goes before the display it looks at.
    std::unique_ptr<display::VirtualDisplay> display;
    std::unique_ptr<capture::FrameSource> capture;
    std::unique_ptr<encode::VideoEncoder> encoder;

    void close() {
        encoder.reset();
        capture.reset();
        display.reset();
    }
};

constexpr size_t kLatencySamples = 1000;

Percentiles percentiles(const LatencySamples& samples) {
    return {samples.percentile(0.5), samples.percentile(0.95), samples.percentile(0.99)};
}

// Written by the send thread once a frame has left; read whenever somebody asks.
class StageLatencies {
  public:
    void add(const HandoverSlot& frame, uint64_t sent_ns) {
        if (frame.acquired_ns == 0) return;
        const auto us = [](uint64_t from, uint64_t to) { return static_cast<int64_t>(to - from) / 1000; };
        const std::lock_guard lock(mutex_);
        copy_.add(us(frame.pts_ns, frame.acquired_ns));
        encode_.add(static_cast<int64_t>(frame.encode_us));
        host_.add(us(frame.acquired_ns, sent_ns) - static_cast<int64_t>(frame.encode_us));
    }
    void read(StreamStats& stats) const {
        const std::lock_guard lock(mutex_);
        stats.copy = percentiles(copy_);
        stats.encode = percentiles(encode_);
        stats.host = percentiles(host_);
    }

  private:
    mutable std::mutex mutex_;
    LatencySamples copy_{kLatencySamples}, encode_{kLatencySamples}, host_{kLatencySamples};
};

}  // namespace

struct StreamSession::State {
    PipelineParts parts;
    StreamConfig config;
    StreamCallbacks callbacks;

    UniqueFd wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};       // ends a wait for a frame
    UniqueFd stop_wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};  // readable for good once stopping
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

    std::atomic<uint64_t> captured{0}, encoded{0}, repeated{0}, keyframes{0}, bytes{0}, rebuilds{0};
    StageLatencies latencies;

    // Last, so that they are joined before anything they use goes.
    std::jthread send_thread;
    std::jthread input_thread;
    std::jthread capture_thread;

    Result<Pipeline> build();
    Result<Pipeline> build_with_retry(const std::stop_token& stop);
    Result<void> restart_encoder(Pipeline& pipeline);
    void run_capture(const std::stop_token& stop);
    void run_send(const std::stop_token& stop);
    void run_input(const std::stop_token& stop);
    bool stream_until_broken(Pipeline& pipeline, const std::stop_token& stop, int& consecutive_rebuilds);
    bool encode_and_hand_over(Pipeline& pipeline, const capture::Frame& frame, uint64_t pts_ns, bool repeat,
                              const std::stop_token& stop);
    void apply_requests(Pipeline& pipeline);
    void publish_input_target(const Pipeline& pipeline);
    void end_with(Error reason);
    void poke() const { (void)::eventfd_write(wake.get(), 1); }

    // Capture thread only.
    uint64_t last_pts_ns = 0;
    SteadyClock::time_point next_keyframe{};
    [[nodiscard]] bool keyframe_due() const { return keyframe_wanted && SteadyClock::now() >= next_keyframe; }
};

Result<Pipeline> StreamSession::State::build() {
    Pipeline pipeline;
    auto display = parts.display->create(config.mode);
    if (!display) return std::unexpected(std::move(display.error()).in("creating the virtual display"));
    pipeline.display = std::move(*display);
    auto capture = parts.open_capture(pipeline.display->target());
    if (!capture) return std::unexpected(std::move(capture.error()).in("opening capture"));
    pipeline.capture = std::move(*capture);
    if (auto started = restart_encoder(pipeline); !started) return std::unexpected(started.error());
    return pipeline;
}

Result<void> StreamSession::State::restart_encoder(Pipeline& pipeline) {
    encode::EncoderConfig wanted{.codec = config.codec,
                                 .width = config.mode.width,
                                 .height = config.mode.height,
                                 .refresh_hz = config.mode.refresh_hz,
                                 .bitrate_kbps = config.bitrate_kbps,
                                 .single_slice = config.single_slice,
                                 .max_unit_bytes = config.max_unit_bytes};
    auto encoder = parts.open_encoder(wanted);
    if (!encoder) return std::unexpected(std::move(encoder.error()).in("opening the encoder"));
    pipeline.encoder = std::move(*encoder);
    keyframe_wanted = true;
    next_keyframe = {};
    return {};
}

Result<Pipeline> StreamSession::State::build_with_retry(const std::stop_token& stop) {
    auto backoff = std::chrono::milliseconds(kFirstBackoff);
    for (int attempt = 1;; ++attempt) {
        auto pipeline = build();
        if (pipeline || stop.stop_requested()) return pipeline;
        // What is not installed or not possible will not be there in a second either.
        const ErrorCode code = pipeline.error().code;
        const bool permanent =
            code == ErrorCode::NotAvailable || code == ErrorCode::Unsupported || code == ErrorCode::InvalidArgument;
        if (permanent || attempt == kBuildAttempts) return pipeline;
        spdlog::warn("{}: {}; trying again in {} ms", config.label, pipeline.error().message, backoff.count());
        std::unique_lock lock(mutex);
        changed.wait_for(lock, stop, backoff, [] { return false; });
        backoff = std::min(backoff * 2, std::chrono::milliseconds(kMaxBackoff));
    }
}

void StreamSession::State::publish_input_target(const Pipeline& pipeline) {
    const std::lock_guard lock(mutex);
    input_target = pipeline.display->target();
    ++input_generation;
    input.poke();  // devices are made now: a desktop may lose the first key of a new one
}

void StreamSession::State::end_with(Error reason) {
    {
        const std::lock_guard lock(mutex);
        if (std::exchange(failed, true)) return;
    }
    if (callbacks.ended) callbacks.ended(std::move(reason));
}

void StreamSession::State::run_capture(const std::stop_token& stop) {
    auto pipeline = build_with_retry(stop);
    if (stop.stop_requested()) return;
    if (!pipeline) {
        callbacks.ready(std::unexpected(pipeline.error()));
        return;
    }
    publish_input_target(*pipeline);
    callbacks.ready(std::string(pipeline->encoder->name()));
    {
        std::unique_lock lock(mutex);
        if (!changed.wait(lock, stop, [&] { return sink_open; })) return;
    }
    keyframe_wanted = true;
    next_keyframe = {};
    int consecutive_rebuilds = 0;
    while (!stream_until_broken(*pipeline, stop, consecutive_rebuilds)) {
        if (stop.stop_requested()) return;
        if (++consecutive_rebuilds > kMaxConsecutiveRebuilds) {
            return end_with(
                {ErrorCode::Exhausted, fmt::format("the picture broke {} times in a row", kMaxConsecutiveRebuilds)});
        }
        ++rebuilds;
        pipeline->close();
        pipeline = build_with_retry(stop);
        if (stop.stop_requested()) return;
        if (!pipeline) return end_with(std::move(pipeline.error()).in("rebuilding"));
        publish_input_target(*pipeline);
        spdlog::info("{}: rebuilt at {}x{}@{}", config.label, config.mode.width, config.mode.height,
                     config.mode.refresh_hz);
    }
}

void StreamSession::State::apply_requests(Pipeline& pipeline) {
    std::optional<display::Mode> mode;
    std::optional<uint32_t> bitrate;
    {
        const std::lock_guard lock(mutex);
        mode = std::exchange(wanted_mode, std::nullopt);
        bitrate = std::exchange(wanted_bitrate, std::nullopt);
    }
    if (bitrate) {
        if (*bitrate < config.bitrate_kbps / 2) {
            discard_until = units.load();
            keyframe_wanted = true;
        }
        if (auto set = pipeline.encoder->set_bitrate(*bitrate); set) {
            config.bitrate_kbps = *bitrate;
        } else {
            spdlog::warn("{}: bitrate stays at {} kbit/s: {}", config.label, config.bitrate_kbps, set.error().message);
        }
    }
    if (mode && *mode == config.mode) {
        if (callbacks.mode_changed) callbacks.mode_changed(true, config.mode);
    } else if (mode) {
        const display::Mode old = config.mode;
        Result<void> switched = pipeline.display->set_mode(*mode);
        if (switched) {
            config.mode = *mode;
            switched = restart_encoder(pipeline);
            if (!switched) {
                config.mode = old;
                (void)pipeline.display->set_mode(old);
            }
        }
        if (switched) {
            publish_input_target(pipeline);
        } else {
            spdlog::warn("{}: the mode stays {}x{}@{}: {}", config.label, old.width, old.height, old.refresh_hz,
                         switched.error().message);
        }
        if (callbacks.mode_changed) callbacks.mode_changed(switched.has_value(), config.mode);
    }
}

// True when stopped or ended for good, false when the pipeline has to be rebuilt.
bool StreamSession::State::stream_until_broken(Pipeline& pipeline, const std::stop_token& stop,
                                               int& consecutive_rebuilds) {
    const capture::Frame* current = nullptr;
    int settle_left = 0;
    while (!stop.stop_requested()) {
        apply_requests(pipeline);
        const auto interval = std::chrono::milliseconds(1000 / config.mode.refresh_hz + 1);
        auto timeout = current == nullptr ? std::chrono::milliseconds(10s)
                       : settle_left > 0  ? interval
                                          : std::chrono::milliseconds(kKeepAlive);
        if (keyframe_wanted && current != nullptr)
            timeout = std::min(timeout, std::chrono::milliseconds(kKeyframeSpacing));
        const auto waited_from = SteadyClock::now();
        auto next = pipeline.capture->next_frame(timeout, wake.get());
        eventfd_t drained = 0;
        (void)::eventfd_read(wake.get(), &drained);
        if (stop.stop_requested()) return true;
        bool repeat = false;
        if (next) {
            // During a mode switch a frame of the old size may still arrive.
            if ((*next)->width != config.mode.width || (*next)->height != config.mode.height) continue;
            current = *next;
            settle_left = kSettleFrames;
            ++captured;
            consecutive_rebuilds = 0;
        } else if (next.error().code == ErrorCode::Timeout) {
            const bool waited_out = SteadyClock::now() - waited_from >= timeout;
            if (current == nullptr) {
                if (!waited_out) continue;
                spdlog::warn("{}: no picture in 10 s; rebuilding", config.label);
                return false;
            }
            if (current->width != config.mode.width || current->height != config.mode.height) continue;
            if (!waited_out && !keyframe_due()) continue;
            repeat = true;
            if (settle_left > 0) --settle_left;
            ++repeated;
        } else {
            spdlog::warn("{}: capture: {}; rebuilding", config.label, next.error().message);
            return false;
        }
        const uint64_t pts = std::max(repeat ? realtime_ns() : current->captured_ns, last_pts_ns + 1);
        last_pts_ns = pts;
        if (!encode_and_hand_over(pipeline, *current, pts, repeat, stop)) return stop.stop_requested();
    }
    return true;
}

bool StreamSession::State::encode_and_hand_over(Pipeline& pipeline, const capture::Frame& frame, uint64_t pts_ns,
                                                bool repeat, const std::stop_token& stop) {
    const bool force = keyframe_due() && keyframe_wanted.exchange(false);
    if (force) next_keyframe = SteadyClock::now() + kKeyframeSpacing;
    const uint64_t number = ++units;
    auto unit = pipeline.encoder->encode(frame, force);
    if (!unit) {
        spdlog::warn("{}: {}: {}; rebuilding", config.label, pipeline.encoder->name(), unit.error().message);
        return false;
    }
    ++encoded;
    if (unit->data.size() > config.max_unit_bytes) {
        spdlog::warn("{}: an access unit of {} bytes is more than the client takes: dropped", config.label,
                     unit->data.size());
        keyframe_wanted = true;
        return true;
    }
    if (unit->keyframe) ++keyframes;
    bytes += unit->data.size();
    return queue.push(stop, [&](HandoverSlot& slot) {
        slot.data.assign(unit->data.begin(), unit->data.end());
        slot.pts_ns = pts_ns;
        slot.acquired_ns = repeat ? 0 : frame.acquired_ns;
        slot.keyframe = unit->keyframe;
        slot.encode_us = (unit->convert_ns + unit->encode_ns) / 1000;
        slot.number = number;
    });
}

void StreamSession::State::run_send(const std::stop_token& stop) {
    std::unique_ptr<VideoSink> mine;
    {
        std::unique_lock lock(mutex);
        if (!changed.wait(lock, stop, [&] { return sink != nullptr; })) return;
        mine = std::move(sink);
    }
    if (auto opened = mine->open(stop_wake.get()); !opened) {
        if (!stop.stop_requested()) end_with(std::move(opened.error()).in("opening the data path"));
        return;
    }
    {
        const std::lock_guard lock(mutex);
        sink_open = true;
        changed.notify_all();
    }
    Result<uint64_t> sent{};
    uint64_t last = 0;
    bool discarding = false;
    while (sent && !stop.stop_requested()) {
        const auto until = mine->idle();
        if (!until) {
            sent = std::unexpected(until.error());
            break;
        }
        queue.pop(stop, *until, [&](const HandoverSlot& slot) {
            // What follows a dropped access unit is of no use before a keyframe.
            const bool stale = slot.number <= discard_until;
            const bool follows = slot.number == std::exchange(last, slot.number) + 1;
            discarding = stale || ((discarding || !follows) && !slot.keyframe);
            if (discarding && !stale) keyframe_wanted = true;
            if (discarding) return;
            sent = mine->send({slot.data, slot.pts_ns, slot.keyframe, slot.encode_us});
            if (sent) latencies.add(slot, *sent);
        });
    }
    if (!sent) end_with(std::move(sent.error()).in("sending"));
}

void StreamSession::State::run_input(const std::stop_token& stop) {
    std::unique_ptr<input::InputSink> devices;
    uint64_t generation = 0;
    std::optional<wire::InputEvent> event;
    while (input.pop(stop, event)) {
        std::optional<display::WaylandTarget> moved;
        {
            const std::lock_guard lock(mutex);
            if (generation != input_generation) {
                generation = input_generation;
                moved = input_target;
            }
        }
        if (moved) {
            devices.reset();
            auto made = parts.open_input(*moved);
            if (made) {
                devices = std::move(*made);
            } else {
                spdlog::warn("{}: no input: {}", config.label, made.error().message);
            }
        }
        if (devices == nullptr || !event) continue;
        if (auto done = devices->inject(*event); !done) {
            spdlog::warn("{}: input: {}", config.label, done.error().message);
            devices.reset();
        }
    }
}

StreamSession::StreamSession(PipelineParts parts, StreamConfig config, StreamCallbacks callbacks)
    : state_(std::make_unique<State>()) {
    state_->parts = std::move(parts);
    state_->config = std::move(config);
    state_->bitrate_kbps = state_->config.bitrate_kbps;
    state_->callbacks = std::move(callbacks);
    State* state = state_.get();
    state->send_thread = std::jthread([state](const std::stop_token& stop) { state->run_send(stop); });
    state->input_thread = std::jthread([state](const std::stop_token& stop) { state->run_input(stop); });
    state->capture_thread = std::jthread([state](const std::stop_token& stop) { state->run_capture(stop); });
    pthread_setname_np(state->send_thread.native_handle(), "pf-send");
    pthread_setname_np(state->input_thread.native_handle(), "pf-input");
    pthread_setname_np(state->capture_thread.native_handle(), "pf-capture");
}

StreamSession::~StreamSession() {
    state_->capture_thread.request_stop();
    state_->send_thread.request_stop();
    state_->input_thread.request_stop();
    (void)::eventfd_write(state_->stop_wake.get(), 1);
    state_->poke();
    // The input devices go before the display they belong to.
    state_->input_thread.join();
    state_->send_thread.join();
    state_->capture_thread.join();
}

void StreamSession::begin(std::unique_ptr<VideoSink> sink) {
    const std::lock_guard lock(state_->mutex);
    state_->sink = std::move(sink);
    state_->changed.notify_all();
}

void StreamSession::request_keyframe() {
    state_->keyframe_wanted = true;
    state_->poke();
}

void StreamSession::set_bitrate(uint32_t kbps) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->wanted_bitrate = kbps;
        if (kbps >= std::exchange(state_->bitrate_kbps, kbps) / 2) return;
        // At once, since the capture thread may be waiting for room in the queue that this makes.
        state_->discard_until = state_->units.load();
    }
    state_->poke();
}

void StreamSession::reconfigure(const display::Mode& mode) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->wanted_mode = mode;
    }
    state_->poke();
}

void StreamSession::inject(const wire::InputEvent& event) {
    state_->input.push(event);
}

StreamStats StreamSession::stats() const {
    StreamStats stats{state_->captured,  state_->encoded, state_->repeated,
                      state_->keyframes, state_->bytes,   state_->rebuilds};
    state_->latencies.read(stats);
    return stats;
}

}  // namespace punktfunk::stream
