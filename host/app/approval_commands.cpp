#include "approval_commands.hpp"

#include "punktfunk/base/hex.hpp"

namespace punktfunk::app {

using nlohmann::json;

namespace {

json describe(const native::NativeServer& server) {
    auto list = json::array();
    for (const auto& client : server.pending()) {
        list.push_back({{"id", client.id},
                        {"name", client.name},
                        {"fingerprint", to_hex(client.fingerprint)},
                        {"age_s", client.age.count()},
                        {"waiting", client.waiting}});
    }
    return {{"ok", true}, {"pending", std::move(list)}};
}

}  // namespace

std::optional<json> answer_approval(const json& request, native::NativeServer& server) {
    const std::string command = request.value("command", json()).is_string() ? request["command"] : json("");
    if (command == "pending") return describe(server);
    if (command != "approve" && command != "deny") return std::nullopt;
    const auto refused = [](std::string why) { return json{{"ok", false}, {"error", std::move(why)}}; };
    const json id = request.value("id", json()), name = request.value("name", json(""));
    if (!id.is_number_unsigned() || id.get<uint64_t>() > UINT32_MAX || !name.is_string())
        return refused(command + " needs the id of a pending device");
    const auto done = command == "approve" ? server.approve(id.get<uint32_t>(), name.get<std::string>())
                                           : server.deny(id.get<uint32_t>());
    if (!done) return refused(done.error().message);
    return json{{"ok", true}, {"name", done->name}, {"fingerprint", to_hex(done->fingerprint)}};
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
