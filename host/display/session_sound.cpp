#include "session_sound.hpp"

#include <poll.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

#include "embedded_sway.hpp"
#include "punktfunk/base/atomic_file.hpp"

namespace punktfunk::display {

using namespace std::chrono_literals;

namespace {

constexpr int kBacklog = 64;
constexpr int kNiceness = -11;  // as PipeWire asks for where it is the user's own
// One that has worked for a while is started again at once, one that keeps ending with growing pauses.
constexpr auto kFirstPause = 100ms;
constexpr auto kMaxPause = 2000ms;
constexpr auto kHealthy = 10s;

// A quantum of 5 ms is one packet to the client, at the least delay. Whatever runs at another pace is resampled to it.
constexpr std::string_view kPipeWire = R"(context.properties = {
    clock.power-of-two-quantum = false
    default.clock.rate = 48000
    default.clock.allowed-rates = [ 48000 ]
    default.clock.quantum = 240
    default.clock.min-quantum = 240
}
)";
// The machine's devices belong to whoever sits at it. WirePlumber 0.4 is configured in Lua, later ones are not.
constexpr std::string_view kWirePlumber04 = R"(alsa_monitor.enabled = false
v4l2_monitor.enabled = false
libcamera_monitor.enabled = false
default_access.properties["enable-flatpak-portal"] = false
)";
constexpr std::string_view kWirePlumber04Bluetooth = "bluez_monitor.enabled = false\n";
constexpr std::string_view kWirePlumber05 = R"(wireplumber.profiles = {
    main = {
        hardware.audio = disabled
        hardware.bluetooth = disabled
        hardware.video-capture = disabled
        support.reserve-device = disabled
        support.portal-permissionstore = disabled
    }
}
)";

struct ConfigFile {
    const char* path;
    std::string_view text;
};
constexpr ConfigFile kConfiguration[]{
    {"pipewire/pipewire.conf.d/50-punktfunk.conf", kPipeWire},
    {"wireplumber/main.lua.d/51-punktfunk.lua", kWirePlumber04},
    {"wireplumber/bluetooth.lua.d/51-punktfunk.lua", kWirePlumber04Bluetooth},
    {"wireplumber/wireplumber.conf.d/51-punktfunk.conf", kWirePlumber05},
};

}  // namespace

Result<std::unique_ptr<SessionSound>> SessionSound::start(const std::filesystem::path& runtime_dir,
                                                          const SessionUser& user) {
    std::unique_ptr<SessionSound> made(new SessionSound(runtime_dir, user));
    if (auto prepared = made->prepare(); !prepared) return std::unexpected(prepared.error());
    made->supervisor_ = std::jthread([sound = made.get()](const std::stop_token& stop) { sound->run(stop); });
    pthread_setname_np(made->supervisor_.native_handle(), "pf-sound-keeper");
    return made;
}

SessionSound::SessionSound(std::filesystem::path runtime_dir, SessionUser user)
    : runtime_dir_(std::move(runtime_dir)),
      user_(std::move(user)),
      services_{{{.name = "pipewire"}, {.name = "wireplumber"}, {.name = "pipewire-pulse"}}},
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

SessionSound::~SessionSound() {
    supervisor_.request_stop();
    (void)::eventfd_write(stop_.get(), 1);
}

Result<void> SessionSound::prepare() {
    for (auto& service : services_) {
        service.program = find_program(service.name);
        if (service.program.empty())
            return fail(ErrorCode::NotAvailable, "{} is not installed: apt install pipewire wireplumber pipewire-pulse",
                        service.name);
    }
    const auto config = runtime_dir_ / "sound";
    for (const auto& file : kConfiguration) {
        if (auto written = write_file_atomic(config / file.path, file.text); !written) return written;
    }
    const auto pulse = runtime_dir_ / "pulse";
    std::error_code ec;
    std::filesystem::create_directory(pulse, ec);
    std::filesystem::permissions(pulse, std::filesystem::perms::owner_all, ec);
    if (ec) return fail_errno(ec.value(), pulse.string());
    auto pipewire_socket = listen_at(socket());
    if (!pipewire_socket) return std::unexpected(pipewire_socket.error());
    services_[0].socket = std::move(*pipewire_socket);
    auto pulse_socket = listen_at(pulse / "native");
    if (!pulse_socket) return std::unexpected(pulse_socket.error());
    services_[2].socket = std::move(*pulse_socket);
    for (const auto& top : {config, pulse}) {
        if (auto given = give_to(user_, top); !given) return given;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
            if (auto given = give_to(user_, entry.path()); !given) return given;
        }
    }
    return give_to(user_, socket());
}

Result<UniqueFd> SessionSound::listen_at(const std::filesystem::path& path) const {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const std::string text = path;
    if (text.size() >= sizeof address.sun_path)
        return fail(ErrorCode::InvalidArgument, "{}: longer than a socket's path may be", text);
    text.copy(address.sun_path, text.size());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd.get(), kBacklog) != 0)
        return fail_errno(errno, text);
    return fd;
}

void SessionSound::start_service(Service& service) {
    service.started = SteadyClock::now();
    auto process = SessionProcess::start(
        {.program = service.program,
         .arguments = {},
         .environment = {"HOME=" + user_.home, "USER=" + user_.name, "LOGNAME=" + user_.name, "LANG=C.UTF-8",
                         "PATH=/usr/local/bin:/usr/bin:/bin", "XDG_RUNTIME_DIR=" + runtime_dir_.string(),
                         // Neither this user's settings nor what it chose in another desktop.
                         "XDG_CONFIG_HOME=" + (runtime_dir_ / "sound").string(),
                         "XDG_STATE_HOME=" + (runtime_dir_ / "sound" / "state").string()},
         .log_file = fmt::format("{}.{}.log", runtime_dir_.string(), service.name),
         .niceness = kNiceness,
         .listen_fd = service.socket.get()},
        user_);
    if (process) {
        service.process.emplace(std::move(*process));
    } else {
        spdlog::warn("sound: {}: {}", service.name, process.error().message);
        ended(service);
    }
}

void SessionSound::ended(Service& service) const {
    service.process.reset();
    const auto now = SteadyClock::now();
    service.pause = now - service.started > kHealthy
                        ? 0ms
                        : std::clamp<std::chrono::milliseconds>(2 * service.pause, kFirstPause, kMaxPause);
    service.due = now + service.pause;
}

// Nothing is started before somebody connects: the start of a session has better things to do.
bool SessionSound::wanted() const {
    std::array<pollfd, 3> waiting{
        {{services_[0].socket.get(), POLLIN, 0}, {services_[2].socket.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
    (void)::poll(waiting.data(), waiting.size(), -1);
    return waiting[2].revents == 0;
}

void SessionSound::run(const std::stop_token& stop) {
    if (!wanted()) return;
    while (!stop.stop_requested()) {
        auto wake = SteadyClock::time_point::max();
        for (auto& service : services_) {
            if (!service.process && service.due <= SteadyClock::now()) start_service(service);
            if (!service.process) wake = std::min(wake, service.due);
        }
        std::array<pollfd, 4> waiting{};
        waiting[3] = {stop_.get(), POLLIN, 0};
        for (size_t i = 0; i < services_.size(); ++i)
            waiting[i] = {services_[i].process ? services_[i].process->pidfd() : -1, POLLIN, 0};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(wake - SteadyClock::now());
        const bool for_ever = wake == SteadyClock::time_point::max();
        (void)::poll(waiting.data(), waiting.size(),
                     for_ever ? -1 : static_cast<int>(std::max<int64_t>(left.count(), 0)));
        for (size_t i = 0; i < services_.size(); ++i) {
            if (waiting[i].revents == 0 || !services_[i].process) continue;
            spdlog::warn("sound: {} has ended; starting it again", services_[i].name);
            ended(services_[i]);
            // A new session manager does not link what an old one left, and an old one does not survive its daemon.
            if (i < 2 && services_[1 - i].process) ended(services_[1 - i]);
        }
    }
}

}  // namespace punktfunk::display
