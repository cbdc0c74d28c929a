// A client's desktop that outlives the sessions that show it: it is kept, with the programs on it, from a disconnect to
// the next connection, until close(). For a StreamSession it is a DisplayBackend that makes one display at a time.
//
// It has a thread of its own, which starts everything: what the host has started ends with the thread that did.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/display/display.hpp"

namespace punktfunk::display {

struct KeptDesktopOptions {
    std::string label;               // for the log: the app's name
    std::optional<Program> program;  // run once the display is there, and again when it had to be made anew
    std::optional<Program> undo;     // run, and waited for, when the program has ended or was ended
    // The program has ended by itself. On this desktop's thread.
    std::function<void()> program_ended;
};

class KeptDesktop final : public DisplayBackend {
  public:
    // `backend` must outlive it.
    KeptDesktop(DisplayBackend& backend, KeptDesktopOptions options);
    ~KeptDesktop() override;  // as close(), and waits for it: seconds, when programs do not want to end

    // A new session begins: its first create() gets the display that there is, once the session before has given it
    // back; the next ones get new ones, since that is how a session asks for what it cannot repair. With a mode, the
    // display is made ready meanwhile.
    void begin_session(std::optional<Mode> mode);
    // Ends the program, and the display as soon as no session shows it. create() fails from now on. Does not wait.
    void close();

    [[nodiscard]] std::string_view name() const override { return backend_.name(); }
    [[nodiscard]] std::string description() const override { return backend_.description(); }
    Result<std::unique_ptr<VirtualDisplay>> create(const Mode& mode) override;

  private:
    class Lent;
    using Job = std::move_only_function<void()>;

    void run(const std::stop_token& stop);
    void post(Job job);
    void take_back(std::unique_ptr<VirtualDisplay> display, uint64_t generation);

    // The thread's.
    [[nodiscard]] std::optional<Job> next_job();
    Result<void> provide(const Mode& mode);
    Result<void> make_anew(const Mode& mode);
    void watch_program();
    void finish();

    DisplayBackend& backend_;
    const KeptDesktopOptions options_;
    const UniqueFd wake_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    bool may_reuse_ = false;  // this session has not made a display yet
    bool lent_ = false;       // a session holds the display of this generation
    bool closed_ = false;
    uint64_t generation_ = 0;                  // of the display; an older one that comes back is of no use
    std::unique_ptr<VirtualDisplay> display_;  // when it is not lent

    // The thread's.
    std::optional<SessionProcess> program_;
    std::optional<SteadyClock::time_point> ended_at_;  // the program, by itself
    bool undo_due_ = false;                            // the program has been started

    std::jthread thread_;
};

}  // namespace punktfunk::display
