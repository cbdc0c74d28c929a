#include "punktfunk/display/session_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <limits>

namespace punktfunk::display {

namespace {

constexpr int kPatienceMs = 2000;
constexpr int kSweeps = 5;

bool wait_for_end(int pidfd, int timeout_ms) {
    pollfd ended{pidfd, POLLIN, 0};
    return ::poll(&ended, 1, timeout_ms) > 0;
}

int open_pidfd(pid_t pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

void end_group(pid_t group, int pidfd) {
    ::kill(-group, SIGTERM);
    if (!wait_for_end(pidfd, kPatienceMs)) ::kill(-group, SIGKILL);
    (void)wait_for_end(pidfd, kPatienceMs);
    ::kill(-group, SIGKILL);  // whatever outlived its leader
}

constexpr int kFirstListenFd = 3;
constexpr std::string_view kListenPid = "LISTEN_PID=";

// LISTEN_PID names the process that LISTEN_FDS is for, which is known only after the fork: `variable` has room for it.
void hand_over_listener(int& program, int listener, char* variable) {
    program = ::fcntl(program, F_DUPFD_CLOEXEC, kFirstListenFd + 1);  // out of the way
    listener = ::fcntl(listener, F_DUPFD_CLOEXEC, kFirstListenFd + 1);
    ::dup2(listener, kFirstListenFd);
    char* const digits = variable + kListenPid.size();
    *std::to_chars(digits, digits + std::numeric_limits<pid_t>::digits10 + 1, ::getpid()).ptr = '\0';
}

// Only calls that are safe between fork and exec.
[[noreturn]] void become(const SessionProcess::Spec& spec, const SessionUser& user, bool switch_user, pid_t parent,
                         int program, char* const* argv, char* const* envp, int log, char* listen_pid) {
    ::setpgid(0, 0);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    if (spec.niceness != 0) (void)::setpriority(PRIO_PROCESS, 0, spec.niceness);
    if (spec.listen_fd >= 0) hand_over_listener(program, spec.listen_fd, listen_pid);
    if (switch_user && (::setgroups(0, nullptr) != 0 || ::setgid(user.gid) != 0 || ::setuid(user.uid) != 0))
        ::_exit(126);
    // After the change of user, which clears it. The parent may be gone already. Not SIGTERM: sway forgets one that
    // comes while it starts.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(125);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const std::string& directory = spec.directory.empty() ? user.home : spec.directory;
    if (::chdir(directory.c_str()) != 0) (void)::chdir("/");
    ::execveat(program, "", argv, envp, AT_EMPTY_PATH);
    ::_exit(127);
}

}  // namespace

Result<SessionUser> resolve_session_user(const std::string& name) {
    const bool root = ::geteuid() == 0;
    const passwd* entry = root ? ::getpwnam(name.c_str()) : ::getpwuid(::geteuid());
    if (entry == nullptr) {
        return root ? Result<SessionUser>(fail(ErrorCode::NotAvailable,
                                               "a desktop never runs as root, and there is no user '{0}': create it "
                                               "(useradd --system --create-home {0}) or name one "
                                               "with --session-user",
                                               name))
                    : Result<SessionUser>(
                          fail(ErrorCode::NotAvailable, "this user has no entry in the password database"));
    }
    if (entry->pw_uid == 0)
        return fail(ErrorCode::InvalidArgument, "--session-user {}: a desktop never runs as root", name);
    return SessionUser{entry->pw_uid, entry->pw_gid, entry->pw_name, entry->pw_dir};
}

Result<void> give_to(const SessionUser& user, const std::filesystem::path& path) {
    if (::geteuid() != 0 || ::chown(path.c_str(), user.uid, user.gid) == 0) return {};
    return fail_errno(errno, "giving " + path.string() + " to " + user.name);
}

Result<SessionProcess> SessionProcess::start(const Spec& spec, const SessionUser& user) {
    std::vector<std::string> arguments = spec.arguments, environment = spec.environment;
    arguments.insert(arguments.begin(), spec.program);
    std::string listen_pid(kListenPid);
    if (spec.listen_fd >= 0) {
        listen_pid.resize(kListenPid.size() + std::numeric_limits<pid_t>::digits10 + 2, '\0');
        environment.emplace_back("LISTEN_FDS=1");
    }
    std::vector<char*> argv, envp;
    for (auto& argument : arguments) argv.push_back(argument.data());
    for (auto& variable : environment) envp.push_back(variable.data());
    argv.push_back(nullptr);
    if (spec.listen_fd >= 0) envp.push_back(listen_pid.data());
    envp.push_back(nullptr);
    // Opened as ourselves: the program may lie where the session's user cannot look.
    const UniqueFd program(::open(spec.program.c_str(), O_PATH | O_CLOEXEC));
    if (!program) return fail_errno(errno, spec.program);
    UniqueFd log(::open(spec.log_file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
    if (!log) return fail_errno(errno, spec.log_file.string());
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return fail_errno(errno, "fork");
    if (pid == 0)
        become(spec, user, ::geteuid() == 0, parent, program.get(), argv.data(), envp.data(), log.get(),
               listen_pid.data());
    SessionProcess process(pid, UniqueFd(open_pidfd(pid)));
    if (!process.pidfd_) return fail_errno(errno, "pidfd_open");
    return process;
}

SessionProcess::SessionProcess(SessionProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}

SessionProcess::~SessionProcess() {
    if (pid_ < 0) return;
    end_group(pid_, pidfd_.get());
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
}

bool SessionProcess::running() const {
    return !wait_for_end(pidfd_.get(), 0);
}

void end_processes_of(const std::filesystem::path& session_dir) {
    const std::string mark = "XDG_RUNTIME_DIR=" + session_dir.string();
    // One that forks while it is looked at is found in the next round.
    for (int round = 0; round < kSweeps; ++round) {
        bool found = false;
        std::error_code unreadable;
        for (const auto& entry : std::filesystem::directory_iterator("/proc", unreadable)) {
            const std::string name = entry.path().filename();
            pid_t pid = 0;
            const auto [end, ec] = std::from_chars(name.data(), name.data() + name.size(), pid);
            if (ec != std::errc{} || end != name.data() + name.size() || pid == ::getpid()) continue;
            const UniqueFd pidfd(open_pidfd(pid));  // before looking: the number cannot pass to another one
            std::ifstream environment(entry.path() / "environ");
            for (std::string variable; pidfd && std::getline(environment, variable, '\0');) {
                if (variable != mark) continue;
                found = true;
                ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
                break;
            }
        }
        if (!found) return;
    }
}

}  // namespace punktfunk::display
