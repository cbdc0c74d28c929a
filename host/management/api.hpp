// What the operations of the API share, and where they are put together: each file routes_*.cpp adds those of its part.
// Control thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "access.hpp"
#include "change_watch.hpp"
#include "event_hub.hpp"
#include "host_control.hpp"
#include "library_index.hpp"
#include "punktfunk/management/log_ring.hpp"
#include "punktfunk/management/worker.hpp"
#include "router.hpp"
#include "throttle.hpp"

namespace punktfunk::management {

struct Api {
    HostControl& host;
    AccessControl& access;
    EventHub& hub;
    ChangeWatch& watch;
    LogRing& log;
    Worker& worker;
    LibraryIndex& library;
    std::function<void()> changed;                            // something may have: look when there is time
    std::function<uint16_t()> port;                           // that the API listens on
    std::function<std::string(std::string)> without_secrets;  // any thread
    Throttle throttle{};
    std::optional<std::string> test_picture{};  // PNG, of the last display test
};

// All take `api` by reference for as long as the router lives.
void add_host_routes(Router& router, Api& api);
void add_access_routes(Router& router, Api& api);
void add_session_routes(Router& router, Api& api);
void add_device_routes(Router& router, Api& api);
void add_pairing_routes(Router& router, Api& api);
void add_display_routes(Router& router, Api& api);
void add_setting_routes(Router& router, Api& api);
void add_log_routes(Router& router, Api& api);
void add_event_routes(Router& router, Api& api);
void add_library_routes(Router& router, Api& api);
void add_play_routes(Router& router, Api& api);

}  // namespace punktfunk::management
