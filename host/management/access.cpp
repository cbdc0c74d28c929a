#include "access.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "answers.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/http/peer_address.hpp"

namespace punktfunk::management {

namespace {

constexpr std::string_view kCookieAttributes = "Path=/; HttpOnly; Secure; SameSite=Strict";

// "localhost:47990" -> "localhost", "[::1]:47990" -> "::1".
std::string_view host_without_port(std::string_view host) {
    if (host.starts_with('[')) return host.substr(1, std::min(host.find(']'), host.size()) - 1);
    return host.substr(0, std::min(host.rfind(':'), host.size()));
}

std::string by_cookie(std::string_view cookie_hash) {
    return fmt::format("cookie:{}", cookie_hash);
}

bool changes_something(const http::Request& request) {
    return request.method != "GET" && request.method != "HEAD";
}

}  // namespace

bool same_origin(const http::Request& request) {
    const std::string_view site = request.header("Sec-Fetch-Site"), origin = request.header("Origin");
    if (!site.empty() && site != "same-origin" && site != "none") return false;
    return origin.empty() || origin == fmt::format("https://{}", request.header("Host"));
}

bool from_this_machine(const http::Request& request) {
    if (!http::unmapped(request.peer.address()).is_loopback()) return false;
    for (const auto* header : {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"}) {
        if (!request.header(header).empty()) return false;
    }
    const std::string_view host = host_without_port(request.header("Host"));
    if (host == "localhost") return true;
    boost::system::error_code no_address;
    const auto address = boost::asio::ip::make_address(std::string(host), no_address);
    return !no_address && http::unmapped(address).is_loopback();
}

std::string cookie_of(const http::Request& request, std::string_view name) {
    for (const auto& [header, value] : request.headers) {
        if (header.size() != 6 || !std::ranges::equal(header, std::string_view("cookie"), {},
                                                      [](char c) { return static_cast<char>(std::tolower(c)); })) {
            continue;
        }
        for (std::string_view rest = value; !rest.empty();) {
            const size_t end = std::min(rest.find(';'), rest.size());
            std::string_view pair = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            while (pair.starts_with(' ')) pair.remove_prefix(1);
            if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
                return std::string(pair.substr(name.size() + 1));
        }
    }
    return {};
}

std::string credential_of(const Caller& caller, const http::Request& request) {
    switch (caller.credential) {
        case Credential::Cookie:
            return by_cookie(sha256_hex(cookie_of(request, kSessionCookie)));
        case Credential::Token:
            return "token";
        case Credential::Certificate:
            return "device:" + caller.device_fingerprint;
        case Credential::None:
            break;
    }
    return {};
}

AccessControl::AccessControl(const std::filesystem::path& config_dir, std::string token, const HostControl& host)
    : password_(config_dir), token_(std::move(token)), host_(host), sessions_(config_dir) {}

void AccessControl::on_session_end(std::function<void(const std::string& credential)> ended) {
    sessions_.on_end([ended = std::move(ended)](const std::string& cookie_hash) { ended(by_cookie(cookie_hash)); });
}

std::optional<std::string> AccessControl::password_hash() const {
    auto hash = password_.hash();
    if (hash) return std::move(*hash);
    spdlog::warn("management: {}", hash.error().message);
    return std::nullopt;
}

Caller AccessControl::identify(const http::Request& request) const {
    constexpr std::string_view kScheme = "Bearer ";  // case-sensitive, exactly one space (spec §10.1)
    if (const auto header = request.header("Authorization"); !header.empty()) {
        // Whoever names a token means it: a wrong one is not made up for by something else.
        const bool fits = header.starts_with(kScheme) && same_secret(header.substr(kScheme.size()), token_);
        return {.credential = fits ? Credential::Token : Credential::None, .device_name = {}, .device_fingerprint = {}};
    }
    if (const auto cookie = cookie_of(request, kSessionCookie); !cookie.empty()) {
        const auto hash = password_hash();
        if (hash && !hash->empty() && sessions_.knows(cookie, *hash, devices::unix_now()))
            return {.credential = Credential::Cookie, .device_name = {}, .device_fingerprint = {}};
    }
    if (request.peer_certificate) {
        const auto fingerprint = crypto::fingerprint_of(*request.peer_certificate);
        for (const DeviceView& device : host_.devices()) {
            if (device.native && device.fingerprint == fingerprint)
                return {.credential = Credential::Certificate,
                        .device_name = device.name,
                        .device_fingerprint = to_hex(fingerprint)};
        }
    }
    return {};
}

std::optional<http::Response> AccessControl::refuse(const Operation& operation, const Caller& caller,
                                                    const http::Request& request) const {
    if (operation.access != Access::Open && !caller.authenticated())
        return error_answer(401, "missing or invalid credentials (a paired client cert, or a bearer token)");
    if (operation.access == Access::Admin && !caller.admin())
        return error_answer(403, "a paired device's certificate may read only: use the token, or log in");
    // A browser attaches its cookie, and a certificate, to whatever a page asks for. Only the token is never sent
    // without being meant.
    if (caller.credential != Credential::Token && !same_origin(request) &&
        (changes_something(request) || caller.authenticated())) {
        return error_answer(403, "another site's page may not do this");
    }
    return std::nullopt;
}

bool AccessControl::setup_allowed(const http::Request& request) const {
    const auto hash = password_hash();
    return hash && hash->empty() && from_this_machine(request) && same_origin(request);
}

Result<void> AccessControl::store_password(const std::string& hash) {
    if (auto stored = password_.store(hash); !stored) return stored;
    sessions_.end_all();
    return {};
}

std::pair<std::string, std::string> AccessControl::begin_session(const std::string& hash) {
    const std::string cookie = sessions_.begin(hash, devices::unix_now());
    return {"Set-Cookie",
            fmt::format("{}={}; {}; Max-Age={}", kSessionCookie, cookie, kCookieAttributes, WebSessions::kLifeS)};
}

void AccessControl::end_session(const http::Request& request) {
    sessions_.end(cookie_of(request, kSessionCookie));
}

void AccessControl::end_stale_sessions() {
    if (const auto hash = password_hash()) sessions_.end_stale(*hash, devices::unix_now());
}

std::pair<std::string, std::string> AccessControl::no_cookie() {
    return {"Set-Cookie", fmt::format("{}=; {}; Max-Age=0", kSessionCookie, kCookieAttributes)};
}

}  // namespace punktfunk::management
