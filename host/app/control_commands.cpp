#include "control_commands.hpp"

#include "punktfunk/base/hex.hpp"

namespace punktfunk::app {

using management::DeviceView;
using management::HostControl;
using management::SessionView;
using nlohmann::json;

namespace {

json refused(std::string why) {
    return {{"ok", false}, {"error", std::move(why)}};
}

std::string text_of(const json& request, const char* key) {
    const auto found = request.find(key);
    return found != request.end() && found->is_string() ? found->get<std::string>() : std::string();
}

json describe(const stream::Percentiles& latency) {
    return {{"p50", latency.p50_us}, {"p95", latency.p95_us}, {"p99", latency.p99_us}};
}

json describe(const SessionView& session) {
    const bool gamestream = session.protocol == "gamestream";
    json entry{{"id", session.id},
               {"client", session.device_name},
               {"protocol", gamestream ? "GameStream" : "punktfunk/1"},
               {"encoder", session.encoder},
               {"width", session.mode.width},
               {"height", session.mode.height},
               {"refresh_hz", session.mode.refresh_hz},
               {"bitrate_kbps", session.bitrate_kbps},
               {"frames_encoded", session.stats.frames_encoded},
               {"rebuilds", session.stats.rebuilds},
               {"sound_packets", session.stats.sound_packets},
               {"latency_us",
                {{"compositor_copy", describe(session.stats.copy)},
                 {"encode", describe(session.stats.encode)},
                 {"host", describe(session.stats.host)}}}};
    if (session.loss_percent) entry["loss_percent"] = *session.loss_percent;
    return entry;
}

json status(const HostControl& host) {
    auto sessions = json::array(), paired = json::array(), waiting = json::array();
    const auto running = host.sessions();
    for (const SessionView& session : running) sessions.push_back(describe(session));
    const auto devices = host.devices();
    for (const DeviceView& device : devices) {
        const json entry{{"name", device.name}, {"fingerprint", to_hex(device.fingerprint)}};
        for (const auto& [is, protocol] :
             {std::pair{device.native, "punktfunk/1"}, {device.gamestream, "GameStream"}}) {
            if (!is) continue;
            paired.push_back(entry);
            paired.back()["protocol"] = protocol;
        }
    }
    json all{{"ok", true}, {"sessions", std::move(sessions)}, {"paired", std::move(paired)}};
    const management::HostFacts facts = host.facts();
    if (!facts.gamestream) return all;
    const auto pairing = host.pairing();
    for (const auto& client : pairing.waiting)
        waiting.push_back({{"client", client.id}, {"address", client.address}, {"name", client.name}});
    all["gamestream"] = {{"http", facts.http},   {"https", facts.https},     {"rtsp", facts.rtsp},
                         {"video", facts.video}, {"control", facts.control}, {"audio", facts.audio}};
    all["waiting_for_pin"] = std::move(waiting);
    return all;
}

json pair(const json& request, HostControl& host) {
    const auto ttl = request.find("ttl_s");
    const uint64_t seconds =
        ttl != request.end() && ttl->is_number_unsigned() ? std::min<uint64_t>(ttl->get<uint64_t>(), 86400) : 120;
    const auto armed = host.arm_pairing(std::chrono::seconds(seconds));
    return {{"ok", true}, {"pin", armed.pin}, {"expires_in_s", armed.remaining.count()}};
}

json unpair(const json& request, HostControl& host) {
    const auto fingerprint = crypto::fingerprint_from_hex(text_of(request, "fingerprint"));
    if (!fingerprint) return refused("unpair needs a fingerprint of 64 hex digits");
    const auto removed = host.remove_device(*fingerprint, true, true);
    return removed ? json{{"ok", true}} : refused(removed.error().message);
}

json pending(const HostControl& host) {
    auto list = json::array();
    const auto pairing = host.pairing();
    for (const auto& client : pairing.knocking) {
        list.push_back({{"id", client.id},
                        {"name", client.name},
                        {"fingerprint", to_hex(client.fingerprint)},
                        {"age_s", client.age.count()},
                        {"waiting", client.waiting}});
    }
    return {{"ok", true}, {"pending", std::move(list)}};
}

json decide(const std::string& command, const json& request, HostControl& host) {
    const json id = request.value("id", json()), name = request.value("name", json(""));
    if (!id.is_number_unsigned() || id.get<uint64_t>() > UINT32_MAX || !name.is_string())
        return refused(command + " needs the id of a pending device");
    const auto done = command == "approve" ? host.approve(id.get<uint32_t>(), name.get<std::string>())
                                           : host.deny(id.get<uint32_t>());
    if (!done) return refused(done.error().message);
    return {{"ok", true}, {"name", done->name}, {"fingerprint", to_hex(done->fingerprint)}};
}

json enter_pin(const json& request, HostControl& host) {
    const json pin = request.value("pin", json()), name = request.value("name", json("")),
               client = request.value("client", json(0u));
    if (!pin.is_string() || !name.is_string() || !client.is_number_unsigned())
        return refused("pin needs the four digits that the client shows");
    const auto entered = host.enter_pin(client.get<uint64_t>(), pin.get<std::string>(), name.get<std::string>());
    if (!entered) return refused(entered.error().message);
    return {{"ok", true}, {"client", entered->id}, {"address", entered->address}};
}

}  // namespace

json answer_command(const json& request, HostControl& host) {
    const std::string command = text_of(request, "command");
    if (command == "status") return status(host);
    if (command == "pair") return pair(request, host);
    if (command == "unpair") return unpair(request, host);
    if (command == "pending") return pending(host);
    if (command == "approve" || command == "deny") return decide(command, request, host);
    if (command == "pin") return enter_pin(request, host);
    if (command == "disarm") {
        host.disarm_pairing();
        return {{"ok", true}};
    }
    return refused(fmt::format("unknown command '{}'", command));
}

void show_status(const json& answer) {
    fmt::print("sessions: {}\n", answer["sessions"].size());
    for (const auto& s : answer["sessions"]) {
        const auto p50_ms = [&](const char* stage) { return s["latency_us"][stage]["p50"].get<double>() / 1000; };
        fmt::print("  {}  {}x{}@{}  {}  {} frames; ms: compositor's copy {:.2f}, encode {:.2f}, host {:.2f}\n",
                   s["client"].get<std::string>(), s["width"].get<int>(), s["height"].get<int>(),
                   s["refresh_hz"].get<int>(), s["encoder"].get<std::string>(), s["frames_encoded"].get<uint64_t>(),
                   p50_ms("compositor_copy"), p50_ms("encode"), p50_ms("host"));
    }
    fmt::print("paired clients: {}\n", answer["paired"].size());
    for (const auto& c : answer["paired"])
        fmt::print("  {}  {}  ({})\n", c["fingerprint"].get<std::string>(), c["name"].get<std::string>(),
                   c["protocol"].get<std::string>());
    if (!answer.contains("waiting_for_pin")) return;
    for (const auto& client : answer["waiting_for_pin"]) {
        fmt::print("client {} at {} waits for its PIN: punktfunk-host pin PIN\n", client["client"].get<uint64_t>(),
                   client["address"].get<std::string>());
    }
}

void show_pending(const json& answer) {
    if (answer["pending"].empty()) return fmt::print("no device is asking to be let in\n");
    for (const auto& client : answer["pending"]) {
        fmt::print("{:>4}  {}  {}  asked {} s ago{}\n", client["id"].get<uint32_t>(),
                   client["fingerprint"].get<std::string>(), client["name"].get<std::string>(),
                   client["age_s"].get<int64_t>(), client["waiting"].get<bool>() ? ", waits" : "");
    }
    fmt::print("compare the fingerprint with the one on the device, then: punktfunk-host approve ID\n");
}

}  // namespace punktfunk::app
