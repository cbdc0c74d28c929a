// Virtual displays on sway: an own headless sway for every client, or outputs added to a sway session that is running.
#include <algorithm>
#include <mutex>
#include <set>

#include "embedded_sway.hpp"
#include "punktfunk/display/display.hpp"
#include "sway_ipc.hpp"
#include "wayland_socket.hpp"

namespace punktfunk::display {

namespace {

class EmbeddedBackend final : public DisplayBackend {
  public:
    EmbeddedBackend(SwayOptions options, SessionUser user, std::string program)
        : options_(std::move(options)), user_(std::move(user)), program_(std::move(program)) {}
    [[nodiscard]] std::string_view name() const override { return "sway"; }
    [[nodiscard]] std::string description() const override {
        return fmt::format("an own headless sway for every client, run by user {}", user_.name);
    }
    Result<std::unique_ptr<VirtualDisplay>> create(const Mode& mode) override {
        return start_embedded_sway(options_, user_, program_, mode);
    }

  private:
    SwayOptions options_;
    SessionUser user_;
    std::string program_;
};

// Outputs of a session that belongs to somebody else: added and removed, nothing else is touched.
class AttachedBackend final : public DisplayBackend {
  public:
    AttachedBackend(std::string ipc_socket, std::string wayland_socket, int minor)
        : ipc_socket_(std::move(ipc_socket)), wayland_socket_(std::move(wayland_socket)), can_unplug_(minor >= 8) {}
    [[nodiscard]] std::string_view name() const override { return "sway"; }
    [[nodiscard]] std::string description() const override {
        return fmt::format("outputs added to the running sway at {}", ipc_socket_);
    }

    Result<std::unique_ptr<VirtualDisplay>> create(const Mode& mode) override;
    void give_back(const std::string& output);
    [[nodiscard]] const std::string& ipc_socket() const { return ipc_socket_; }
    [[nodiscard]] const std::string& wayland_socket() const { return wayland_socket_; }

  private:
    Result<std::string> take_output(SwayIpc& ipc);
    std::string ipc_socket_, wayland_socket_;
    bool can_unplug_;
    std::mutex mutex_;
    std::set<std::string> unused_;  // sway 1.7 cannot remove an output: it waits here for the next client
    unsigned next_seat_ = 0;
};

class AttachedDisplay final : public VirtualDisplay {
  public:
    AttachedDisplay(AttachedBackend& backend, SwayIpc ipc, std::string output, std::string seat)
        : backend_(backend), ipc_(std::move(ipc)), output_(std::move(output)), seat_(std::move(seat)) {}
    ~AttachedDisplay() override { backend_.give_back(output_); }
    [[nodiscard]] Mode mode() const override { return mode_; }
    [[nodiscard]] WaylandTarget target() const override { return {backend_.wayland_socket(), output_, seat_}; }
    Result<void> set_mode(const Mode& mode) override {
        auto set = set_sway_mode(ipc_, output_, mode);
        if (set) mode_ = mode;
        return set;
    }

  private:
    AttachedBackend& backend_;
    SwayIpc ipc_;
    std::string output_, seat_;
    Mode mode_;
};

std::set<std::string> names_of(const nlohmann::json& outputs) {
    std::set<std::string> names;
    for (const auto& output : outputs) names.insert(output.value("name", ""));
    return names;
}

Result<std::string> AttachedBackend::take_output(SwayIpc& ipc) {
    if (!unused_.empty()) {
        const std::string name = *unused_.begin();
        unused_.erase(name);
        return name;
    }
    auto before = ipc.outputs();
    if (!before) return std::unexpected(before.error());
    if (auto made = ipc.command("create_output"); !made) return std::unexpected(made.error());
    auto after = ipc.outputs();
    if (!after) return std::unexpected(after.error());
    const auto known = names_of(*before);
    for (const auto& name : names_of(*after)) {
        if (!known.contains(name)) return name;
    }
    return fail(ErrorCode::Unsupported, "sway made no new output (does its backend allow headless outputs?)");
}

Result<std::unique_ptr<VirtualDisplay>> AttachedBackend::create(const Mode& mode) {
    auto ipc = SwayIpc::connect(ipc_socket_);
    if (!ipc) return std::unexpected(std::move(ipc.error()).in("the running sway"));
    std::string seat;
    auto output = [&] {
        const std::lock_guard lock(mutex_);
        // A seat of its own keeps the client's pointer and keyboard apart from those of whoever sits there.
        seat = fmt::format("punktfunk{}", next_seat_++);
        return take_output(*ipc);
    }();
    if (!output) return std::unexpected(output.error());
    (void)ipc->command(fmt::format("seat {} fallback false", seat));
    auto display = std::make_unique<AttachedDisplay>(*this, std::move(*ipc), *output, seat);
    if (auto set = display->set_mode(mode); !set) return std::unexpected(set.error());
    return display;
}

void AttachedBackend::give_back(const std::string& output) {
    if (can_unplug_) {
        if (auto ipc = SwayIpc::connect(ipc_socket_)) (void)ipc->command("output " + output + " unplug");
        return;
    }
    const std::lock_guard lock(mutex_);
    unused_.insert(output);
}

std::string find_running_sway(const SwayOptions& options) {
    if (!options.attach_socket.empty()) return options.attach_socket;
    for (const auto& directory : options.runtime_dirs_to_scan) {
        std::error_code ec;
        for (const auto& entry : std::filesystem::directory_iterator(directory, ec)) {
            const std::string name = entry.path().filename();
            if (name.starts_with("sway-ipc.") && SwayIpc::connect(entry.path())) return entry.path();
        }
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<DisplayBackend>> make_sway_backend(const SwayOptions& options) {
    remove_leftovers(options.runtime_dir);
    if (!options.embedded_only) {
        if (const std::string socket = find_running_sway(options); !socket.empty()) {
            auto ipc = SwayIpc::connect(socket);
            auto version = ipc ? ipc->version() : Result<nlohmann::json>(std::unexpected(ipc.error()));
            if (!version) return std::unexpected(std::move(version.error()).in("the running sway"));
            auto wayland = wayland_socket_of(socket);
            if (!wayland) return std::unexpected(wayland.error());
            const int minor = version->value("major", 1) > 1 ? 99 : version->value("minor", 0);
            return std::make_unique<AttachedBackend>(socket, *wayland, minor);
        }
    }
    const std::string program = find_program("sway");
    if (program.empty())
        return fail(ErrorCode::NotAvailable, "sway is not installed: apt install sway foot swaybg fonts-dejavu-core");
    auto user = resolve_session_user(options.session_user);
    if (!user) return std::unexpected(user.error());
    return std::make_unique<EmbeddedBackend>(options, *user, program);
}

}  // namespace punktfunk::display
