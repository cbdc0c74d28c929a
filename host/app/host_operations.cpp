#include "host_operations.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "address.hpp"
#include "certificate_facts.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/http/peer_address.hpp"
#include "punktfunk/management/password.hpp"
#include "punktfunk/wire/device_name.hpp"
#include "try_display.hpp"

namespace punktfunk::app {

using namespace management;

namespace {

constexpr auto kLookForExpired = std::chrono::seconds(30);  // a clock that was set, a machine that slept

}  // namespace

native::NativeSettings native_settings(const ServeOptions& options) {
    const auto gamepad = options.gamepad.empty() ? std::nullopt : wire::parse_gamepad(options.gamepad);
    return {.require_pairing = !options.open,
            .max_concurrent = options.max_concurrent,
            .fec_percent = static_cast<uint8_t>(options.fec_percent),
            .gamepad = gamepad.value_or(wire::Gamepad::Auto)};
}

HostOperations::HostOperations(HostParts parts)
    : parts_(std::move(parts)),
      sessions_(parts_.native, parts_.gamestream, parts_.browser),
      expiry_(parts_.io),
      worker_(parts_.io, "pf-test", 1) {
    remove_expired();
}

void HostOperations::tell_change() const {
    if (changed_) changed_();
}

HostFacts HostOperations::facts() const {
    HostFacts facts{.hostname = parts_.hostname,
                    .unique_id = parts_.unique_id,
                    .fingerprint = parts_.fingerprint,
                    .codecs = {},
                    .pairing_required = !parts_.settings.active().open,
                    .gamestream = parts_.gamestream != nullptr,
                    .started = started_,
                    .native = parts_.native.local().port()};
    for (const auto& encoder : parts_.encoders) {
        const std::string codec = codec_name(encoder.codec);
        if (encoder.available && std::ranges::find(facts.codecs, codec) == facts.codecs.end())
            facts.codecs.push_back(codec);
    }
    if (parts_.gamestream != nullptr) {
        const moonlight::Ports ports = parts_.gamestream->ports();
        facts.http = ports.http;
        facts.https = ports.https;
        facts.rtsp = ports.rtsp;
        facts.video = ports.video;
        facts.control = ports.control;
        facts.audio = ports.audio;
    }
    return facts;
}

std::vector<SessionView> HostOperations::sessions() const {
    return sessions_.views(std::string(parts_.pipeline.display->name()));
}

void HostOperations::take_thumbnail(const std::string& id, std::function<void(Result<stream::Picture>)> done) {
    // It may come from the session's thread.
    sessions_.take_thumbnail(id, [&io = parts_.io, done = std::move(done)](Result<stream::Picture> picture) {
        boost::asio::post(io, [done, picture = std::move(picture)]() mutable { done(std::move(picture)); });
    });
}

void HostOperations::play(std::shared_ptr<http::WebSocket> socket, PageVisitor visitor) {
    browser::Visitor who{.name = fmt::format("Browser at {}", http::address_text(visitor.address)),
                         .credential = std::move(visitor.credential),
                         .address = visitor.address,
                         .fingerprint = visitor.fingerprint,
                         .rights = {}};
    if (visitor.fingerprint) {
        const auto* client = parts_.paired.find(*visitor.fingerprint);
        if (client == nullptr) return;  // the socket goes, and with it the connection
        who.name = client->name;
        who.rights = client->terms.rights;
    }
    parts_.browser.welcome(std::move(socket), std::move(who));
}

void HostOperations::end_visits(std::string_view credential) {
    parts_.browser.drop([&](const browser::Visitor& visitor) { return visitor.credential == credential; },
                        "your login has ended");
}

std::vector<DeviceView> HostOperations::devices() const {
    std::vector<DeviceView> views;
    for (const auto& client : parts_.paired.clients())
        views.push_back({client.fingerprint, client.name, true, false, client.terms});
    if (parts_.gamestream == nullptr) return views;
    for (const auto& client : parts_.gamestream->paired()) {
        const auto same = std::ranges::find(views, client.fingerprint, &DeviceView::fingerprint);
        if (same == views.end()) {
            views.push_back({client.fingerprint, client.name, false, true, client.terms});
        } else {
            same->gamestream = true;
            same->terms.last_seen = std::max(same->terms.last_seen, client.terms.last_seen);
        }
    }
    return views;
}

std::vector<CertificateView> HostOperations::gamestream_certificates() const {
    std::vector<CertificateView> views;
    if (parts_.gamestream == nullptr) return views;
    for (const auto& client : parts_.gamestream->paired())
        views.push_back(certificate_facts(client.certificate_der, client.fingerprint));
    return views;
}

Result<void> HostOperations::change_device(const crypto::Fingerprint& device, const devices::Change& change) {
    devices::Change fit = change;
    if (fit.name) fit.name = wire::sanitize_device_name(*fit.name, device);
    auto native = parts_.paired.change(device, fit);
    if (!native && native.error().code != ErrorCode::NotAvailable) return native;
    if (native) parts_.native.follow_terms(device);
    if (const auto* client = parts_.paired.find(device); client != nullptr)
        parts_.browser.set_rights(device, client->terms.rights);
    // One device may be paired by both protocols.
    auto other = parts_.gamestream != nullptr ? parts_.gamestream->change(device, fit) : native;
    if (!other && (other.error().code != ErrorCode::NotAvailable || !native)) return other;
    remove_expired();  // and when to look again
    tell_change();
    return {};
}

Result<void> HostOperations::remove_device(const crypto::Fingerprint& device, bool native, bool gamestream) {
    Result<void> removed = fail(ErrorCode::NotAvailable, "no paired client has the fingerprint {}", to_hex(device));
    if (native) {
        removed = parts_.paired.remove(device);
        if (removed) {
            parts_.native.drop_client(device);
            parts_.browser.drop([&](const browser::Visitor& visitor) { return visitor.fingerprint == device; },
                                "this device is not paired any more");
        }
    }
    if (gamestream && parts_.gamestream != nullptr) {
        const auto other = parts_.gamestream->unpair(device);
        if (other || other.error().code != ErrorCode::NotAvailable) removed = other;
    }
    tell_change();
    return removed;
}

void HostOperations::remove_expired() {
    const int64_t now = devices::unix_now();
    std::optional<int64_t> next;
    const auto all = devices();
    for (const DeviceView& device : all) {
        if (device.terms.expired(now)) {
            spdlog::info("{}: its time is over: it is unpaired", device.name);
            if (auto removed = remove_device(device.fingerprint, true, true); !removed)
                spdlog::warn("{}: {}", device.name, removed.error().message);
        } else if (device.terms.expires_at) {
            next = std::min(next.value_or(*device.terms.expires_at), *device.terms.expires_at);
        }
    }
    auto wait = kLookForExpired;
    if (next) wait = std::min<std::chrono::seconds>(wait, std::chrono::seconds(std::max<int64_t>(*next - now, 0)));
    expiry_.expires_after(std::max<std::chrono::milliseconds>(wait, std::chrono::milliseconds(50)));
    expiry_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) remove_expired();
    });
}

PairingView HostOperations::pairing() const {
    PairingView view;
    if (const auto armed = parts_.window.armed(SteadyClock::now()))
        view.armed = ArmedPin{armed->pin, armed->remaining, armed->ttl};
    for (const auto& client : parts_.native.pending())
        view.knocking.push_back({client.id, client.name, client.fingerprint, client.age, client.waiting});
    if (parts_.gamestream == nullptr) return view;
    for (const auto& client : parts_.gamestream->waiting())
        view.waiting.push_back({client.id, client.address, client.name});
    return view;
}

ArmedPin HostOperations::arm_pairing(std::chrono::seconds ttl) {
    const auto now = SteadyClock::now();
    (void)parts_.window.arm(ttl, now);
    const auto armed = *parts_.window.armed(now);
    spdlog::info("pairing armed for {} s", armed.remaining.count());
    tell_change();
    return {armed.pin, armed.remaining, armed.ttl};
}

void HostOperations::disarm_pairing() {
    parts_.window.disarm();
    tell_change();
}

Result<NamedDevice> HostOperations::approve(uint32_t id, const std::string& name) {
    const auto done = parts_.native.approve(id, name);
    if (!done) return std::unexpected(done.error());
    return NamedDevice{done->name, done->fingerprint};
}

Result<NamedDevice> HostOperations::deny(uint32_t id) {
    const auto done = parts_.native.deny(id);
    if (!done) return std::unexpected(done.error());
    return NamedDevice{done->name, done->fingerprint};
}

Result<WaitingForPin> HostOperations::enter_pin(uint64_t client, const std::string& pin, const std::string& name) {
    if (parts_.gamestream == nullptr)
        return fail(ErrorCode::Unsupported, "this host serves no Moonlight clients: its log says why");
    const auto entered = parts_.gamestream->enter_pin(client, pin, name);
    if (!entered) return std::unexpected(entered.error());
    tell_change();
    return WaitingForPin{entered->id, entered->address, entered->name};
}

std::vector<DisplayView> HostOperations::displays() const {
    const display::DisplayBackend& chosen = *parts_.pipeline.display;
    std::vector<DisplayView> views;
    for (const auto& [id, label, name] : {std::tuple{"kwin", "KWin / KDE Plasma", "kwin"},
                                          {"gamescope", "gamescope", "gamescope"},
                                          {"mutter", "Mutter / GNOME", "mutter"},
                                          {"wlroots", "wlroots (Sway / Hyprland)", "sway"}}) {
        const bool is = chosen.name() == name;
        views.push_back({.id = id,
                         .label = label,
                         .reason = is ? chosen.description() : "this version makes its displays on sway only",
                         .available = is,
                         .chosen = is});
    }
    return views;
}

std::vector<EncoderView> HostOperations::encoders() const {
    std::vector<EncoderView> views;
    for (const encode::ProbeResult& encoder : parts_.encoders) {
        const std::string codec = codec_name(encoder.codec);
        const bool first = std::ranges::none_of(views, [&](const auto& v) { return v.codec == codec && v.chosen; });
        views.push_back({.id = encoder.encoder,
                         .codec = codec,
                         .reason = encoder.reason,
                         .hardware = !encoder.encoder.starts_with("lib"),
                         .available = encoder.available,
                         .chosen = encoder.available && first});
    }
    return views;
}

void HostOperations::test_display(const display::Mode& mode, std::function<void(Result<DisplayTest>)> done) {
    if (testing_display_) return done(fail(ErrorCode::Exhausted, "a test is running already"));
    testing_display_ = worker_.run([parts = parts_.pipeline, mode] { return run_display_test(parts, mode); },
                                   [this, done](Result<DisplayTest> tested) {
                                       testing_display_ = false;
                                       done(std::move(tested));
                                   });
    if (!testing_display_) done(fail(ErrorCode::Exhausted, "a test is running already"));
}

std::expected<void, SettingFault> HostOperations::change_settings(const nlohmann::json& changes) {
    if (changes.contains("mgmt_bind") && changes["mgmt_bind"].is_string()) {
        // Or the next start would be refused, and with it this console.
        const auto endpoint = parse_endpoint(changes["mgmt_bind"].get<std::string>());
        const auto password = PasswordFile(parts_.settings.active().config_dir).hash();
        if (endpoint && !endpoint->address().is_loopback() && (!password || password->empty()))
            return std::unexpected(
                SettingFault{.key = "mgmt_bind", .why = "reaches beyond this machine: set a password first"});
    }
    if (auto changed = parts_.settings.change(changes); !changed) return changed;
    const ServeOptions& now = parts_.settings.active();
    parts_.native.configure(native_settings(now));
    if (parts_.gamestream != nullptr) parts_.gamestream->set_max_concurrent(now.max_concurrent);
    parts_.browser.set_max_concurrent(now.max_concurrent);
    spdlog::set_level(spdlog::level::from_str(now.log_level));
    tell_change();
    return {};
}

}  // namespace punktfunk::app
