#include "embedded_sway.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "frame_clock.hpp"
#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/clock.hpp"
#include "session_sound.hpp"

namespace punktfunk::display {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view kPrefix = "desktop-";
constexpr auto kStartPatience = 10s;
constexpr auto kX11Patience = 2s;
constexpr int kModeChecks = 100;

constexpr std::string_view kDesktop = R"(
font pango:DejaVu Sans 10
default_border normal 2
default_floating_border normal 2
titlebar_padding 10 4
client.focused #2f7d6b #2f7d6b #ffffff #2f7d6b #2f7d6b
client.unfocused #2b3442 #2b3442 #aeb8c4 #2b3442 #2b3442
output * bg #16202e solid_color
focus_follows_mouse no
floating_modifier Mod4 normal
bindsym Mod4+Return exec foot
bindsym Mod4+q kill
bindsym Mod4+f fullscreen
bindsym Mod1+Tab focus next
)";

constexpr std::string_view kDemo = R"(
for_window [title=".*"] floating enable
for_window [app_id="punktfunk-motion"] move position 66 ppt 8 ppt, no_focus
for_window [app_id="foot"] resize set 60 ppt 70 ppt, move position 3 ppt 8 ppt
no_focus [app_id="punktfunk-motion"]
bar {
  position bottom
  height 28
  status_command while date +"%F  %T"; do sleep 1; done
  colors {
    background #0e1621
    statusline #dfe6ee
    focused_workspace #2f7d6b #2f7d6b #ffffff
  }
}
exec foot --title=punktfunk sh -c 'printf "\033[1;36m  punktfunk: the embedded desktop\033[0m\n\n  Super+Return  terminal    Super+q  close    Super+drag  move\n\n"; exec bash --norc'
)";

// The windows of one program, without anything around them.
constexpr std::string_view kBare = R"(
for_window [title=".*"] border none
)";

// Only sway knows which X server is its own.
constexpr std::string_view kTellDisplay =
    R"(exec printf %s "$DISPLAY" >"$XDG_RUNTIME_DIR/x11.new" && mv "$XDG_RUNTIME_DIR/x11.new" "$XDG_RUNTIME_DIR/x11")"
    "\n";

std::string configuration(const SwayOptions& options, const Mode& mode, bool bare) {
    std::string text = fmt::format("output HEADLESS-1 mode --custom {}\n", headless_mode(mode));
    const bool xwayland = !find_program("Xwayland").empty();
    text += xwayland ? "xwayland enable\n" : "xwayland disable\n";
    text += kDesktop;
    if (bare) {
        text += kBare;
    } else if (options.demo_desktop) {
        text += kDemo;
    }
    if (xwayland) text += kTellDisplay;
    for (const auto& command : options.startup) text += "exec " + command + "\n";
    return text;
}

std::string last_line(const std::filesystem::path& log) {
    std::string text = read_file(log).value_or("");
    while (text.ends_with('\n')) text.pop_back();
    return text.substr(text.rfind('\n') + 1);
}

class EmbeddedDisplay final : public VirtualDisplay {
  public:
    EmbeddedDisplay(std::filesystem::path directory) : directory_(std::move(directory)) {}
    ~EmbeddedDisplay() override {
        ipc_.reset();
        motion_.reset();
        sway_.reset();
        sound_.reset();
        end_processes_of(directory_);
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
        for (const char* suffix :
             {".log", ".motion.log", ".program.log", ".pipewire.log", ".wireplumber.log", ".pipewire-pulse.log"})
            std::filesystem::remove(directory_.string() + suffix, ignored);
    }

    Result<void> start(const SwayOptions& options, const SessionUser& user, const std::string& program,
                       const Mode& mode, bool bare);

    [[nodiscard]] Mode mode() const override { return mode_; }
    [[nodiscard]] WaylandTarget target() const override {
        return {(directory_ / "wayland-1").string(), "HEADLESS-1", "seat0"};
    }
    [[nodiscard]] SoundTarget sound() const override {
        return sound_ ? SoundTarget{.pipewire_socket = sound_->socket()} : SoundTarget{};
    }
    Result<void> set_mode(const Mode& mode) override {
        auto set = set_sway_mode(*ipc_, "HEADLESS-1", mode);
        if (set) mode_ = mode;
        return set;
    }
    Result<SessionProcess> run(const Program& program) override;

  private:
    Result<void> wait_until_listening();
    [[nodiscard]] std::vector<std::string> environment() const;
    [[nodiscard]] std::string x11_display() const;
    std::filesystem::path directory_;
    SessionUser user_;
    std::unique_ptr<SessionSound> sound_;
    std::unique_ptr<SessionProcess> sway_, motion_;
    std::unique_ptr<SwayIpc> ipc_;
    Mode mode_;
};

std::vector<std::string> EmbeddedDisplay::environment() const {
    return {"HOME=" + user_.home,
            "USER=" + user_.name,
            "LOGNAME=" + user_.name,
            "SHELL=/bin/bash",
            "LANG=C.UTF-8",
            "PATH=/usr/local/bin:/usr/bin:/bin:/usr/games",
            "XDG_RUNTIME_DIR=" + directory_.string(),
            "XDG_SESSION_TYPE=wayland",
            "XDG_CURRENT_DESKTOP=sway",
            "SWAYSOCK=" + (directory_ / "sway.sock").string()};
}

// What sway has written by kTellDisplay; empty without Xwayland.
std::string EmbeddedDisplay::x11_display() const {
    if (find_program("Xwayland").empty()) return {};
    const auto deadline = SteadyClock::now() + kX11Patience;
    for (;;) {
        auto told = read_file(directory_ / "x11", 64);
        if (told || SteadyClock::now() >= deadline) return told.value_or("");
        (void)::poll(nullptr, 0, 5);
    }
}

Result<SessionProcess> EmbeddedDisplay::run(const Program& program) {
    std::error_code ec;
    if (!program.directory.empty() && !std::filesystem::is_directory(program.directory, ec))
        return fail(ErrorCode::InvalidArgument, "the directory {} is not there", program.directory.string());
    auto variables = environment();
    variables.emplace_back("WAYLAND_DISPLAY=wayland-1");
    if (const auto x11 = x11_display(); !x11.empty()) variables.push_back("DISPLAY=" + x11);
    variables.insert(variables.end(), program.environment.begin(), program.environment.end());
    return SessionProcess::start({.program = "/bin/sh",
                                  .arguments = {"-c", program.command},
                                  .environment = std::move(variables),
                                  .log_file = directory_.string() + ".program.log",
                                  .directory = program.directory},
                                 user_);
}

Result<void> EmbeddedDisplay::start(const SwayOptions& options, const SessionUser& user, const std::string& program,
                                    const Mode& mode, bool bare) {
    user_ = user;
    const auto config = directory_ / "sway.conf";
    if (auto written = write_file_atomic(config, configuration(options, mode, bare)); !written) return written;
    for (const auto& path : {config, directory_}) {
        if (auto given = give_to(user, path); !given) return given;
    }
    // Only its sockets are made here: the picture never waits for the sound.
    if (options.sound) {
        auto sound = SessionSound::start(directory_, user);
        if (sound) sound_ = std::move(*sound);
        if (!sound) spdlog::warn("a desktop without sound: {}", sound.error().message);
    }
    auto variables = environment();
    for (const char* variable :
         {"WLR_BACKENDS=headless", "WLR_RENDERER=pixman", "WLR_LIBINPUT_NO_DEVICES=1", "WLR_HEADLESS_OUTPUTS=1"})
        variables.emplace_back(variable);
    auto started = SessionProcess::start({.program = program,
                                          .arguments = {"-c", config},
                                          .environment = std::move(variables),
                                          .log_file = directory_.string() + ".log"},
                                         user);
    if (!started) return std::unexpected(started.error());
    sway_ = std::make_unique<SessionProcess>(std::move(*started));
    if (auto listening = wait_until_listening(); !listening) return listening;
    auto ipc = SwayIpc::connect(directory_ / "sway.sock");
    if (!ipc) return std::unexpected(ipc.error());
    ipc_ = std::make_unique<SwayIpc>(std::move(*ipc));
    if (auto set = set_mode(mode); !set) return set;
    // By us and not by sway's configuration: its user need not reach the program.
    if (!bare && options.demo_desktop && !options.motion_program.empty()) {
        auto motion = SessionProcess::start(
            {.program = options.motion_program,
             .arguments = {},
             .environment = {"XDG_RUNTIME_DIR=" + directory_.string(), "WAYLAND_DISPLAY=wayland-1"},
             .log_file = directory_.string() + ".motion.log"},
            user);
        if (motion) motion_ = std::make_unique<SessionProcess>(std::move(*motion));
    }
    return {};
}

// sway makes its sockets when it is ready; the directory tells when they appear.
Result<void> EmbeddedDisplay::wait_until_listening() {
    const UniqueFd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    ::inotify_add_watch(watch.get(), directory_.c_str(), IN_CREATE);
    const auto deadline = SteadyClock::now() + kStartPatience;
    const auto there = [&](const char* name) { return std::filesystem::is_socket(directory_ / name); };
    while (!there("wayland-1") || !SwayIpc::connect(directory_ / "sway.sock")) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
        if (left <= 0)
            return fail(ErrorCode::Timeout, "sway did not start in {} s; its words are in {}.log",
                        kStartPatience.count(), directory_.string());
        std::array<pollfd, 2> waiting{{{watch.get(), POLLIN, 0}, {sway_->pidfd(), POLLIN, 0}}};
        // A socket exists a moment before it is listened on, and that makes no event: look again soon.
        (void)::poll(waiting.data(), waiting.size(), static_cast<int>(std::min<int64_t>(left, 20)));
        if (waiting[1].revents != 0) {
            return fail(ErrorCode::Io, "sway ended at once: {}", last_line(directory_.string() + ".log"));
        }
        std::array<char, 4096> events{};
        (void)!::read(watch.get(), events.data(), events.size());
    }
    return {};
}

}  // namespace

std::string find_program(const std::string& name) {
    for (const char* directory : {"/usr/local/bin/", "/usr/bin/", "/bin/"}) {
        if (::access((directory + name).c_str(), X_OK) == 0) return directory + name;
    }
    return {};
}

Result<void> set_sway_mode(SwayIpc& ipc, const std::string& output, const Mode& mode) {
    const std::string line = fmt::format("output {} mode --custom {}", output, headless_mode(mode));
    if (auto set = ipc.command(line); !set) return set;
    for (int check = 0; check < kModeChecks; ++check) {
        auto outputs = ipc.outputs();
        if (!outputs) return std::unexpected(outputs.error());
        for (const SwayOutput& candidate : *outputs) {
            if (candidate.name == output && candidate.mode_width == mode.width && candidate.mode_height == mode.height)
                return {};
        }
        (void)::poll(nullptr, 0, 5);
    }
    return fail(ErrorCode::Unsupported, "sway did not take the mode {}x{}@{}", mode.width, mode.height,
                mode.refresh_hz);
}

void remove_leftovers(const std::filesystem::path& runtime_dir) {
    std::error_code ec;
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(runtime_dir, ec)) {
        if (entry.path().filename().string().starts_with(kPrefix)) found.push_back(entry.path());
    }
    for (const auto& path : found) {
        if (std::filesystem::is_directory(path, ec)) end_processes_of(path);
    }
    for (const auto& path : found) std::filesystem::remove_all(path, ec);
}

Result<std::unique_ptr<VirtualDisplay>> start_embedded_sway(const SwayOptions& options, const SessionUser& user,
                                                            const std::string& program, const Mode& mode, bool bare) {
    std::string directory = options.runtime_dir / (std::string(kPrefix) + "XXXXXX");
    if (::mkdtemp(directory.data()) == nullptr) return fail_errno(errno, "creating " + directory);
    auto display = std::make_unique<EmbeddedDisplay>(directory);
    if (auto started = display->start(options, user, program, mode, bare); !started)
        return std::unexpected(started.error());
    return display;
}

}  // namespace punktfunk::display
