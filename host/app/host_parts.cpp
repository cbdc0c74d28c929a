#include "host_parts.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/random.hpp"

namespace punktfunk::app {

std::filesystem::path beside_this_program(const char* name) {
    std::error_code ec;
    const auto directory = std::filesystem::read_symlink("/proc/self/exe", ec).parent_path();
    for (const auto& candidate : {directory / name, directory.parent_path() / "demo_desktop" / name,
                                  directory.parent_path() / "share/punktfunk" / name}) {
        if (std::filesystem::exists(candidate, ec)) return candidate;
    }
    return {};
}

std::string host_name() {
    char name[256] = "punktfunk";
    (void)::gethostname(name, sizeof name - 1);
    return name;
}

Result<std::string> load_or_create_unique_id(const std::filesystem::path& config_dir) {
    const auto file = config_dir / "uniqueid";
    auto stored = read_file(file, 4096);
    if (stored) {
        const std::string id = stored->substr(0, 32);
        if (id.size() == 32 && from_hex(id)) return id;
        return fail(ErrorCode::Io, "{} does not hold 32 hex digits: correct or delete it", file.string());
    }
    if (stored.error().code != ErrorCode::NotAvailable) return stored;
    std::array<uint8_t, 16> random{};
    crypto::random_bytes(random);
    const std::string id = to_hex(random);
    if (auto written = write_file_atomic(file, id + "\n"); !written) return std::unexpected(written.error());
    return id;
}

Result<std::unique_ptr<display::DisplayBackend>> make_display(const ServeOptions& options) {
    auto display = display::make_sway_backend({.runtime_dir = options.runtime_dir,
                                               .attach_socket = options.sway_socket,
                                               .embedded_only = options.embedded,
                                               .session_user = options.session_user,
                                               .startup = options.startup,
                                               .sound = options.sound,
                                               .demo_desktop = options.demo_desktop,
                                               .motion_program = beside_this_program("punktfunk-demo-motion"),
                                               .runtime_dirs_to_scan = options.session_runtime_dirs});
    if (!display) return std::unexpected(std::move(display.error()).in("virtual displays"));
    spdlog::info("virtual displays: {}", (*display)->description());
    return display;
}

Result<std::vector<encode::ProbeResult>> probe_encoders(const std::string& wanted) {
    auto probed = encode::probe_encoders();
    for (auto& result : probed) {
        const bool matches = wanted == "auto" || (wanted == "software" ? result.encoder.starts_with("lib")
                                                                       : result.encoder.ends_with(wanted));
        if (!matches && result.available) {
            result.available = false;
            result.reason = "left out by --encoder " + wanted;
        }
        spdlog::info("encoder {}: {}", result.encoder, result.available ? "works" : "not used: " + result.reason);
    }
    if (std::ranges::none_of(probed, &encode::ProbeResult::available)) {
        return fail(ErrorCode::NotAvailable,
                    "no video encoder works here (--encoder {}): see the lines above; libx264 comes with the package "
                    "libavcodec59 or newer",
                    wanted);
    }
    return probed;
}

Result<stream::PipelineParts> make_pipeline_parts(const ServeOptions& options, display::DisplayBackend& display,
                                                  const std::vector<encode::ProbeResult>& encoders) {
    const auto layout = input::parse_keyboard_layout(options.keyboard_layout);
    if (!layout) return std::unexpected(Error(layout.error()).in("--keyboard-layout"));
    return stream::PipelineParts{
        .display = &display,
        .open_capture = capture::make_screencopy_source,
        .open_encoder =
            [encoders](const encode::EncoderConfig& config) { return encode::make_encoder(config, encoders); },
        .open_input =
            [layout = *layout](const display::WaylandTarget& target, const input::KeyboardLocks& locks) {
                return input::make_wayland_sink(target, layout, locks);
            },
        .open_sound = options.sound ? stream::OpenSound(audio::open_sound_capture) : nullptr,
        .open_microphone = options.sound ? stream::OpenMicrophone(audio::open_microphone) : nullptr};
}

}  // namespace punktfunk::app
