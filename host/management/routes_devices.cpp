#include <algorithm>

#include "answers.hpp"
#include "api.hpp"
#include "describe.hpp"
#include "timestamps.hpp"

namespace punktfunk::management {

using nlohmann::json;

namespace {

constexpr const char* kNotPaired = "no device of this fingerprint is paired";

std::string_view code_of_device(const Error& error) {
    return error.code == ErrorCode::NotAvailable ? "not_paired" : "not_stored";
}

std::optional<DeviceView> find(const Api& api, const Call& call) {
    const auto fingerprint = crypto::fingerprint_from_hex(call.path.find("fingerprint")->second);
    if (!fingerprint) return std::nullopt;
    auto devices = api.host.devices();
    const auto found = std::ranges::find(devices, *fingerprint, &DeviceView::fingerprint);
    return found == devices.end() ? std::nullopt : std::optional(std::move(*found));
}

json list(const Api& api) {
    const auto sessions = api.host.sessions();
    const auto devices = api.host.devices();
    auto all = json::array();
    for (const DeviceView& device : devices) all.push_back(describe(device, sessions));
    return all;
}

std::expected<devices::Change, Fault> read_change(const json& body) {
    devices::Change change;
    Fields fields(body);
    change.name = fields.optional_text("name", 1, 64);
    if (const json* rights = fields.optional_object("rights")) {
        Fields inner(*rights, "rights.");
        change.input = inner.optional_bool("input");
        change.controllers = inner.optional_bool("controllers");
        change.microphone = inner.optional_bool("microphone");
        change.launch = inner.optional_bool("launch");
        fields.absorb(inner);
    }
    if (const json* expires = fields.value("expires_at")) {
        if (expires->is_null()) {
            change.expires_at = std::optional<int64_t>();
        } else {
            const auto time =
                expires->is_string() ? parse_timestamp(expires->get_ref<const std::string&>()) : std::nullopt;
            if (!time) {
                fields.blame("expires_at",
                             "must be null or a time as RFC 3339 writes it, such as 2030-01-31T12:00:00Z");
            } else if (*time <= devices::unix_now()) {
                fields.blame("expires_at", "is in the past");
            } else {
                change.expires_at = time;
            }
        }
    }
    if (auto fault = fields.finish()) return std::unexpected(std::move(*fault));
    return change;
}

http::Response update(Api& api, const Call& call) {
    const auto device = find(api, call);
    if (!device) return error_answer(404, kNotPaired, "not_paired");
    const auto change = read_change(call.body);
    if (!change) return unprocessable(change.error());
    if (auto changed = api.host.change_device(device->fingerprint, *change); !changed)
        return failed_answer(changed.error(), code_of_device(changed.error()));
    api.changed();
    const auto now = find(api, call);
    return now ? json_answer(describe(*now, api.host.sessions())) : error_answer(404, kNotPaired, "not_paired");
}

http::Response remove(Api& api, const Call& call, bool native, bool gamestream) {
    const auto device = find(api, call);
    if (!device || !((native && device->native) || (gamestream && device->gamestream)))
        return error_answer(404, kNotPaired, "not_paired");
    auto removed = api.host.remove_device(device->fingerprint, native, gamestream);
    api.changed();
    return removed ? empty_answer() : failed_answer(removed.error(), code_of_device(removed.error()));
}

}  // namespace

void add_device_routes(Router& router, Api& api) {
    router.add("GET", "/api/v1/devices", "listDevices", Access::Admin,
               [&api](const Call&) { return json_answer(list(api)); });
    router.add_with_body("PATCH", "/api/v1/devices/{fingerprint}", "updateDevice", Access::Admin,
                         [&api](const Call& call) { return update(api, call); });
    router.add("DELETE", "/api/v1/devices/{fingerprint}", "removeDevice", Access::Admin,
               [&api](const Call& call) { return remove(api, call, true, true); });

    router.add("GET", "/api/v1/clients", "listPairedClients", Access::Admin,
               [&api](const Call&) { return json_answer(describe_all(api.host.gamestream_certificates())); });
    router.add("DELETE", "/api/v1/clients/{fingerprint}", "unpairClient", Access::Admin, [&api](const Call& call) {
        if (!crypto::fingerprint_from_hex(call.path.find("fingerprint")->second))
            return error_answer(400, "a fingerprint is 64 hex digits");
        return remove(api, call, false, true);
    });
    router.add("GET", "/api/v1/native/clients", "listNativeClients", Access::Admin, [&api](const Call&) {
        const auto devices = api.host.devices();
        auto list = json::array();
        for (const DeviceView& device : devices) {
            if (device.native) list.push_back(describe(NamedDevice{device.name, device.fingerprint}));
        }
        return json_answer(list);
    });
    router.add("DELETE", "/api/v1/native/clients/{fingerprint}", "unpairNativeClient", Access::Admin,
               [&api](const Call& call) { return remove(api, call, true, false); });
}

}  // namespace punktfunk::management
