// Virtual displays on sway: an own headless sway for every client, or outputs added to a sway session that is running.
#include <mutex>

#include "attached_sway.hpp"
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
        return start_embedded_sway(options_, user_, program_, mode, false);
    }
    Result<std::unique_ptr<VirtualDisplay>> create_bare(const Mode& mode) override {
        return start_embedded_sway(options_, user_, program_, mode, true);
    }

  private:
    SwayOptions options_;
    SessionUser user_;
    std::string program_;
};

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

// Somebody's sway session comes and goes with its user: outputs are added to the one that is there now.
class RunningSwayBackend final : public DisplayBackend {
  public:
    explicit RunningSwayBackend(SwayOptions options) : options_(std::move(options)) {}
    [[nodiscard]] std::string_view name() const override { return "sway"; }
    [[nodiscard]] std::string description() const override {
        const std::lock_guard lock(mutex_);
        return sessions_.back().backend->description();
    }
    Result<std::unique_ptr<VirtualDisplay>> create(const Mode& mode) override {
        DisplayBackend* current = nullptr;
        {
            const std::lock_guard lock(mutex_);
            if (auto attached = attach(); !attached) return std::unexpected(attached.error());
            current = sessions_.back().backend.get();
        }
        return current->create(mode);
    }
    Result<void> attach() {
        if (!sessions_.empty() && listener_of(sessions_.back().socket) == sessions_.back().sway) return {};
        const std::string socket = find_running_sway(options_);
        if (socket.empty()) return fail(ErrorCode::NotAvailable, "no sway session is running any more");
        auto backend = attach_to_sway(socket, options_.runtime_dir);
        if (!backend) return std::unexpected(backend.error());
        sessions_.push_back({socket, listener_of(socket), std::move(*backend)});
        return {};
    }

  private:
    struct Session {
        std::string socket;
        pid_t sway;
        std::unique_ptr<DisplayBackend> backend;
    };
    const SwayOptions options_;
    mutable std::mutex mutex_;
    std::vector<Session> sessions_;  // the current one last; displays of earlier ones may not have gone yet
};

}  // namespace

Result<std::unique_ptr<DisplayBackend>> make_sway_backend(const SwayOptions& options) {
    remove_leftovers(options.runtime_dir);
    if (!options.embedded_only) {
        if (!find_running_sway(options).empty()) {
            auto running = std::make_unique<RunningSwayBackend>(options);
            if (auto attached = running->attach(); !attached) return std::unexpected(attached.error());
            return running;
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
