#include "punktfunk/display/kept_desktop.hpp"

#include <poll.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <future>

namespace punktfunk::display {

using namespace std::chrono_literals;

namespace {

constexpr auto kReturnPatience = 5s;  // for the session before to give its display back
constexpr int kUndoPatienceMs = 10'000;
// A desktop that crashes takes its program along. The session then asks for a new one, which it does within this time.
constexpr auto kVerdictAfter = 500ms;

}  // namespace

// The display in the hands of a session.
class KeptDesktop::Lent final : public VirtualDisplay {
  public:
    Lent(KeptDesktop& desktop, std::unique_ptr<VirtualDisplay> display, uint64_t generation)
        : desktop_(desktop), display_(std::move(display)), generation_(generation) {}
    ~Lent() override { desktop_.take_back(std::move(display_), generation_); }
    [[nodiscard]] Mode mode() const override { return display_->mode(); }
    [[nodiscard]] WaylandTarget target() const override { return display_->target(); }
    [[nodiscard]] SoundTarget sound() const override { return display_->sound(); }
    Result<void> set_mode(const Mode& mode) override { return display_->set_mode(mode); }

  private:
    KeptDesktop& desktop_;
    std::unique_ptr<VirtualDisplay> display_;
    const uint64_t generation_;
};

KeptDesktop::KeptDesktop(DisplayBackend& backend, KeptDesktopOptions options)
    : backend_(backend), options_(std::move(options)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    ::pthread_setname_np(thread_.native_handle(), "pf-desktop");
}

KeptDesktop::~KeptDesktop() {
    close();
    thread_.request_stop();
    (void)::eventfd_write(wake_.get(), 1);
    thread_.join();
}

void KeptDesktop::post(Job job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    (void)::eventfd_write(wake_.get(), 1);
}

void KeptDesktop::begin_session(std::optional<Mode> mode) {
    {
        const std::lock_guard lock(mutex_);
        may_reuse_ = true;
    }
    if (!mode) return;
    post([this, mode = *mode] {
        {
            const std::lock_guard lock(mutex_);
            if (lent_ || closed_) return;
        }
        if (auto made = provide(mode); !made) spdlog::warn("{}: {}", options_.label, made.error().message);
    });
}

void KeptDesktop::close() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(closed_, true)) return;
    }
    post([this] { finish(); });
}

Result<std::unique_ptr<VirtualDisplay>> KeptDesktop::create(const Mode& mode) {
    std::promise<Result<void>> promise;
    auto done = promise.get_future();
    {
        std::unique_lock lock(mutex_);
        const bool first = std::exchange(may_reuse_, false);
        if (first) changed_.wait_for(lock, kReturnPatience, [this] { return !lent_ || closed_; });
        if (!first || lent_) {
            ++generation_;  // what is still out there is nobody's when it comes back
            lent_ = false;
            jobs_.push_back([old = std::move(display_)]() mutable { old.reset(); });
        }
        // Held from here on: another session's create() waits, and close() finds something to wait for.
        lent_ = true;
    }
    post([&] { promise.set_value(provide(mode)); });
    auto provided = done.get();
    std::unique_lock lock(mutex_);
    if (!provided || closed_ || display_ == nullptr) {
        lent_ = false;
        changed_.notify_all();
        if (!provided) return std::unexpected(std::move(provided.error()));
        return fail(ErrorCode::Closed, "{} has been ended", options_.label);
    }
    return std::make_unique<Lent>(*this, std::move(display_), generation_);
}

void KeptDesktop::take_back(std::unique_ptr<VirtualDisplay> display, uint64_t generation) {
    {
        const std::lock_guard lock(mutex_);
        if (generation != generation_) return;  // goes here, on the caller's thread
        display_ = std::move(display);
        lent_ = false;
        changed_.notify_all();
        if (!closed_) return;
    }
    post([this] { finish(); });
}

std::optional<KeptDesktop::Job> KeptDesktop::next_job() {
    const std::lock_guard lock(mutex_);
    if (jobs_.empty()) return std::nullopt;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
}

void KeptDesktop::run(const std::stop_token& stop) {
    for (;;) {
        while (auto job = next_job()) (*job)();
        if (stop.stop_requested()) break;
        std::array<pollfd, 2> waiting{{{wake_.get(), POLLIN, 0}, {program_ ? program_->pidfd() : -1, POLLIN, 0}}};
        const int timeout = ended_at_ ? static_cast<int>(std::chrono::milliseconds(kVerdictAfter).count()) : -1;
        (void)::poll(waiting.data(), waiting.size(), timeout);
        eventfd_t drained = 0;
        (void)::eventfd_read(wake_.get(), &drained);
        watch_program();
    }
    finish();
}

void KeptDesktop::watch_program() {
    if (program_ && !program_->running()) {
        program_.reset();
        ended_at_ = SteadyClock::now();
    }
    if (!ended_at_ || SteadyClock::now() < *ended_at_ + kVerdictAfter) return;
    ended_at_.reset();
    spdlog::info("{} has ended", options_.label);
    if (options_.program_ended) options_.program_ended();
}

Result<void> KeptDesktop::provide(const Mode& mode) {
    std::unique_ptr<VirtualDisplay> display;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return fail(ErrorCode::Closed, "{} has been ended", options_.label);
        display = std::move(display_);
    }
    if (display != nullptr && display->mode() != mode) {
        if (auto set = display->set_mode(mode); !set) {
            spdlog::warn("{}: {}; the desktop is made anew", options_.label, set.error().message);
            display.reset();
        }
    }
    if (display == nullptr) return make_anew(mode);
    const std::lock_guard lock(mutex_);
    display_ = std::move(display);
    return {};
}

Result<void> KeptDesktop::make_anew(const Mode& mode) {
    program_.reset();
    ended_at_.reset();
    auto made = options_.program ? backend_.create_bare(mode) : backend_.create(mode);
    if (!made) return std::unexpected(std::move(made.error()));
    if (options_.program) {
        auto started = (*made)->run(*options_.program);
        if (!started) return std::unexpected(std::move(started.error()).in(options_.label));
        program_.emplace(std::move(*started));
        undo_due_ = true;
    }
    const std::lock_guard lock(mutex_);
    display_ = std::move(*made);
    return {};
}

// Once close() was called: what can end now ends now, and the rest when the display comes back.
void KeptDesktop::finish() {
    program_.reset();
    ended_at_.reset();
    std::unique_ptr<VirtualDisplay> display;
    {
        const std::lock_guard lock(mutex_);
        if (lent_) return;
        display = std::move(display_);
    }
    const bool undo = options_.undo && std::exchange(undo_due_, false);
    if (display == nullptr) {
        if (undo) spdlog::warn("{}: the undo command was not run: its display is gone", options_.label);
        return;
    }
    if (undo) {
        auto undoing = display->run(*options_.undo);
        pollfd ended{undoing ? undoing->pidfd() : -1, POLLIN, 0};
        if (!undoing) {
            spdlog::warn("{}: the undo command: {}", options_.label, undoing.error().message);
        } else if (::poll(&ended, 1, kUndoPatienceMs) <= 0) {
            spdlog::warn("{}: the undo command did not end in {} s", options_.label, kUndoPatienceMs / 1000);
        }
    }
}

}  // namespace punktfunk::display
