#include "serve.hpp"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>

#include "approval_commands.hpp"
#include "control_socket.hpp"
#include "gamestream_commands.hpp"
#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/random.hpp"
#include "punktfunk/discovery/mdns.hpp"
#include "punktfunk/native/native_server.hpp"
#include "runtime_directory.hpp"
#include "session_status.hpp"

namespace punktfunk::app {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

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

// Never a reason not to start (spec §8.5).
wire::Gamepad gamepad_of(const std::string& text) {
    const auto parsed = text.empty() ? std::optional(wire::Gamepad::Auto) : wire::parse_gamepad(text);
    if (!parsed) spdlog::warn("PUNKTFUNK_GAMEPAD={}: not one of auto, xbox360 and dualsense; taken as auto", text);
    return parsed.value_or(wire::Gamepad::Auto);
}

std::vector<encode::ProbeResult> probe(const std::string& wanted) {
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
    return probed;
}

// A helper program that is installed, or was built, beside the host.
std::filesystem::path beside_this_program(const char* name) {
    std::error_code ec;
    const auto directory = std::filesystem::read_symlink("/proc/self/exe", ec).parent_path();
    for (const auto& candidate : {directory / name, directory.parent_path() / "demo_desktop" / name}) {
        if (std::filesystem::exists(candidate, ec)) return candidate;
    }
    return {};
}

json describe(const native::NativeServer& server, const native::PairedStore& paired,
              const moonlight::MoonlightServer* gamestream) {
    auto sessions = json::array();
    for (const auto& session : server.sessions()) {
        sessions.push_back(describe_session(session.client_name, session.encoder, session.mode, session.stats));
        sessions.back()["protocol"] = "punktfunk/1";
    }
    auto clients = json::array();
    for (const auto& client : paired.clients())
        clients.push_back(
            {{"name", client.name}, {"fingerprint", to_hex(client.fingerprint)}, {"protocol", "punktfunk/1"}});
    json status{{"ok", true}, {"sessions", sessions}, {"paired", clients}};
    if (gamestream != nullptr) add_gamestream(status, *gamestream);
    return status;
}

json answer(const json& request, native::NativeServer& server, native::PairedStore& paired,
            native::PairingWindow& window, moonlight::MoonlightServer* gamestream) {
    const auto refused = [](std::string why) { return json{{"ok", false}, {"error", std::move(why)}}; };
    const std::string command =
        request.contains("command") && request["command"].is_string() ? request["command"].get<std::string>() : "";
    if (command == "pair") {
        const auto ttl = std::chrono::seconds(request.contains("ttl_s") && request["ttl_s"].is_number_unsigned()
                                                  ? std::min<uint64_t>(request["ttl_s"].get<uint64_t>(), 86400)
                                                  : 120);
        const auto now = SteadyClock::now();
        const std::string pin = window.arm(ttl, now);
        spdlog::info("pairing armed for {} s", window.remaining(now)->count());
        return {{"ok", true}, {"pin", pin}, {"expires_in_s", window.remaining(now)->count()}};
    }
    if (command == "disarm") {
        window.disarm();
        return {{"ok", true}};
    }
    if (command == "status") return describe(server, paired, gamestream);
    if (command == "unpair") {
        const auto fingerprint = request.contains("fingerprint") && request["fingerprint"].is_string()
                                     ? crypto::fingerprint_from_hex(request["fingerprint"].get<std::string>())
                                     : std::nullopt;
        if (!fingerprint) return refused("unpair needs a fingerprint of 64 hex digits");
        auto removed = paired.remove(*fingerprint);
        if (removed) server.drop_client(*fingerprint);
        // One device may be paired by both protocols.
        if (gamestream != nullptr && gamestream->unpair(*fingerprint)) removed = {};
        if (!removed) return refused(removed.error().message);
        return {{"ok", true}};
    }
    if (auto done = answer_gamestream(request, gamestream)) return *done;
    if (auto approval = answer_approval(request, server)) return *approval;
    return refused(fmt::format("unknown command '{}'", command));
}

std::string host_name() {
    char name[256] = "punktfunk";
    (void)::gethostname(name, sizeof name - 1);
    return name;
}

// Every IPv4 address means every address, where the kernel has IPv6.
asio::ip::address dual_stack(asio::io_context& io, const asio::ip::address& address) {
    if (address != asio::ip::address_v4::any()) return address;
    boost::system::error_code no_ipv6;
    asio::ip::tcp::socket(io).open(asio::ip::tcp::v6(), no_ipv6);
    return no_ipv6 ? address : asio::ip::address(asio::ip::address_v6::any());
}

// Never a reason not to serve punktfunk/1.
std::unique_ptr<moonlight::MoonlightServer> start_gamestream(asio::io_context& io, const ServeOptions& options,
                                                             const asio::ip::address& address,
                                                             const crypto::Identity& identity,
                                                             const std::string& unique_id, stream::PipelineParts parts,
                                                             const std::vector<encode::ProbeResult>& encoders,
                                                             const native::NativeServer& native) {
    auto server = moonlight::MoonlightServer::start(io,
                                                    {.bind = dual_stack(io, address),
                                                     .port_base = options.port_base,
                                                     .identity = identity,
                                                     .hostname = host_name(),
                                                     .unique_id = unique_id,
                                                     .config_dir = options.config_dir,
                                                     .max_concurrent = options.max_concurrent,
                                                     .other_sessions = [&native] { return native.sessions().size(); }},
                                                    std::move(parts), encoders);
    if (server) {
        spdlog::info("Moonlight clients: port {}", (*server)->ports().http);
        return std::move(*server);
    }
    spdlog::warn("no Moonlight client is served: {} (--port-base names other ports, --no-gamestream turns it off)",
                 server.error().message);
    return nullptr;
}

}  // namespace

Result<void> serve(const ServeOptions& options) {
    auto identity =
        crypto::load_or_create_identity(options.config_dir, "cert.pem", "key.pem", crypto::IdentityKind::Host);
    if (!identity) return std::unexpected(std::move(identity.error()).in("the host's identity"));
    auto unique_id = load_or_create_unique_id(options.config_dir);
    if (!unique_id) return std::unexpected(unique_id.error());
    auto paired = native::PairedStore::open(options.config_dir / "punktfunk1-paired.json");
    if (!paired) return std::unexpected(paired.error());

    boost::system::error_code bad_address;
    const auto address = asio::ip::make_address(options.bind, bad_address);
    if (bad_address) return fail(ErrorCode::InvalidArgument, "--bind {}: not an IP address", options.bind);

    const auto layout = input::parse_keyboard_layout(options.keyboard_layout);
    if (!layout) return std::unexpected(Error(layout.error()).in("--keyboard-layout"));

    const auto claimed = claim_runtime_directory(options.runtime_dir);
    if (!claimed) return std::unexpected(claimed.error());
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

    auto encoders = probe(options.encoder);
    if (std::ranges::none_of(encoders, &encode::ProbeResult::available)) {
        return fail(ErrorCode::NotAvailable,
                    "no video encoder works here (--encoder {}): see the lines above; libx264 comes with the package "
                    "libavcodec59 or newer",
                    options.encoder);
    }

    asio::io_context io;
    native::PairingWindow window;
    const stream::PipelineParts parts{
        .display = display->get(),
        .open_capture = capture::make_screencopy_source,
        .open_encoder =
            [encoders](const encode::EncoderConfig& config) { return encode::make_encoder(config, encoders); },
        .open_input =
            [layout = *layout](const display::WaylandTarget& target, const input::KeyboardLocks& locks) {
                return input::make_wayland_sink(target, layout, locks);
            },
        .open_sound = options.sound ? stream::OpenSound(audio::open_sound_capture) : nullptr,
        .open_microphone = options.sound ? stream::OpenMicrophone(audio::open_microphone) : nullptr};
    std::unique_ptr<moonlight::MoonlightServer> gamestream;  // goes last: the native server asks it
    auto server =
        native::NativeServer::start(io,
                                    {.bind = {address, options.port},
                                     .identity = *identity,
                                     .require_pairing = !options.open,
                                     .max_concurrent = options.max_concurrent,
                                     .other_sessions = [&] { return gamestream ? gamestream->occupied() : 0; },
                                     .fec_percent = static_cast<uint8_t>(options.fec_percent),
                                     .data_port = options.data_port,
                                     .gamepad = gamepad_of(options.gamepad)},
                                    *paired, window, parts, encoders);
    if (!server)
        return std::unexpected(
            std::move(server.error()).in(fmt::format("listening on {}:{}", options.bind, options.port)));

    if (options.gamestream)
        gamestream = start_gamestream(io, options, address, *identity, *unique_id, parts, encoders, **server);

    auto control = ControlSocket::listen(io, options.control_socket, [&](const json& request) {
        return answer(request, **server, *paired, window, gamestream.get());
    });
    if (!control) return std::unexpected(control.error());

    std::unique_ptr<discovery::Advertiser> advertiser;
    if (options.mdns) {
        auto advertised =
            discovery::advertise({.instance_name = host_name(),
                                  .port = (*server)->local().port(),
                                  .fingerprint_hex = to_hex(identity->fingerprint),
                                  .pairing_required = !options.open,
                                  .unique_id = *unique_id,
                                  .gamestream_port = gamestream ? gamestream->ports().http : uint16_t{0}});
        if (advertised) {
            advertiser = std::move(*advertised);
        } else {
            spdlog::warn("not announced on the network: {}", advertised.error().message);
        }
    }

    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code, int) { io.stop(); });
    asio::steady_timer limit(io);
    if (options.seconds != 0) {
        limit.expires_after(std::chrono::seconds(options.seconds));
        limit.async_wait([&](boost::system::error_code) { io.stop(); });
    }

    const auto port = (*server)->local().port();
    spdlog::info("listening on {}:{}, fingerprint {}", options.bind, port, to_hex(identity->fingerprint));
    if (options.open) {
        spdlog::warn("--open: any client may connect without pairing");
    } else if (paired->clients().empty()) {
        spdlog::info("no client is paired yet: run `punktfunk-host pair` and enter the PIN on the client");
    }
    if (!options.ready_file.empty()) {
        json ready{{"port", port}, {"control_socket", options.control_socket.string()}, {"pid", ::getpid()}};
        if (gamestream) ready["gamestream"] = ports_of(*gamestream);
        if (auto written = write_file_atomic(options.ready_file, ready.dump() + "\n"); !written) return written;
    }
    io.run();
    spdlog::info("stopping");
    return {};
}

}  // namespace punktfunk::app
