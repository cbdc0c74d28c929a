// Virtual displays: an output of its own for every client, at exactly its mode. One file per compositor, one interface.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "session_process.hpp"

namespace punktfunk::display {

struct Mode {
    uint32_t width = 0, height = 0, refresh_hz = 0;
    bool operator==(const Mode&) const = default;
};

// Where capture and input find the display.
struct WaylandTarget {
    std::string socket_path;  // absolute path of the compositor's socket
    std::string output_name;  // wl_output name, e.g. HEADLESS-2
    std::string seat_name;    // wl_seat for this client's input
    bool operator==(const WaylandTarget&) const = default;
};

// Where the session's programs play and record.
struct SoundTarget {
    std::string pipewire_socket;     // absolute path; empty: this session has no sound
    std::string name = "punktfunk";  // of the sink; the source is called <name>-mic
    bool shared = false;             // the PipeWire of somebody's own session: its defaults stay as they are
    bool operator==(const SoundTarget&) const = default;
};

// What is shown where no program was asked for is called so.
inline constexpr std::string_view kDesktopName = "Desktop";

// What a client asked to be run on its display.
struct Program {
    std::string command;                   // a shell's
    std::filesystem::path directory;       // where it runs; empty: the user's home
    std::vector<std::string> environment;  // NAME=value, beside the desktop's own
    std::string title;                     // for people; may be empty
};

// An output that exists while this object does. One thread at a time; the destructor removes the output and whatever
// was started for it.
class VirtualDisplay {
  public:
    virtual ~VirtualDisplay() = default;
    [[nodiscard]] virtual Mode mode() const = 0;
    [[nodiscard]] virtual WaylandTarget target() const = 0;
    [[nodiscard]] virtual SoundTarget sound() const { return {}; }
    // Keeps the old mode on failure.
    virtual Result<void> set_mode(const Mode& mode) = 0;
    // Starts a program whose windows come up on this display. It goes when its SessionProcess does, with whatever it
    // has started in its process group.
    virtual Result<SessionProcess> run(const Program& program) {
        return fail(ErrorCode::Unsupported, "this display runs no programs ({})", program.command);
    }
};

// A compositor that can make virtual displays. Thread-safe.
class DisplayBackend {
  public:
    virtual ~DisplayBackend() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;  // "sway"
    // One line for people: version, attached or embedded.
    [[nodiscard]] virtual std::string description() const = 0;
    // Blocks while the compositor works (up to seconds when it has to be started).
    virtual Result<std::unique_ptr<VirtualDisplay>> create(const Mode& mode) = 0;
    // For one program, which fills it: without what a desktop shows by itself.
    virtual Result<std::unique_ptr<VirtualDisplay>> create_bare(const Mode& mode) { return create(mode); }
};

struct SwayOptions {
    std::filesystem::path runtime_dir;     // claimed by the caller; the embedded sways live under it
    std::string attach_socket;             // SWAYSOCK of a running session; empty = look for one unless embedded_only
    bool embedded_only = false;            // always start our own
    std::string session_user;              // who runs the embedded session when the host is root ("punktfunk")
    std::vector<std::string> startup;      // extra shell commands run inside the embedded desktop
    bool sound = true;                     // a PipeWire for every embedded desktop
    bool demo_desktop = true;              // terminal and moving clock
    std::filesystem::path motion_program;  // shown in the demo desktop: something that moves every frame; empty = none
    std::vector<std::filesystem::path> runtime_dirs_to_scan;  // where a running sway is looked for
};

// NotAvailable, with what to install, when sway is missing. Also removes what a killed host left under runtime_dir.
Result<std::unique_ptr<DisplayBackend>> make_sway_backend(const SwayOptions& options);

}  // namespace punktfunk::display
