#include "answers.hpp"
#include "api.hpp"
#include "describe.hpp"

namespace punktfunk::management {

namespace {

http::Response update(Api& api, const Call& call) {
    if (call.body.empty()) return error_answer(422, "names no setting to change");
    if (const auto changed = api.host.change_settings(call.body); !changed) {
        const SettingFault& fault = changed.error();
        if (fault.fixed) return error_answer(409, fault.key + " " + fault.why, "setting_fixed");
        if (fault.failed) return error_answer(500, fault.why, "not_stored");
        return unprocessable({fault.key, fault.why});
    }
    api.watch.settings_changed();
    api.changed();
    return json_answer(describe_all(api.host.settings()));
}

}  // namespace

void add_setting_routes(Router& router, Api& api) {
    router.add("GET", "/api/v1/settings", "listSettings", Access::Admin,
               [&api](const Call&) { return json_answer(describe_all(api.host.settings())); });
    router.add_with_body("PATCH", "/api/v1/settings", "updateSettings", Access::Admin,
                         [&api](const Call& call) { return update(api, call); });
}

}  // namespace punktfunk::management
