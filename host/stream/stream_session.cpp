#include "punktfunk/stream/stream_session.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>

#include "session_state.hpp"

namespace punktfunk::stream {

StreamSession::State::State(PipelineParts session_parts, StreamConfig session_config, StreamCallbacks session_callbacks)
    : parts(std::move(session_parts)),
      config(std::move(session_config)),
      callbacks(std::move(session_callbacks)),
      wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      stop_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      bitrate_kbps(config.bitrate_kbps),
      may_speak(config.rights.microphone) {
    input.allow(config.rights.input);
}

void StreamSession::State::poke() const {
    (void)::eventfd_write(wake.get(), 1);
}

void StreamSession::State::end_with(Error reason) {
    {
        const std::lock_guard lock(mutex);
        if (std::exchange(failed, true)) return;
    }
    if (callbacks.ended) callbacks.ended(std::move(reason));
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
            if (discarding && !stale && !keyframe_wanted.exchange(true)) poke();  // a desktop at rest has to be woken
            if (discarding) return;
            const uint64_t taken_ns = realtime_ns();
            sent = mine->send({slot.data, slot.pts_ns, slot.keyframe, slot.encode_us});
            if (sent) latencies.add(slot, taken_ns, *sent);
            if (sound_sink != nullptr) start_sound();
        });
    }
    if (!sent) end_with(std::move(sent.error()).in("sending"));
}

// After the first picture, which would have to share the processor with a PipeWire that starts.
void StreamSession::State::start_sound() {
    const std::lock_guard lock(mutex);
    if (sound) sound->begin(std::move(sound_sink));
    sound_sink.reset();
}

void StreamSession::State::run_input(const std::stop_token& stop) {
    std::unique_ptr<input::InputSink> devices;
    input::KeyboardLocks locks;
    display::WaylandTarget target;
    uint64_t generation = 0;
    std::vector<wire::InputEvent> events;
    const auto open = [&] {
        if (devices != nullptr) locks = devices->locks();
        devices.reset();
        auto made = parts.open_input(target, locks);
        if (made) {
            devices = std::move(*made);
        } else {
            spdlog::warn("{}: no input: {}", config.label, made.error().message);
        }
    };
    while (input.pop(stop, events)) {
        std::optional<display::WaylandTarget> moved;
        {
            const std::lock_guard lock(mutex);
            if (generation != input_generation) {
                generation = input_generation;
                moved = input_target;
            }
        }
        // A display that only changed its mode keeps the devices, and with them what is held.
        if (moved && (devices == nullptr || *moved != target)) {
            target = *moved;
            open();
        }
        if (devices == nullptr || events.empty()) continue;
        if (auto done = devices->inject(events); !done) {
            // A desktop that is gone is made anew, and brings a target; one that was slow is still there.
            spdlog::warn("{}: input: {}; opening it again", config.label, done.error().message);
            open();
        }
    }
}

StreamSession::StreamSession(PipelineParts parts, StreamConfig config, StreamCallbacks callbacks)
    : state_(std::make_unique<State>(std::move(parts), std::move(config), std::move(callbacks))) {
    State* state = state_.get();
    if (state->parts.open_sound)
        state->sound = std::make_unique<SoundStream>(state->parts.open_sound, state->config.label, state->config.sound,
                                                     state->config.send_silence);
    state->send_thread = std::jthread([state](const std::stop_token& stop) { state->run_send(stop); });
    state->input_thread = std::jthread([state](const std::stop_token& stop) { state->run_input(stop); });
    state->capture_thread = std::jthread([state](const std::stop_token& stop) { state->run_capture(stop); });
    pthread_setname_np(state->send_thread.native_handle(), "pf-send");
    pthread_setname_np(state->input_thread.native_handle(), "pf-input");
    pthread_setname_np(state->capture_thread.native_handle(), "pf-capture");
}

void StreamSession::stop() {
    state_->capture_thread.request_stop();
    state_->send_thread.request_stop();
    state_->input_thread.request_stop();
    (void)::eventfd_write(state_->stop_wake.get(), 1);
    state_->poke();
}

StreamSession::~StreamSession() {
    stop();
    // The input devices, the sink and the source go before the display they belong to.
    {
        std::unique_lock lock(state_->mutex);
        const auto sound = std::move(state_->sound);
        const auto mic = std::move(state_->mic);
        lock.unlock();
    }
    state_->input_thread.join();
    state_->send_thread.join();
    state_->capture_thread.join();
}

void StreamSession::begin(std::unique_ptr<VideoSink> sink, std::unique_ptr<SoundSink> sound) {
    const std::lock_guard lock(state_->mutex);
    state_->sound_sink = std::move(sound);
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

void StreamSession::play_microphone(ByteView opus) {
    const std::lock_guard lock(state_->mutex);
    if (!state_->parts.open_microphone || !state_->may_speak) return;
    if (!state_->mic) {
        state_->mic = std::make_unique<MicStream>(state_->parts.open_microphone, state_->config.label);
        state_->mic->play_into(state_->sound_target);
    }
    state_->mic->push(opus);
}

void StreamSession::set_rights(const devices::Rights& rights) {
    state_->input.allow(rights.input);
    const std::lock_guard lock(state_->mutex);
    state_->may_speak = rights.microphone;
    if (state_->mic && !rights.microphone) state_->mic->fall_silent();
}

void StreamSession::take_thumbnail(ThumbnailRequests::Done done) {
    if (state_->captured == 0) return done(fail(ErrorCode::NotAvailable, "the session has no picture yet"));
    state_->thumbnails.ask(std::move(done));
    state_->thumbnail_wanted = true;
    state_->poke();
}

StreamStats StreamSession::stats() const {
    StreamStats stats{state_->captured,  state_->encoded, state_->repeated,
                      state_->keyframes, state_->bytes,   state_->rebuilds};
    stats.too_large = state_->too_large;
    if (state_->sound) stats.sound_packets = state_->sound->packets();
    state_->latencies.read(stats);
    return stats;
}

}  // namespace punktfunk::stream
