#include "serve.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "address.hpp"
#include "control_commands.hpp"
#include "control_socket.hpp"
#include "host_operations.hpp"
#include "host_parts.hpp"
#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/discovery/mdns.hpp"
#include "punktfunk/management/management_server.hpp"
#include "runtime_directory.hpp"

namespace punktfunk::app {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

// Every IPv4 address means every address, where the kernel has IPv6.
asio::ip::address dual_stack(asio::io_context& io, const asio::ip::address& address) {
    if (address != asio::ip::address_v4::any()) return address;
    boost::system::error_code no_ipv6;
    asio::ip::tcp::socket(io).open(asio::ip::tcp::v6(), no_ipv6);
    return no_ipv6 ? address : asio::ip::address(asio::ip::address_v6::any());
}

// Never a reason not to start (spec §8.5).
void warn_of_gamepad(const std::string& text) {
    if (!text.empty() && !wire::parse_gamepad(text))
        spdlog::warn("PUNKTFUNK_GAMEPAD={}: not one of auto, xbox360 and dualsense; taken as auto", text);
}

// Never a reason not to serve punktfunk/1.
std::unique_ptr<moonlight::MoonlightServer> start_gamestream(asio::io_context& io, const ServeOptions& options,
                                                             moonlight::MoonlightConfig config,
                                                             stream::PipelineParts parts,
                                                             const std::vector<encode::ProbeResult>& encoders) {
    config.port_base = options.port_base;
    config.config_dir = options.config_dir;
    config.max_concurrent = options.max_concurrent;
    config.all_codecs = options.all_codecs;
    auto server = moonlight::MoonlightServer::start(io, std::move(config), std::move(parts), encoders);
    if (server) {
        spdlog::info("Moonlight clients: port {}", (*server)->ports().http);
        return std::move(*server);
    }
    spdlog::warn("no Moonlight client is served: {} (--port-base names other ports, --no-gamestream turns it off)",
                 server.error().message);
    return nullptr;
}

// A default address that is taken is no reason not to serve; one that was asked for is.
Result<std::unique_ptr<management::ManagementServer>> start_management(asio::io_context& io, const Settings& settings,
                                                                       const crypto::Identity& identity,
                                                                       management::HostControl& host,
                                                                       library::Library& library,
                                                                       std::shared_ptr<management::LogRing> log) {
    const ServeOptions& options = settings.active();
    const auto bind = parse_endpoint(options.mgmt_bind);
    if (!bind) return std::unexpected(Error(bind.error()).in("--mgmt-bind"));
    const auto web_root = options.web_root.empty() ? beside_this_program("web") : options.web_root;
    auto server = management::ManagementServer::start(io,
                                                      {.bind = *bind,
                                                       .identity = identity,
                                                       .config_dir = options.config_dir,
                                                       .token = options.mgmt_token,
                                                       .library_places = options.library_places,
                                                       .web_root = web_root},
                                                      host, library, std::move(log));
    if (server) {
        const auto at = (*server)->local();
        spdlog::info("console and management API: https://{}:{}/",
                     at.address().is_loopback() ? "localhost" : at.address().to_string(), at.port());
        return server;
    }
    if (server.error().code == ErrorCode::InvalidArgument || settings.origin("mgmt_bind") != "default") return server;
    spdlog::warn("no console: {} (--mgmt-bind names another address, --no-mgmt turns it off)", server.error().message);
    return nullptr;
}

// What a client's launch id stands for (spec §8.9).
std::optional<display::Program> program_of(const library::Library& library, std::string_view id) {
    const auto entry = library.find(id);
    if (!entry || !entry->launch) return std::nullopt;
    return display::Program{
        .command = library::command_of(*entry->launch), .directory = {}, .environment = {}, .title = entry->title};
}

// Games and what was added by hand; of installed programs a Moonlight client would show a hundred.
std::vector<moonlight::LibraryApp> moonlight_apps(const library::Library& library) {
    std::vector<moonlight::LibraryApp> apps;
    for (const library::Entry& entry : library.list()) {
        if (entry.store == "desktop" || !entry.launch) continue;
        const auto& portrait = entry.art[static_cast<size_t>(library::ArtKind::Portrait)];
        apps.push_back({entry.title, library::command_of(*entry.launch), portrait});
    }
    return apps;
}

std::unique_ptr<discovery::Advertiser> advertise(const ServeOptions& options, const management::HostFacts& facts) {
    if (!options.mdns) return nullptr;
    auto advertised = discovery::advertise({.instance_name = facts.hostname,
                                            .port = facts.native,
                                            .fingerprint_hex = to_hex(facts.fingerprint),
                                            .pairing_required = !options.open,
                                            .unique_id = facts.unique_id,
                                            .gamestream_port = facts.http});
    if (advertised) return std::move(*advertised);
    spdlog::warn("not announced on the network: {}", advertised.error().message);
    return nullptr;
}

Result<void> write_ready_file(const ServeOptions& options, const management::HostFacts& facts,
                              const management::ManagementServer* management) {
    if (options.ready_file.empty()) return {};
    json ready{{"port", facts.native}, {"control_socket", options.control_socket.string()}, {"pid", ::getpid()}};
    if (facts.gamestream) {
        ready["gamestream"] = {{"http", facts.http},   {"https", facts.https},     {"rtsp", facts.rtsp},
                               {"video", facts.video}, {"control", facts.control}, {"audio", facts.audio}};
    }
    if (management != nullptr) ready["mgmt"] = management->local().port();
    return write_file_atomic(options.ready_file, ready.dump() + "\n");
}

}  // namespace

Result<void> serve(Settings& settings, std::shared_ptr<management::LogRing> log) {
    const ServeOptions options = settings.active();
    auto identity =
        crypto::load_or_create_identity(options.config_dir, "cert.pem", "key.pem", crypto::IdentityKind::Host);
    if (!identity) return std::unexpected(std::move(identity.error()).in("the host's identity"));
    auto unique_id = load_or_create_unique_id(options.config_dir);
    if (!unique_id) return std::unexpected(unique_id.error());
    auto paired = native::PairedStore::open(options.config_dir / "punktfunk1-paired.json");
    if (!paired) return std::unexpected(paired.error());
    auto custom = library::CustomLibrary::open(options.config_dir);
    if (!custom) return std::unexpected(custom.error());
    library::Library library(std::move(*custom));
    boost::system::error_code bad_address;
    const auto address = asio::ip::make_address(options.bind, bad_address);
    if (bad_address) return fail(ErrorCode::InvalidArgument, "--bind {}: not an IP address", options.bind);
    warn_of_gamepad(options.gamepad);
    if (auto layout = input::parse_keyboard_layout(options.keyboard_layout); !layout)
        return std::unexpected(std::move(layout.error()).in("--keyboard-layout"));

    const auto claimed = claim_runtime_directory(options.runtime_dir);
    if (!claimed) return std::unexpected(claimed.error());
    auto display = make_display(options);
    if (!display) return std::unexpected(std::move(display.error()));
    const auto encoders = probe_encoders(options.encoder);
    if (!encoders) return std::unexpected(encoders.error());
    const auto parts = make_pipeline_parts(options, **display, *encoders);
    if (!parts) return std::unexpected(parts.error());

    asio::io_context io;
    native::PairingWindow window;
    std::function<void()> tell;  // the management API, once it is there
    const auto changed = [&tell] {
        if (tell) tell();
    };
    std::unique_ptr<moonlight::MoonlightServer> gamestream;  // these go last: the native server asks them
    std::unique_ptr<browser::BrowserServer> browser;
    const auto by_gamestream = [&] { return gamestream ? gamestream->occupied() : 0; };
    const auto by_browser = [&] { return browser ? browser->sessions().size() : 0; };
    const native::NativeSettings native = native_settings(options);
    auto server = native::NativeServer::start(
        io,
        {.bind = {address, options.port},
         .identity = *identity,
         .require_pairing = native.require_pairing,
         .max_concurrent = native.max_concurrent,
         .other_sessions = [&] { return by_gamestream() + by_browser(); },
         .fec_percent = native.fec_percent,
         .data_port = options.data_port,
         .gamepad = native.gamepad,
         .find_program = [&library](std::string_view id) { return program_of(library, id); },
         .changed = changed},
        *paired, window, *parts, *encoders);
    if (!server)
        return std::unexpected(
            std::move(server.error()).in(fmt::format("listening on {}:{}", options.bind, options.port)));
    if (options.gamestream) {
        gamestream = start_gamestream(io, options,
                                      {.bind = dual_stack(io, address),
                                       .identity = *identity,
                                       .hostname = host_name(),
                                       .unique_id = *unique_id,
                                       .config_dir = {},
                                       .other_sessions = [&] { return (*server)->sessions().size() + by_browser(); },
                                       .library = [&library] { return moonlight_apps(library); },
                                       .changed = changed},
                                      *parts, *encoders);
    }

    browser = std::make_unique<browser::BrowserServer>(
        io,
        browser::BrowserConfig{.max_concurrent = options.max_concurrent,
                               .other_sessions = [&] { return (*server)->sessions().size() + by_gamestream(); },
                               .changed = changed},
        *parts);

    HostOperations operations({.io = io,
                               .settings = settings,
                               .paired = *paired,
                               .window = window,
                               .native = **server,
                               .gamestream = gamestream.get(),
                               .browser = *browser,
                               .pipeline = *parts,
                               .encoders = *encoders,
                               .fingerprint = identity->fingerprint,
                               .hostname = host_name(),
                               .unique_id = *unique_id});
    operations.on_change(changed);
    std::unique_ptr<management::ManagementServer> management;
    if (options.mgmt) {
        auto started = start_management(io, settings, *identity, operations, library, std::move(log));
        if (!started) return std::unexpected(std::move(started.error()).in("the management API"));
        management = std::move(*started);
    }
    if (management) tell = [&management] { management->changed(); };
    auto control = ControlSocket::listen(io, options.control_socket,
                                         [&](const json& request) { return answer_command(request, operations); });
    if (!control) return std::unexpected(control.error());
    const auto advertiser = advertise(options, operations.facts());

    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code, int) { io.stop(); });
    asio::steady_timer limit(io);
    if (options.seconds != 0) {
        limit.expires_after(std::chrono::seconds(options.seconds));
        limit.async_wait([&](boost::system::error_code) { io.stop(); });
    }

    spdlog::info("listening on {}:{}, fingerprint {}", options.bind, (*server)->local().port(),
                 to_hex(identity->fingerprint));
    if (options.open) {
        spdlog::warn("--open: any client may connect without pairing");
    } else if (paired->clients().empty()) {
        spdlog::info("no client is paired yet: run `punktfunk-host pair` and enter the PIN on the client");
    }
    if (auto written = write_ready_file(options, operations.facts(), management.get()); !written) return written;
    io.run();
    spdlog::info("stopping");
    tell = nullptr;
    return {};
}

}  // namespace punktfunk::app
