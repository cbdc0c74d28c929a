// What has changed since it was last looked at, as events. The host says only that something may have; here it is
// compared. Control thread.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "event_hub.hpp"
#include "host_control.hpp"

namespace punktfunk::management {

class ChangeWatch {
  public:
    ChangeWatch(const HostControl& host, EventHub& hub) : host_(host), hub_(hub) {}

    void look();
    void settings_changed();

  private:
    using Snapshot = std::map<std::string, nlohmann::json>;  // by id or fingerprint
    const HostControl& host_;
    EventHub& hub_;
    Snapshot sessions_, devices_;
    nlohmann::json pairing_;
};

}  // namespace punktfunk::management
