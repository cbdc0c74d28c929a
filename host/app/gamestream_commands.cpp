#include "gamestream_commands.hpp"

#include "punktfunk/base/hex.hpp"
#include "session_status.hpp"

namespace punktfunk::app {

using nlohmann::json;

std::optional<json> answer_gamestream(const json& request, moonlight::MoonlightServer* server) {
    if (request.value("command", json()) != "pin") return std::nullopt;
    const auto refused = [](std::string why) { return json{{"ok", false}, {"error", std::move(why)}}; };
    const json pin = request.value("pin", json()), name = request.value("name", json("")),
               client = request.value("client", json(0u));
    if (!pin.is_string() || !name.is_string() || !client.is_number_unsigned())
        return refused("pin needs the four digits that the client shows");
    if (server == nullptr) return refused("this host serves no Moonlight clients: its log says why");
    const auto entered = server->enter_pin(client.get<uint64_t>(), pin.get<std::string>(), name.get<std::string>());
    if (!entered) return refused(entered.error().message);
    return json{{"ok", true}, {"client", entered->id}, {"address", entered->address}};
}

void add_gamestream(json& status, const moonlight::MoonlightServer& server) {
    for (const auto& session : server.sessions()) {
        json entry = describe_session(session.client_name, session.encoder, session.mode, session.stats);
        entry["protocol"] = "GameStream";
        entry["bitrate_kbps"] = session.bitrate_kbps;
        entry["loss_percent"] = session.loss_percent;
        status["sessions"].push_back(std::move(entry));
    }
    for (const auto& client : server.paired()) {
        status["paired"].push_back(
            {{"name", client.name}, {"fingerprint", to_hex(client.fingerprint)}, {"protocol", "GameStream"}});
    }
    auto waiting = json::array();
    for (const auto& client : server.waiting())
        waiting.push_back({{"client", client.id}, {"address", client.address}, {"name", client.name}});
    status["gamestream"] = ports_of(server);
    status["waiting_for_pin"] = std::move(waiting);
}

void show_gamestream(const json& status) {
    if (!status.contains("waiting_for_pin")) return;
    for (const auto& client : status["waiting_for_pin"]) {
        fmt::print("client {} at {} waits for its PIN: punktfunk-host pin PIN\n", client["client"].get<uint64_t>(),
                   client["address"].get<std::string>());
    }
}

json ports_of(const moonlight::MoonlightServer& server) {
    const moonlight::Ports ports = server.ports();
    return {{"http", ports.http},   {"https", ports.https},     {"rtsp", ports.rtsp},
            {"video", ports.video}, {"control", ports.control}, {"audio", ports.audio}};
}

}  // namespace punktfunk::app
