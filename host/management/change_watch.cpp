#include "change_watch.hpp"

#include <algorithm>

#include "describe.hpp"
#include "punktfunk/base/hex.hpp"

namespace punktfunk::management {

using nlohmann::json;

namespace {

// Times that only run on are no news.
json without_clocks(json pairing) {
    pairing["native"].erase("expires_in_secs");
    pairing.erase("expires_at");
    for (json& knock : pairing["knocking"]) knock.erase("age_secs");
    return pairing;
}

}  // namespace

void ChangeWatch::look() {
    const auto sessions = host_.sessions();
    Snapshot now;
    for (const SessionView& session : sessions) {
        json plain = describe_without_stats(session);
        const auto known = sessions_.find(session.id);
        if (known == sessions_.end()) {
            hub_.publish("session.started", describe(session));
        } else if (known->second != plain) {
            hub_.publish("session.updated", describe(session));
        }
        now.emplace(session.id, std::move(plain));
    }
    for (const auto& [id, session] : sessions_) {
        if (!now.contains(id)) hub_.publish("session.ended", describe_ended(session));
    }
    sessions_ = std::move(now);

    const auto devices = host_.devices();
    Snapshot paired;
    for (const DeviceView& device : devices) {
        json plain = describe(device, sessions);
        const std::string fingerprint = to_hex(device.fingerprint);
        const auto known = devices_.find(fingerprint);
        if (known == devices_.end() || known->second != plain) hub_.publish("device.changed", plain);
        paired.emplace(fingerprint, std::move(plain));
    }
    for (const auto& [fingerprint, device] : devices_) {
        if (!paired.contains(fingerprint)) hub_.publish("device.removed", {{"fingerprint", fingerprint}});
    }
    devices_ = std::move(paired);

    const auto native = static_cast<size_t>(std::ranges::count_if(devices, &DeviceView::native));
    json pairing = describe(host_.pairing(), native);
    json still = without_clocks(pairing);
    if (std::exchange(pairing_, still) != still) hub_.publish("pairing.changed", pairing);
}

void ChangeWatch::settings_changed() {
    hub_.publish("settings.changed", describe_all(host_.settings()));
}

}  // namespace punktfunk::management
