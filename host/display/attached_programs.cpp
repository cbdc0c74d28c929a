#include "attached_programs.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <set>

#include "sway_ipc.hpp"
#include "wayland_socket.hpp"

namespace punktfunk::display {

namespace {

constexpr int kMostAncestors = 64;

// The user whose session it is. Root's is nobody's: a desktop never runs as root.
Result<SessionUser> owner_of(const std::string& socket) {
    struct stat info{};
    if (::stat(socket.c_str(), &info) != 0) return fail_errno(errno, socket);
    const uid_t uid = ::geteuid() == 0 ? info.st_uid : ::geteuid();
    if (uid == 0) return fail(ErrorCode::InvalidArgument, "the sway session is root's: no app is started there");
    const passwd* entry = ::getpwuid(uid);
    if (entry == nullptr) return fail(ErrorCode::NotAvailable, "user {} has no entry in the password database", uid);
    return SessionUser{entry->pw_uid, entry->pw_gid, entry->pw_name, entry->pw_dir};
}

using Environment = std::map<std::string, std::string>;

Environment environment_of(const std::filesystem::path& process) {
    Environment variables;
    std::ifstream file(process / "environ");
    for (std::string variable; std::getline(file, variable, '\0');) {
        if (const size_t equals = variable.find('='); equals != std::string::npos)
            variables[variable.substr(0, equals)] = variable.substr(equals + 1);
    }
    return variables;
}

// What the session's programs have: those know the X display too, which sway's own environment does not show. Sway's
// where it has no program yet.
Environment session_environment(const AttachedPlace& place) {
    std::error_code unreadable;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", unreadable)) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        auto variables = environment_of(entry.path());
        const auto socket = variables.find("SWAYSOCK");
        if (socket != variables.end() && socket->second == place.ipc_socket && variables.contains("DISPLAY"))
            return variables;
    }
    return environment_of(std::filesystem::path("/proc") / std::to_string(listener_of(place.ipc_socket)));
}

pid_t parent_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const size_t name_end = line.rfind(')');  // a name may hold anything
    if (name_end == std::string::npos || name_end + 4 > line.size()) return 0;
    pid_t parent = 0;
    std::from_chars(line.data() + name_end + 4, line.data() + line.size(), parent);
    return parent;
}

bool descends(pid_t pid, const std::set<pid_t>& programs) {
    for (int i = 0; i < kMostAncestors && pid > 1; ++i, pid = parent_of(pid)) {
        if (programs.contains(pid) || programs.contains(::getpgid(pid))) return true;
    }
    return false;
}

// Whoever sits there keeps his focus: a window that comes up goes to the output before it has been looked at.
void move_windows(const std::stop_token& stop, SwayIpc events, SwayIpc commands, const std::string& output, int news) {
    std::set<pid_t> programs;
    while (!stop.stop_requested()) {
        std::array<pollfd, 2> ready{{{events.fd(), POLLIN, 0}, {news, POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return;
        pid_t program = 0;
        while (::read(news, &program, sizeof program) == sizeof program) {
            if (program > 0) programs.insert(program);
        }
        if (ready[0].revents == 0) continue;
        const auto window = events.next_new_window();
        if (!window) return;  // sway is gone
        if (window->pid == 0 || !descends(window->pid, programs)) continue;
        const auto moved =
            commands.command(fmt::format("[con_id={}] move container to output {}", window->container, output));
        if (!moved) spdlog::warn("an app's window: {}", moved.error().message);
    }
}

}  // namespace

AttachedPrograms::AttachedPrograms(AttachedPlace place) : place_(std::move(place)) {}

AttachedPrograms::~AttachedPrograms() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    const pid_t none = 0;
    (void)!::write(wake_.get(), &none, sizeof none);
}

Result<void> AttachedPrograms::watch() {
    if (thread_.joinable()) return {};
    auto events = SwayIpc::connect(place_.ipc_socket), commands = SwayIpc::connect(place_.ipc_socket);
    if (!events || !commands) return std::unexpected((events ? commands : events).error());
    if (auto subscribed = events->subscribe_to_windows(); !subscribed) return subscribed;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return fail_errno(errno, "pipe");
    news_.reset(ends[0]);
    wake_.reset(ends[1]);
    thread_ = std::jthread([events = std::move(*events), commands = std::move(*commands), output = place_.output,
                            news = news_.get()](const std::stop_token& stop) mutable {
        move_windows(stop, std::move(events), std::move(commands), output, news);
    });
    ::pthread_setname_np(thread_.native_handle(), "pf-windows");
    return {};
}

Result<SessionProcess> AttachedPrograms::run(const Program& program) {
    std::error_code ec;
    if (!program.directory.empty() && !std::filesystem::is_directory(program.directory, ec))
        return fail(ErrorCode::InvalidArgument, "the directory {} is not there", program.directory.string());
    const auto user = owner_of(place_.wayland_socket);
    if (!user) return std::unexpected(user.error());
    if (auto watching = watch(); !watching) return std::unexpected(watching.error());
    Environment variables = session_environment(place_);
    const std::filesystem::path wayland = place_.wayland_socket;
    variables["SWAYSOCK"] = place_.ipc_socket;
    variables["XDG_RUNTIME_DIR"] = wayland.parent_path();
    variables["WAYLAND_DISPLAY"] = wayland.filename();
    // What it plays is for the client, not for the loudspeakers of whoever sits there.
    variables["PULSE_SINK"] = variables["PIPEWIRE_NODE"] = place_.sink;
    std::vector<std::string> environment;
    for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
    environment.insert(environment.end(), program.environment.begin(), program.environment.end());
    auto started = SessionProcess::start({.program = "/bin/sh",
                                          .arguments = {"-c", program.command},
                                          .environment = std::move(environment),
                                          .log_file = place_.log_file,
                                          .directory = program.directory},
                                         *user);
    if (!started) return started;
    const pid_t pid = started->pid();
    (void)!::write(wake_.get(), &pid, sizeof pid);
    return started;
}

}  // namespace punktfunk::display
