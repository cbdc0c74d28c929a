#include "attached_sway.hpp"

#include <spdlog/spdlog.h>

#include <mutex>
#include <set>

#include "attached_programs.hpp"
#include "embedded_sway.hpp"
#include "punktfunk/base/atomic_file.hpp"
#include "sway_ipc.hpp"
#include "wayland_socket.hpp"

namespace punktfunk::display {

namespace {

using Names = std::set<std::string>;

Names names_of(const std::vector<SwayOutput>& outputs) {
    Names names;
    for (const SwayOutput& output : outputs) names.insert(output.name);
    return names;
}

// A new seat begins with the focus of the others: its keys would go into a window on somebody else's screen. A button
// pressed in the middle of its own output takes the focus there, whatever the session's focus_follows_mouse says;
// BTN_TASK because programs have no use for it.
Result<void> focus_output(SwayIpc& ipc, const std::string& seat, const std::string& output) {
    auto outputs = ipc.outputs();
    if (!outputs) return std::unexpected(outputs.error());
    for (const SwayOutput& candidate : *outputs) {
        if (candidate.name != output || candidate.width == 0) continue;
        const int x = candidate.x + candidate.width / 2, y = candidate.y + candidate.height / 2;
        return ipc.command(
            fmt::format("seat {0} cursor set {1} {2}; seat {0} cursor press BTN_TASK; seat {0} cursor release BTN_TASK",
                        seat, x, y));
    }
    return fail(ErrorCode::Closed, "sway has lost the output {}", output);
}

class AttachedBackend final : public DisplayBackend {
  public:
    AttachedBackend(std::string ipc_socket, std::string wayland_socket, pid_t sway, bool can_unplug,
                    const std::filesystem::path& runtime_dir)
        : ipc_socket_(std::move(ipc_socket)),
          wayland_socket_(std::move(wayland_socket)),
          sway_(sway),
          can_unplug_(can_unplug),
          record_(runtime_dir / "attached-outputs.json") {}

    [[nodiscard]] std::string_view name() const override { return "sway"; }
    [[nodiscard]] std::string description() const override {
        return fmt::format("outputs added to the running sway at {}", ipc_socket_);
    }
    Result<std::unique_ptr<VirtualDisplay>> create(const Mode& mode) override;

    void take_up_leftovers(SwayIpc& ipc);
    void give_back(const std::string& output, unsigned seat);
    [[nodiscard]] const std::string& wayland_socket() const { return wayland_socket_; }
    [[nodiscard]] const std::string& ipc_socket() const { return ipc_socket_; }
    [[nodiscard]] std::filesystem::path log_of(const std::string& output) const {
        return record_.parent_path() / (output + ".program.log");
    }

  private:
    Result<std::string> take_output(SwayIpc& ipc);
    void remember() const;

    const std::string ipc_socket_, wayland_socket_;
    const pid_t sway_;
    const bool can_unplug_;
    const std::filesystem::path record_;  // what a host that is killed leaves behind
    std::mutex mutex_;
    Names made_;    // outputs of ours that exist
    Names unused_;  // sway 1.7 cannot remove an output: it waits here for the next client
    std::set<unsigned> seats_in_use_;
};

std::string seat_name(unsigned seat) {
    return fmt::format("punktfunk{}", seat);
}

class AttachedDisplay final : public VirtualDisplay {
  public:
    AttachedDisplay(AttachedBackend& backend, SwayIpc ipc, std::string output, unsigned seat)
        : backend_(backend),
          ipc_(std::move(ipc)),
          output_(std::move(output)),
          seat_(seat),
          programs_({.ipc_socket = backend.ipc_socket(),
                     .wayland_socket = backend.wayland_socket(),
                     .output = output_,
                     .sink = sink(),
                     .log_file = backend.log_of(output_)}) {}
    ~AttachedDisplay() override { backend_.give_back(output_, seat_); }
    [[nodiscard]] Mode mode() const override { return mode_; }
    [[nodiscard]] WaylandTarget target() const override {
        return {backend_.wayland_socket(), output_, seat_name(seat_)};
    }
    [[nodiscard]] SoundTarget sound() const override {
        const std::filesystem::path wayland = backend_.wayland_socket();  // both lie in the session's XDG_RUNTIME_DIR
        return {.pipewire_socket = wayland.parent_path() / "pipewire-0", .name = sink(), .shared = true};
    }
    Result<SessionProcess> run(const Program& program) override { return programs_.run(program); }
    Result<void> set_mode(const Mode& mode) override {
        auto set = set_sway_mode(ipc_, output_, mode);
        if (set) mode_ = mode;
        return set;
    }
    // A seat of its own keeps the client's pointer and keyboard apart from those of whoever sits there.
    Result<void> claim_seat() {
        if (auto made = ipc_.command("seat " + seat_name(seat_) + " fallback false"); !made) return made;
        return focus_output(ipc_, seat_name(seat_), output_);
    }

  private:
    [[nodiscard]] std::string sink() const { return "punktfunk-" + output_; }

    AttachedBackend& backend_;
    SwayIpc ipc_;
    std::string output_;
    unsigned seat_;
    Mode mode_;
    AttachedPrograms programs_;
};

Result<std::string> AttachedBackend::take_output(SwayIpc& ipc) {
    if (!unused_.empty()) return std::move(unused_.extract(unused_.begin()).value());
    auto before = ipc.outputs();
    if (!before) return std::unexpected(before.error());
    if (auto made = ipc.command("create_output"); !made) return std::unexpected(made.error());
    auto after = ipc.outputs();
    if (!after) return std::unexpected(after.error());
    const auto known = names_of(*before);
    for (const auto& name : names_of(*after)) {
        if (known.contains(name)) continue;
        made_.insert(name);
        remember();
        return name;
    }
    return fail(ErrorCode::Unsupported, "sway made no new output (does its backend allow headless outputs?)");
}

Result<std::unique_ptr<VirtualDisplay>> AttachedBackend::create(const Mode& mode) {
    auto ipc = SwayIpc::connect(ipc_socket_);
    if (!ipc) return fail(ErrorCode::NotAvailable, "the sway session is gone ({})", ipc.error().message);
    unsigned seat = 0;
    auto output = [&] {
        const std::lock_guard lock(mutex_);
        auto taken = take_output(*ipc);
        while (taken && !seats_in_use_.insert(seat).second) ++seat;
        return taken;
    }();
    if (!output) return std::unexpected(output.error());
    auto display = std::make_unique<AttachedDisplay>(*this, std::move(*ipc), *output, seat);
    if (auto set = display->set_mode(mode); !set) return std::unexpected(set.error());
    if (auto claimed = display->claim_seat(); !claimed) return std::unexpected(claimed.error());
    return display;
}

void AttachedBackend::give_back(const std::string& output, unsigned seat) {
    // Another sway may listen there by now, with outputs of the same names.
    if (listener_of(ipc_socket_) != sway_) return;
    const std::lock_guard lock(mutex_);
    seats_in_use_.erase(seat);
    if (!can_unplug_) {
        unused_.insert(output);
        return;
    }
    if (auto ipc = SwayIpc::connect(ipc_socket_)) (void)ipc->command("output " + output + " unplug");
    made_.erase(output);
    remember();
}

void AttachedBackend::remember() const {
    const nlohmann::json record{{"sway", sway_}, {"outputs", made_}};
    if (auto written = write_file_atomic(record_, record.dump() + "\n"); !written)
        spdlog::warn("a host that is killed will leave its outputs in sway: {}", written.error().message);
}

void AttachedBackend::take_up_leftovers(SwayIpc& ipc) {
    const auto text = read_file(record_);
    const auto record = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
    if (!record.is_object() || !record.contains("sway") || record["sway"] != sway_ || !record.contains("outputs"))
        return;
    const auto existing = ipc.outputs();
    if (!existing) return;
    const auto names = names_of(*existing);
    for (const auto& output : record["outputs"]) {
        if (!output.is_string() || !names.contains(output.get<std::string>())) continue;
        const auto name = output.get<std::string>();
        if (can_unplug_) {
            (void)ipc.command("output " + name + " unplug");
        } else {
            made_.insert(name);
            unused_.insert(name);
        }
    }
    remember();
}

}  // namespace

Result<std::unique_ptr<DisplayBackend>> attach_to_sway(const std::string& ipc_socket,
                                                       const std::filesystem::path& runtime_dir) {
    auto ipc = SwayIpc::connect(ipc_socket);
    auto version = ipc ? ipc->version() : Result<SwayVersion>(std::unexpected(ipc.error()));
    if (!version) return std::unexpected(std::move(version.error()).in("the running sway"));
    auto wayland = wayland_socket_of(ipc_socket);
    if (!wayland) return std::unexpected(wayland.error());
    const bool can_unplug = version->major > 1 || version->minor >= 8;
    auto backend =
        std::make_unique<AttachedBackend>(ipc_socket, *wayland, listener_of(ipc_socket), can_unplug, runtime_dir);
    backend->take_up_leftovers(*ipc);
    return backend;
}

}  // namespace punktfunk::display
