// A program of the desktop, started by the host: its own process group, its own user when the host is root, gone with
// the host.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::display {

struct SessionUser {
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name, home;
};

// Who runs the desktop: ourselves, or `name` when we are root. A desktop never runs as root.
Result<SessionUser> resolve_session_user(const std::string& name);

// Makes the user the owner of a file or directory of ours, when we are root.
Result<void> give_to(const SessionUser& user, const std::filesystem::path& path);

class SessionProcess {
  public:
    struct Spec {
        std::string program;  // absolute path
        std::vector<std::string> arguments, environment;
        std::filesystem::path log_file;
        std::string directory;  // where it runs; empty: the user's home
        int niceness = 0;       // below 0 only where we may
        int listen_fd = -1;     // a socket that the program is to serve, handed over as systemd does (LISTEN_FDS)
    };
    static Result<SessionProcess> start(const Spec& spec, const SessionUser& user);
    SessionProcess(SessionProcess&&) noexcept;
    SessionProcess& operator=(SessionProcess&&) = delete;
    ~SessionProcess();  // SIGTERM to the group, 2 s, SIGKILL

    [[nodiscard]] bool running() const;
    [[nodiscard]] pid_t pid() const { return pid_; }
    // Readable when the process has ended.
    [[nodiscard]] int pidfd() const { return pidfd_.get(); }

  private:
    SessionProcess(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
    pid_t pid_ = -1;
    UniqueFd pidfd_;
};

// Kills every process that lives in the session with this XDG_RUNTIME_DIR, as its environment says: what outlived its
// compositor, or a host that was killed.
void end_processes_of(const std::filesystem::path& session_dir);

}  // namespace punktfunk::display
