// The sessions of all the host's servers in one list. An id is the protocol and the server's number: "punktfunk1-7".
// Control thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "punktfunk/browser/browser_server.hpp"
#include "punktfunk/management/host_control.hpp"
#include "punktfunk/moonlight/moonlight_server.hpp"
#include "punktfunk/native/native_server.hpp"

namespace punktfunk::app {

// The servers outlive it.
class Sessions {
  public:
    Sessions(native::NativeServer& native, moonlight::MoonlightServer* gamestream, browser::BrowserServer& browser)
        : native_(native), gamestream_(gamestream), browser_(browser) {}

    [[nodiscard]] std::vector<management::SessionView> views(const std::string& compositor) const;
    // NotAvailable where there is no such session (any more).
    Result<void> stop(const std::string& id);
    Result<void> request_keyframe(const std::string& id);
    // Called once, from this thread or the session's.
    void take_thumbnail(const std::string& id, std::function<void(Result<stream::Picture>)> done);

  private:
    template <typename Action>
    bool at(const std::string& id, const Action& action);

    native::NativeServer& native_;
    moonlight::MoonlightServer* gamestream_;  // null where it is off
    browser::BrowserServer& browser_;
};

// "h264", "h265", "av1".
[[nodiscard]] std::string codec_name(encode::Codec codec);

}  // namespace punktfunk::app
