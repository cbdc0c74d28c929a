#include "launch_policy.hpp"

namespace punktfunk::nvhttp {

std::optional<Response> refuse_launch(const LaunchCall& call, const LaunchConditions& conditions) {
    const auto refuse = [&](int code, std::string_view why) { return session_refused(call.resume, code, why); };
    if (!conditions.can_encode) return refuse(503, "The host found no video encoder it can use");
    if (conditions.encryption_mandatory && !call.encrypts_rtsp())
        return refuse(403, "The host streams encrypted only, which this client is too old for: update it");
    if (call.resume) {
        if (conditions.running_app == 0) return refuse(503, "No app is running on this host to resume");
        if (call.app_id != 0 && call.app_id != conditions.running_app)
            return refuse(400, "Another app is running on this host");
        return std::nullopt;
    }
    if (!conditions.app_exists) return refuse(404, "The host has no such app");
    if (conditions.running_app != 0) return refuse(400, "An app is already running on this host");
    return std::nullopt;
}

}  // namespace punktfunk::nvhttp
