// wlr-screencopy over shared memory: the compositor copies each damaged frame into one of two buffers of ours. The next
// copy is asked for the moment one is ready, so that the compositor copies while the encoder works.
#include <poll.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/capture/frame_source.hpp"
#include "punktfunk/wayland/client.hpp"
#include "wlr-screencopy-unstable-v1-client.h"

namespace punktfunk::capture {

namespace {

using wayland::Owned;

constexpr std::chrono::milliseconds kPulseAfter{500};
constexpr std::chrono::seconds kPulsePatience{4};

// The compositor stamps frames with CLOCK_MONOTONIC; the protocol's timestamps are CLOCK_REALTIME.
uint64_t monotonic_to_realtime(uint64_t monotonic_ns) {
    timespec monotonic{};
    ::clock_gettime(CLOCK_MONOTONIC, &monotonic);
    const uint64_t now =
        static_cast<uint64_t>(monotonic.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(monotonic.tv_nsec);
    return realtime_ns() - (now > monotonic_ns ? now - monotonic_ns : 0);
}

struct Buffer {
    uint32_t format = 0, width = 0, height = 0, stride = 0;
    uint8_t* pixels = nullptr;
    size_t bytes = 0;
    Owned<wl_buffer, wl_buffer_destroy> handle;

    Buffer() = default;
    Buffer(const Buffer&) = delete;
    ~Buffer() { release(); }

    void release() {
        handle.reset();
        if (pixels != nullptr) ::munmap(pixels, bytes);
        pixels = nullptr;
    }
    [[nodiscard]] bool fits(const Buffer& asked) const {
        return handle && format == asked.format && width == asked.width && height == asked.height &&
               stride == asked.stride;
    }
    Result<void> allocate(wl_shm* shm, const Buffer& asked) {
        release();
        format = asked.format, width = asked.width, height = asked.height, stride = asked.stride;
        bytes = size_t{stride} * height;
        const UniqueFd memory(::memfd_create("punktfunk-frame", MFD_CLOEXEC));
        if (!memory || ::ftruncate(memory.get(), static_cast<off_t>(bytes)) != 0)
            return fail_errno(errno, "frame memory");
        void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
        if (mapped == MAP_FAILED) return fail_errno(errno, "frame memory");
        pixels = static_cast<uint8_t*>(mapped);
        wl_shm_pool* pool = wl_shm_create_pool(shm, memory.get(), static_cast<int32_t>(bytes));
        handle.reset(wl_shm_pool_create_buffer(pool, 0, static_cast<int32_t>(width), static_cast<int32_t>(height),
                                               static_cast<int32_t>(stride), format));
        wl_shm_pool_destroy(pool);
        return {};
    }
};

class ScreencopySource final : public FrameSource {
  public:
    ~ScreencopySource() override {
        if (copy_ != nullptr) zwlr_screencopy_frame_v1_destroy(copy_);
        outputs_.clear();
    }

    Result<void> open(const display::WaylandTarget& target);
    Result<const Frame*> next_frame(std::chrono::milliseconds timeout, int wake_fd) override;

  private:
    struct Output {
        ScreencopySource* source = nullptr;
        Owned<wl_output, wl_output_destroy> handle;
        std::string name;
    };
    enum class CopyState { Idle, Pending, Ready, Failed };

    void request_copy();
    void on_buffer_done();
    void on_damage(const Area& area);
    void on_mode(uint32_t width, uint32_t height);
    Result<void> dispatch(std::chrono::milliseconds timeout, int wake_fd, bool& woken);
    Result<void> check_pulse();

    static const wl_registry_listener kRegistry;
    static const wl_output_listener kOutput;
    static const zwlr_screencopy_frame_v1_listener kFrame;

    // Destroyed from the bottom up: the display connection last.
    Owned<wl_display, wl_display_disconnect> display_;
    Owned<wl_registry, wl_registry_destroy> registry_;
    Owned<wl_shm, wl_shm_destroy> shm_;
    Owned<zwlr_screencopy_manager_v1, zwlr_screencopy_manager_v1_destroy> manager_;
    std::map<uint32_t, Output> outputs_;
    wl_output* output_ = nullptr;
    uint32_t output_global_ = 0;
    bool output_gone_ = false;

    std::array<Buffer, 2> buffers_;
    size_t filling_ = 0;
    Buffer asked_;  // what the compositor wants the buffer to be
    zwlr_screencopy_frame_v1* copy_ = nullptr;
    CopyState state_ = CopyState::Idle;
    uint64_t presented_ns_ = 0;
    std::optional<Area> damage_;  // of the copy under way; nullopt: it is of everything
    bool first_ = true;
    int failures_ = 0;
    Frame frame_{.sequence = realtime_ns()};
    std::optional<Error> broken_;
    // A question to the compositor that it has not answered yet.
    Owned<wl_callback, wl_callback_destroy> pulse_;
    bool pulse_answered_ = false;
    SteadyClock::time_point heard_ = SteadyClock::now(), pulse_asked_;
};

const wl_output_listener ScreencopySource::kOutput = {
    .geometry = [](void*, wl_output*, int32_t, int32_t, int32_t, int32_t, int32_t, const char*, const char*,
                   int32_t) {},
    .mode =
        [](void* data, wl_output* output, uint32_t flags, int32_t width, int32_t height, int32_t) {
            auto* self = static_cast<Output*>(data)->source;
            if (output == self->output_ && (flags & WL_OUTPUT_MODE_CURRENT) != 0)
                self->on_mode(static_cast<uint32_t>(width), static_cast<uint32_t>(height));
        },
    .done = [](void*, wl_output*) {},
    .scale = [](void*, wl_output*, int32_t) {},
    .name = [](void* data, wl_output*, const char* name) { static_cast<Output*>(data)->name = name; },
    .description = [](void*, wl_output*, const char*) {},
};

const wl_registry_listener ScreencopySource::kRegistry = {
    .global =
        [](void* data, wl_registry* registry, uint32_t id, const char* interface, uint32_t version) {
            auto* self = static_cast<ScreencopySource*>(data);
            const std::string_view name(interface);
            if (name == wl_shm_interface.name) {
                self->shm_.reset(static_cast<wl_shm*>(wl_registry_bind(registry, id, &wl_shm_interface, 1)));
            } else if (name == zwlr_screencopy_manager_v1_interface.name && version >= 3) {
                self->manager_.reset(static_cast<zwlr_screencopy_manager_v1*>(
                    wl_registry_bind(registry, id, &zwlr_screencopy_manager_v1_interface, 3)));
            } else if (name == wl_output_interface.name && version >= 4) {
                Output& output = self->outputs_[id];
                output.source = self;
                output.handle.reset(static_cast<wl_output*>(wl_registry_bind(registry, id, &wl_output_interface, 4)));
                wl_output_add_listener(output.handle.get(), &kOutput, &output);
            }
        },
    .global_remove =
        [](void* data, wl_registry*, uint32_t id) {
            auto* self = static_cast<ScreencopySource*>(data);
            if (id == self->output_global_) self->output_gone_ = true;
        },
};

const zwlr_screencopy_frame_v1_listener ScreencopySource::kFrame = {
    .buffer =
        [](void* data, zwlr_screencopy_frame_v1*, uint32_t format, uint32_t width, uint32_t height, uint32_t stride) {
            Buffer& asked = static_cast<ScreencopySource*>(data)->asked_;
            asked.format = format, asked.width = width, asked.height = height, asked.stride = stride;
        },
    .flags =
        [](void* data, zwlr_screencopy_frame_v1*, uint32_t flags) {
            if ((flags & ZWLR_SCREENCOPY_FRAME_V1_FLAGS_Y_INVERT) != 0) {
                static_cast<ScreencopySource*>(data)->broken_ =
                    Error{ErrorCode::Unsupported, "the compositor gives frames upside down"};
            }
        },
    .ready =
        [](void* data, zwlr_screencopy_frame_v1*, uint32_t seconds_high, uint32_t seconds_low, uint32_t nanoseconds) {
            auto* self = static_cast<ScreencopySource*>(data);
            self->presented_ns_ = ((uint64_t{seconds_high} << 32) + seconds_low) * 1'000'000'000 + nanoseconds;
            self->state_ = CopyState::Ready;
        },
    .failed = [](void* data,
                 zwlr_screencopy_frame_v1*) { static_cast<ScreencopySource*>(data)->state_ = CopyState::Failed; },
    .damage = [](void* data, zwlr_screencopy_frame_v1*, uint32_t left, uint32_t top, uint32_t width,
                 uint32_t height) { static_cast<ScreencopySource*>(data)->on_damage({left, top, width, height}); },
    .linux_dmabuf = [](void*, zwlr_screencopy_frame_v1*, uint32_t, uint32_t, uint32_t) {},
    .buffer_done = [](void* data,
                      zwlr_screencopy_frame_v1*) { static_cast<ScreencopySource*>(data)->on_buffer_done(); },
};

Result<void> ScreencopySource::open(const display::WaylandTarget& target) {
    display_.reset(wl_display_connect(target.socket_path.c_str()));
    if (!display_) return fail_errno(errno, "Wayland socket " + target.socket_path);
    registry_.reset(wl_display_get_registry(display_.get()));
    wl_registry_add_listener(registry_.get(), &kRegistry, this);
    for (int i = 0; i < 2; ++i) {  // globals, then the outputs' names
        if (auto done = wayland::roundtrip(display_.get()); !done) return done;
    }
    if (!shm_ || !manager_)
        return fail(ErrorCode::Unsupported, "the compositor does not offer wlr-screencopy version 3");
    for (auto& [id, output] : outputs_) {
        if (output.name == target.output_name) output_ = output.handle.get(), output_global_ = id;
    }
    if (output_ == nullptr) return fail(ErrorCode::NotAvailable, "the compositor has no output {}", target.output_name);
    request_copy();
    return {};
}

void ScreencopySource::request_copy() {
    if (copy_ != nullptr) zwlr_screencopy_frame_v1_destroy(copy_);
    state_ = CopyState::Pending;
    damage_.reset();
    copy_ = zwlr_screencopy_manager_v1_capture_output(manager_.get(), /*overlay_cursor=*/1, output_);
    zwlr_screencopy_frame_v1_add_listener(copy_, &kFrame, this);
}

void ScreencopySource::on_buffer_done() {
    Buffer& buffer = buffers_[filling_];
    const bool known = asked_.format == WL_SHM_FORMAT_XRGB8888 || asked_.format == WL_SHM_FORMAT_ARGB8888;
    if (!known || asked_.stride < asked_.width * 4 || asked_.width > 16384 || asked_.height > 16384) {
        broken_ = Error{ErrorCode::Unsupported, fmt::format("the compositor offers frames of format 0x{:x}, {}x{}",
                                                            asked_.format, asked_.width, asked_.height)};
        return;
    }
    if (!buffer.fits(asked_)) {
        if (auto allocated = buffer.allocate(shm_.get(), asked_); !allocated) {
            broken_ = allocated.error();
            return;
        }
    }
    // The picture that is there already makes no damage; it is wanted once, and once more after a mode change: the copy
    // under way then, of the old size, has used the damage up.
    if (first_ || asked_.width != frame_.width || asked_.height != frame_.height) {
        zwlr_screencopy_frame_v1_copy(copy_, buffer.handle.get());
    } else {
        zwlr_screencopy_frame_v1_copy_with_damage(copy_, buffer.handle.get());
    }
}

// The box around it, if there are several; and within the picture, whatever the compositor says.
void ScreencopySource::on_damage(const Area& area) {
    const auto end = [](uint32_t start, uint32_t length, uint32_t most) {
        return static_cast<uint32_t>(std::min<uint64_t>(uint64_t{start} + length, most));
    };
    const uint32_t left = std::min(area.left, asked_.width), top = std::min(area.top, asked_.height);
    const uint32_t right = end(area.left, area.width, asked_.width);
    const uint32_t bottom = end(area.top, area.height, asked_.height);
    const Area before = damage_.value_or(Area{left, top, 0, 0});
    const uint32_t all_left = std::min(left, before.left), all_top = std::min(top, before.top);
    damage_ = {all_left, all_top, std::max(right, before.left + before.width) - all_left,
               std::max(bottom, before.top + before.height) - all_top};
}

// The copy under way is of the old size and would wait for the next refresh only to be thrown away.
void ScreencopySource::on_mode(uint32_t width, uint32_t height) {
    if (state_ == CopyState::Pending && (asked_.width != width || asked_.height != height)) request_copy();
}

Result<void> ScreencopySource::dispatch(std::chrono::milliseconds timeout, int wake_fd, bool& woken) {
    wl_display* display = display_.get();
    const auto lost = [] { return fail(ErrorCode::Closed, "the compositor has closed the connection"); };
    while (wl_display_prepare_read(display) != 0) {
        if (wl_display_dispatch_pending(display) < 0) return lost();
    }
    wl_display_flush(display);
    std::array<pollfd, 2> waiting{{{wl_display_get_fd(display), POLLIN, 0}, {wake_fd, POLLIN, 0}}};
    const int ready = ::poll(waiting.data(), wake_fd >= 0 ? 2 : 1, static_cast<int>(timeout.count()));
    if (ready <= 0 || waiting[0].revents == 0) {
        wl_display_cancel_read(display);
    } else if (wl_display_read_events(display) < 0) {
        return lost();
    }
    woken = waiting[1].revents != 0;
    if (waiting[0].revents != 0) heard_ = SteadyClock::now();
    if (wl_display_dispatch_pending(display) < 0) return lost();
    return {};
}

// A picture that stands still and a compositor that hangs look alike, so one that is silent is asked for a word.
Result<void> ScreencopySource::check_pulse() {
    static constexpr wl_callback_listener kAnswer = {
        .done = [](void* data, wl_callback*, uint32_t) { *static_cast<bool*>(data) = true; }};
    if (std::exchange(pulse_answered_, false)) pulse_.reset();
    const auto now = SteadyClock::now();
    if (!pulse_ && now - heard_ >= kPulseAfter) {
        pulse_.reset(wl_display_sync(display_.get()));
        wl_callback_add_listener(pulse_.get(), &kAnswer, &pulse_answered_);
        pulse_asked_ = now;
    } else if (pulse_ && now - pulse_asked_ >= kPulsePatience) {
        return fail(ErrorCode::Closed, "the compositor has not answered for {} s", kPulsePatience.count());
    }
    return {};
}

Result<const Frame*> ScreencopySource::next_frame(std::chrono::milliseconds timeout, int wake_fd) {
    const auto deadline = SteadyClock::now() + timeout;
    bool woken = false;
    for (;;) {
        if (broken_) return std::unexpected(*broken_);
        if (output_gone_) return fail(ErrorCode::Closed, "the output is gone");
        if (state_ == CopyState::Ready) {
            const Buffer& full = buffers_[filling_];
            frame_ = {.pixels = full.pixels,
                      .width = full.width,
                      .height = full.height,
                      .stride = full.stride,
                      .captured_ns = monotonic_to_realtime(presented_ns_),
                      .acquired_ns = realtime_ns(),
                      .sequence = frame_.sequence + 1,
                      .changed = damage_};
            first_ = false;
            failures_ = 0;
            filling_ ^= 1;
            request_copy();
            wl_display_flush(display_.get());
            return &frame_;
        }
        if (state_ == CopyState::Failed) {
            // A mode change invalidates the copy that was under way; an output that always fails is broken.
            if (++failures_ > 10) return fail(ErrorCode::Io, "the compositor refuses to copy the output");
            request_copy();
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
        if (left.count() <= 0 || woken) return fail(ErrorCode::Timeout, "no new frame");
        if (auto done = dispatch(std::min(left, kPulseAfter), wake_fd, woken); !done)
            return std::unexpected(done.error());
        if (auto alive = check_pulse(); !alive) return std::unexpected(alive.error());
    }
}

}  // namespace

Result<std::unique_ptr<FrameSource>> make_screencopy_source(const display::WaylandTarget& target) {
    auto source = std::make_unique<ScreencopySource>();
    if (auto opened = source->open(target); !opened) return std::unexpected(opened.error());
    return source;
}

}  // namespace punktfunk::capture
