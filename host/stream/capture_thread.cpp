// The capture and encode thread: makes the pipeline, streams, follows requests, and heals what breaks (spec §8.6).
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>

#include "session_state.hpp"

namespace punktfunk::stream {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr int kBuildAttempts = 4;
constexpr milliseconds kFirstBackoff = 500ms, kMaxBackoff = 2000ms;
constexpr int kMaxConsecutiveRebuilds = 5;
constexpr milliseconds kFirstPicturePatience = 10s;
constexpr auto kSwitchPatience = 5s;
// After the picture has come to rest a few repeats let the rate control sharpen it; then two frames a
// second keep the path open and tell both ends that the other is there.
constexpr int kSettleFrames = 8;
constexpr milliseconds kKeepAlive = 500ms;
// A client that asks without end gets no more keyframes than this; a patient one waits no longer.
constexpr milliseconds kKeyframeSpacing = 100ms;
// A picture that came out too large for the client is tried again at half the rate, and so on.
constexpr int kMostSqueeze = 4;
constexpr auto kSqueezeLasts = 2s;

bool fits(const capture::Frame& frame, const display::Mode& mode) {
    return frame.width == mode.width && frame.height == mode.height;
}

bool same_size(const display::Mode& a, const display::Mode& b) {
    return a.width == b.width && a.height == b.height;
}

std::string text_of(const display::Mode& mode) {
    return fmt::format("{}x{}@{}", mode.width, mode.height, mode.refresh_hz);
}

// None before the second break in a row.
milliseconds backoff_before(int breaks) {
    return breaks < 2 ? 0ms : std::min(kFirstBackoff * (1 << (breaks - 2)), kMaxBackoff);
}

}  // namespace

void StreamSession::State::pause(milliseconds duration, const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, stop, duration, [] { return false; });
}

Result<void> StreamSession::State::make_with_retry(Pipeline& pipeline, Broken from, const std::stop_token& stop) {
    const bool worked_before = last_hand_over != SteadyClock::time_point{};
    milliseconds backoff = kFirstBackoff;
    for (int attempt = 1;; ++attempt) {
        auto made = pipeline.make_anew(from, config);
        if (made || stop.stop_requested()) return made;
        // What is not possible will not be in a second, and what has never been here will not appear.
        const ErrorCode code = made.error().code;
        const bool permanent = code == ErrorCode::Unsupported || code == ErrorCode::InvalidArgument ||
                               (code == ErrorCode::NotAvailable && !worked_before);
        if (from == Broken::Capture) {
            from = Broken::Display;
        } else if (permanent || attempt == kBuildAttempts) {
            return made;
        }
        spdlog::warn("{}: {}; trying again in {} ms", config.label, made.error().message, backoff.count());
        pause(backoff, stop);
        backoff = std::min(backoff * 2, kMaxBackoff);
    }
}

void StreamSession::State::publish_targets(Pipeline& pipeline) {
    const std::lock_guard lock(mutex);
    input_target = pipeline.display().target();
    ++input_generation;
    input.poke();  // devices are made now: a desktop may lose the first key of a new one
    sound_target = pipeline.display().sound();
    if (sound) sound->capture_from(sound_target);
    if (mic) mic->play_into(sound_target);
}

void StreamSession::State::run_capture(const std::stop_token& stop) {
    Pipeline pipeline(parts);
    make_and_stream(pipeline, stop);
    thumbnails.close();
    switching.reset();  // it uses the display
}

void StreamSession::State::make_and_stream(Pipeline& pipeline, const std::stop_token& stop) {
    auto made = make_with_retry(pipeline, Broken::Display, stop);
    if (stop.stop_requested()) return;
    if (!made) return callbacks.ready(std::unexpected(made.error()));
    publish_targets(pipeline);
    callbacks.ready(std::string(pipeline.encoder().name()));
    {
        std::unique_lock lock(mutex);
        if (!changed.wait(lock, stop, [&] { return sink_open; })) return;
    }
    keyframe_wanted = true;
    while (const auto broken = stream_until_broken(pipeline, stop)) {
        if (stop.stop_requested()) return;
        if (auto healed = heal(pipeline, *broken, ++breaks, stop); !healed) return end_with(healed.error());
        if (stop.stop_requested()) return;
    }
}

Result<void> StreamSession::State::heal(Pipeline& pipeline, Broken broken, int breaks_in_a_row,
                                        const std::stop_token& stop) {
    if (switching) refuse_switch({ErrorCode::Closed, "the picture broke meanwhile"});
    if (breaks_in_a_row > kMaxConsecutiveRebuilds) {
        return fail(ErrorCode::Exhausted, "the picture broke {} times in a row", kMaxConsecutiveRebuilds);
    }
    ++rebuilds;
    healing = true;
    pause(backoff_before(breaks_in_a_row), stop);
    // Capture that breaks again at once has its fault in what it looks at.
    if (broken == Broken::Capture && breaks_in_a_row > 1) broken = Broken::Display;
    if (auto made = make_with_retry(pipeline, broken, stop); !made)
        return std::unexpected(std::move(made.error()).in("rebuilding"));
    if (broken == Broken::Display) publish_targets(pipeline);
    keyframe_wanted = true;
    next_keyframe = {};
    return {};
}

void StreamSession::State::follow_requests(Pipeline& pipeline) {
    std::optional<display::Mode> mode;
    std::optional<uint32_t> bitrate;
    {
        const std::lock_guard lock(mutex);
        bitrate = std::exchange(wanted_bitrate, std::nullopt);
        if (!switching) mode = std::exchange(wanted_mode, std::nullopt);
    }
    if (bitrate) {
        squeeze = 0;
        if (*bitrate < config.bitrate_kbps / 2) {
            discard_until = units.load();
            keyframe_wanted = true;
        }
        if (auto set = pipeline.encoder().set_bitrate(*bitrate); set) {
            config.bitrate_kbps = *bitrate;
        } else {
            spdlog::warn("{}: bitrate stays at {} kbit/s: {}", config.label, config.bitrate_kbps, set.error().message);
        }
    }
    if (mode && *mode == config.mode) {
        if (callbacks.mode_changed) callbacks.mode_changed(true, config.mode);
    } else if (mode) {
        StreamConfig next = config;
        next.mode = *mode;
        switching.emplace(parts, next, pipeline.display(), wake.get());
    }
}

void StreamSession::State::refuse_switch(const Error& why) {
    spdlog::warn("{}: the mode stays {}: {}", config.label, text_of(config.mode), why.message);
    switching.reset();
    if (callbacks.mode_changed) callbacks.mode_changed(false, config.mode);
}

void StreamSession::State::finish_switch(Pipeline& pipeline) {
    auto encoder = switching->take();
    if (!encoder) return refuse_switch(encoder.error());
    (void)(*encoder)->set_bitrate(config.bitrate_kbps);  // it may have changed since
    pipeline.use(std::move(*encoder));
    config.mode = switching->mode();
    switching.reset();
    keyframe_wanted = true;
    next_keyframe = {};
    if (callbacks.mode_changed) callbacks.mode_changed(true, config.mode);
}

// The end of a switch that no frame of a new size announces.
std::optional<Broken> StreamSession::State::follow_switch(Pipeline& pipeline) {
    if (!switching || !switching->ready()) return std::nullopt;
    if (switching->refused() || same_size(switching->mode(), config.mode)) {
        finish_switch(pipeline);
    } else if (switching->age() > kSwitchPatience) {
        refuse_switch({ErrorCode::Timeout, fmt::format("no picture of {}", text_of(switching->mode()))});
        return Broken::Display;
    }
    return std::nullopt;
}

// Nothing when stopped, else what has to be made anew.
std::optional<Broken> StreamSession::State::stream_until_broken(Pipeline& pipeline, const std::stop_token& stop) {
    const capture::Frame* current = nullptr;  // of the mode in force
    int settle_left = 0;
    // The latest picture, or since when there is none. A client that wakes this thread does not put off what is due.
    auto since = SteadyClock::now();
    while (!stop.stop_requested()) {
        follow_requests(pipeline);
        if (const auto broken = follow_switch(pipeline)) return broken;
        const auto interval = milliseconds(1000 / config.mode.refresh_hz + 1);
        auto patience = current == nullptr ? kFirstPicturePatience : settle_left > 0 ? interval : kKeepAlive;
        if (keyframe_wanted && current != nullptr) patience = std::min(patience, kKeyframeSpacing);
        const auto left = std::chrono::ceil<milliseconds>(since + patience - SteadyClock::now());
        auto next = pipeline.capture().next_frame(std::max(left, 0ms), wake.get());
        eventfd_t drained = 0;
        (void)::eventfd_read(wake.get(), &drained);
        if (stop.stop_requested()) return std::nullopt;
        if (!next && current != nullptr) serve_thumbnails(*current);
        bool repeat = false;
        if (next) {
            if (switching && fits(**next, switching->mode())) finish_switch(pipeline);
            const bool lost_it = std::exchange(current, fits(**next, config.mode) ? *next : nullptr) != nullptr;
            if (current == nullptr) {
                if (lost_it) since = SteadyClock::now();
                continue;
            }
            settle_left = kSettleFrames;
            ++captured;
            // One that comes before its turn is sent only if it stays the latest.
            if (const auto now = SteadyClock::now(); !turns.take(now, config.mode.refresh_hz)) {
                since = now;
                continue;
            }
        } else if (next.error().code == ErrorCode::Timeout) {
            const bool waited_out = SteadyClock::now() - since >= patience;
            if (current == nullptr) {
                if (!waited_out) continue;
                spdlog::warn("{}: no picture in 10 s; rebuilding", config.label);
                return Broken::Display;
            }
            if (!waited_out && !keyframe_due()) continue;
            since = SteadyClock::now();
            if (!fits(*current, config.mode)) continue;
            repeat = true;
            if (settle_left > 0) --settle_left;
            ++repeated;
        } else {
            spdlog::warn("{}: capture: {}; rebuilding", config.label, next.error().message);
            return next.error().code == ErrorCode::Closed ? Broken::Display : Broken::Capture;
        }
        if (const auto broken = encode_and_hand_over(pipeline, *current, repeat, stop)) return broken;
        serve_thumbnails(*current);
        since = SteadyClock::now();
    }
    return std::nullopt;
}

// What follows a picture that is not sent is of no use before a keyframe, and one of the same quality would be no
// smaller.
void StreamSession::State::squeeze_encoder(Pipeline& pipeline, size_t unit_bytes) {
    const bool first = too_large++ == 0;
    squeeze = std::min(squeeze + 1, kMostSqueeze);
    squeezed_at = SteadyClock::now();
    spdlog::log(first ? spdlog::level::warn : spdlog::level::debug,
                "{}: an access unit of {} bytes is more than the {} that the client takes: dropped, and the next are "
                "encoded at less",
                config.label, unit_bytes, config.max_unit_bytes);
    (void)pipeline.encoder().set_bitrate(std::max(config.bitrate_kbps >> squeeze, 1u));
    keyframe_wanted = true;
}

void StreamSession::State::relax_encoder(Pipeline& pipeline) {
    squeezed_at = SteadyClock::now();
    (void)pipeline.encoder().set_bitrate(std::max(config.bitrate_kbps >> --squeeze, 1u));
}

std::optional<Broken> StreamSession::State::encode_and_hand_over(Pipeline& pipeline, const capture::Frame& frame,
                                                                 bool repeat, const std::stop_token& stop) {
    const bool force = keyframe_due() && keyframe_wanted.exchange(false);
    if (force) next_keyframe = SteadyClock::now() + kKeyframeSpacing;
    const uint64_t pts_ns = std::max(repeat ? realtime_ns() : frame.captured_ns, last_pts_ns + 1);
    last_pts_ns = pts_ns;
    const uint64_t number = ++units;
    auto unit = pipeline.encoder().encode(frame, force);
    if (!unit) {
        spdlog::warn("{}: {}: {}; rebuilding", config.label, pipeline.encoder().name(), unit.error().message);
        return Broken::Encoder;
    }
    ++encoded;
    if (unit->data.size() > config.max_unit_bytes) {
        squeeze_encoder(pipeline, unit->data.size());
        return std::nullopt;
    }
    if (squeeze != 0 && SteadyClock::now() - squeezed_at > kSqueezeLasts) relax_encoder(pipeline);
    if (unit->keyframe) ++keyframes;
    bytes += unit->data.size();
    const auto now = SteadyClock::now();
    queue.push(stop, [&](HandoverSlot& slot) {
        slot.data.assign(unit->data.begin(), unit->data.end());
        slot.pts_ns = pts_ns;
        slot.acquired_ns = repeat ? 0 : frame.acquired_ns;
        slot.keyframe = unit->keyframe;
        slot.encode_us = (unit->convert_ns + unit->encode_ns) / 1000;
        slot.handed_over_ns = realtime_ns();
        slot.number = number;
    });
    if (std::exchange(healing, false)) {
        const auto gap = std::chrono::duration_cast<milliseconds>(now - last_hand_over);
        spdlog::info("{}: the picture is back at {} after {} ms", config.label, text_of(config.mode), gap.count());
        if (callbacks.gap) callbacks.gap(gap);
    }
    last_hand_over = now;
    breaks = 0;
    return std::nullopt;
}

}  // namespace punktfunk::stream
