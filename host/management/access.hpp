// Who asks (the token, a session of the console, a paired device's certificate), and whether a browser asks on behalf
// of somebody else's page. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "host_control.hpp"
#include "punktfunk/management/password.hpp"
#include "router.hpp"
#include "web_sessions.hpp"

namespace punktfunk::management {

inline constexpr std::string_view kSessionCookie = "pf_session";

class AccessControl {
  public:
    AccessControl(const std::filesystem::path& config_dir, std::string token, const HostControl& host);

    // Called for every session of the console that ends, with what the credential of what it let in is.
    void on_session_end(std::function<void(const std::string& credential)> ended);

    [[nodiscard]] Caller identify(const http::Request& request) const;
    // Nullopt: it may. Else the refusal: 401 or 403.
    [[nodiscard]] std::optional<http::Response> refuse(const Operation& operation, const Caller& caller,
                                                       const http::Request& request) const;

    // Empty when none is set; nothing when it cannot be read, which lets nobody in by a password.
    [[nodiscard]] std::optional<std::string> password_hash() const;
    [[nodiscard]] bool setup_allowed(const http::Request& request) const;
    Result<void> store_password(const std::string& hash);  // ends every session of the console

    // The header for the answer. The session lasts as long as the password of this hash is the one that is set.
    [[nodiscard]] std::pair<std::string, std::string> begin_session(const std::string& hash);
    void end_session(const http::Request& request);
    // Of sessions that have expired, or whose password somebody else replaced. To be called now and then.
    void end_stale_sessions();
    // What makes a browser forget its cookie.
    [[nodiscard]] static std::pair<std::string, std::string> no_cookie();

  private:
    PasswordFile password_;
    const std::string token_;
    const HostControl& host_;
    WebSessions sessions_;
};

// From a page of this origin, or from no page at all. By Fetch Metadata where the browser sends it, else by Origin.
[[nodiscard]] bool same_origin(const http::Request& request);
// The peer and the name it used are this very machine, and no proxy says otherwise.
[[nodiscard]] bool from_this_machine(const http::Request& request);
[[nodiscard]] std::string cookie_of(const http::Request& request, std::string_view name);
// By what something that lasts (a stream of events, a page that plays) was let in, and with which it ends.
[[nodiscard]] std::string credential_of(const Caller& caller, const http::Request& request);

}  // namespace punktfunk::management
