#include <algorithm>
#include <charconv>

#include "answers.hpp"
#include "api.hpp"
#include "describe.hpp"

namespace punktfunk::management {

using nlohmann::json;

namespace {

size_t paired_natively(const Api& api) {
    return static_cast<size_t>(std::ranges::count_if(api.host.devices(), &DeviceView::native));
}

http::Response native_pairing(const Api& api) {
    return json_answer(describe_native_pairing(api.host.pairing(), paired_natively(api)));
}

http::Response arm(Api& api, const Call& call) {
    Fields fields(call.body);
    const auto ttl = fields.optional_number("ttl_secs", 0, UINT32_MAX);
    if (const auto fault = fields.finish()) return unprocessable(*fault);
    (void)api.host.arm_pairing(std::chrono::seconds(std::clamp<uint64_t>(ttl.value_or(120), 15, 600)));
    api.changed();
    return native_pairing(api);
}

http::Response submit_pin(Api& api, const Call& call) {
    Fields fields(call.body);
    std::string pin = fields.text("pin", 0, 64);
    const auto client = fields.optional_number("client", 1, INT64_MAX);
    const auto name = fields.optional_text("name", 0, 64);
    if (const auto fault = fields.finish()) return unprocessable(*fault);
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    pin.erase(pin.begin(), std::ranges::find_if_not(pin, blank));
    while (!pin.empty() && blank(pin.back())) pin.pop_back();
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (pin.empty() || pin.size() > 16 || !std::ranges::all_of(pin, digit))
        return error_answer(400, "a PIN is 1 to 16 digits", "pin_shape");
    const auto waiting = api.host.pairing().waiting;
    if (!client && waiting.size() > 1)
        return error_answer(409, "several clients wait for their PIN: say whose it is, by its id in `client`",
                            "whose_pin");
    const auto entered = api.host.enter_pin(client.value_or(0), pin, name.value_or(""));
    api.changed();
    if (entered) return empty_answer();
    if (entered.error().code == ErrorCode::NotAvailable)
        return error_answer(409, entered.error().message, "nobody_waits");
    return failed_answer(entered.error(), entered.error().code == ErrorCode::Unsupported ? "no_moonlight" : "");
}

// Ids of devices that ask are small numbers; anything else is nobody's.
std::optional<uint32_t> id_of(const Call& call) {
    const std::string& text = call.path.find("id")->second;
    uint32_t id = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), id);
    return ec == std::errc() && end == text.data() + text.size() ? std::optional(id) : std::nullopt;
}

std::string_view code_of_knock(const Error& error) {
    return error.code == ErrorCode::NotAvailable ? "nobody_asks" : "not_stored";
}

http::Response approve(Api& api, const Call& call) {
    Fields fields(call.body);
    const auto name = fields.optional_text("name", 0, 64);
    if (const auto fault = fields.finish()) return unprocessable(*fault);
    const auto id = id_of(call);
    if (!id) return error_answer(404, "no such device asks to be let in", "nobody_asks");
    auto approved = api.host.approve(*id, name.value_or(""));
    api.changed();
    if (!approved) return failed_answer(approved.error(), code_of_knock(approved.error()));
    if (name && !name->empty()) approved->name = *name;  // as it was given (spec §10.3); stored is what fits
    return json_answer(describe(*approved));
}

http::Response deny(Api& api, const Call& call) {
    const auto id = id_of(call);
    if (!id) return error_answer(404, "no such device asks to be let in", "nobody_asks");
    const auto denied = api.host.deny(*id);
    api.changed();
    return denied ? empty_answer() : failed_answer(denied.error(), code_of_knock(denied.error()));
}

}  // namespace

void add_pairing_routes(Router& router, Api& api) {
    router.add("GET", "/api/v1/pairing", "getPairing", Access::Admin,
               [&api](const Call&) { return json_answer(describe(api.host.pairing(), paired_natively(api))); });
    router.add("GET", "/api/v1/pair", "getPairingStatus", Access::Admin,
               [&api](const Call&) { return json_answer({{"pin_pending", !api.host.pairing().waiting.empty()}}); });
    router.add_with_body("POST", "/api/v1/pair/pin", "submitPairingPin", Access::Admin,
                         [&api](const Call& call) { return submit_pin(api, call); });
    router.add("GET", "/api/v1/native/pair", "getNativePairing", Access::Admin,
               [&api](const Call&) { return native_pairing(api); });
    router.add("DELETE", "/api/v1/native/pair", "disarmNativePairing", Access::Admin, [&api](const Call&) {
        api.host.disarm_pairing();
        api.changed();
        return empty_answer();
    });
    router.add_with_body("POST", "/api/v1/native/pair/arm", "armNativePairing", Access::Admin,
                         [&api](const Call& call) { return arm(api, call); });
    router.add("GET", "/api/v1/native/pending", "listPendingDevices", Access::Admin,
               [&api](const Call&) { return json_answer(describe_all(api.host.pairing().knocking)); });
    router.add_with_body("POST", "/api/v1/native/pending/{id}/approve", "approvePendingDevice", Access::Admin,
                         [&api](const Call& call) { return approve(api, call); });
    router.add("POST", "/api/v1/native/pending/{id}/deny", "denyPendingDevice", Access::Admin,
               [&api](const Call& call) { return deny(api, call); });
}

}  // namespace punktfunk::management
