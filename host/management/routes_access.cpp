#include "answers.hpp"
#include "api.hpp"

namespace punktfunk::management {

using nlohmann::json;

namespace {

json describe_caller(const Api& api, const Caller& caller, const http::Request& request) {
    constexpr const char* kNames[]{"none", "token", "cookie", "certificate"};
    const auto hash = api.access.password_hash();
    json device;
    if (caller.credential == Credential::Certificate)
        device = {{"fingerprint", caller.device_fingerprint}, {"name", caller.device_name}};
    return {{"authenticated", caller.authenticated()},
            {"credential", kNames[static_cast<size_t>(caller.credential)]},
            {"admin", caller.admin()},
            {"device", std::move(device)},
            {"password_set", !hash || !hash->empty()},
            {"setup_allowed", api.access.setup_allowed(request)},
            {"hostname", api.host.facts().hostname}};
}

http::Response logged_in(Api& api, const http::Request& request, const std::string& hash) {
    auto cookie = api.access.begin_session(hash);
    const Caller caller{.credential = Credential::Cookie, .device_name = {}, .device_fingerprint = {}};
    auto response = json_answer(describe_caller(api, caller, request));
    response.headers.push_back(std::move(cookie));
    return response;
}

http::Response too_many(std::chrono::seconds wait) {
    auto response = error_answer(429, fmt::format("too many passwords were tried: wait {} s", wait.count()));
    response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
    return response;
}

std::optional<Fault> fault_of_new(const std::string& password, const char* field) {
    if (auto fits = check_new_password(password); !fits)
        return Fault{field, "is not good enough: " + fits.error().message};
    return std::nullopt;
}

// The password in a body that has no other field.
std::expected<std::string, http::Response> only_password(const Call& call) {
    Fields fields(call.body);
    std::string password = fields.text("password", 1, kMaxPassword);
    if (const auto fault = fields.finish()) return std::unexpected(unprocessable(*fault));
    return password;
}

void setup(Api& api, const Call& call) {
    const auto password = only_password(call);
    if (!password) return call.respond(password.error());
    const auto hash = api.access.password_hash();
    if (!hash || !hash->empty())
        return call.respond(error_answer(409, "a password is set already: log in, or run `punktfunk-host passwd`"));
    if (!api.access.setup_allowed(call.request())) {
        return call.respond(error_answer(403,
                                         "the first password is set from the host itself: open the console there by "
                                         "its localhost address, or run `punktfunk-host passwd`"));
    }
    if (const auto fault = fault_of_new(*password, "password")) return call.respond(unprocessable(*fault));
    const bool queued = api.worker.run([password = *password] { return hash_password(password); },
                                       [&api, call](Result<std::string> made) {
                                           const auto now = api.access.password_hash();
                                           if (!now || !now->empty())
                                               return call.respond(error_answer(409, "a password is set already"));
                                           auto stored = made ? api.access.store_password(*made)
                                                              : Result<void>(std::unexpected(made.error()));
                                           if (!stored) return call.respond(error_answer(500, stored.error().message));
                                           call.respond(logged_in(api, call.request(), *made));
                                       });
    if (!queued) call.respond(too_many(std::chrono::seconds(1)));
}

void login(Api& api, const Call& call) {
    const auto password = only_password(call);
    if (!password) return call.respond(password.error());
    const auto hash = api.access.password_hash();
    if (!hash || hash->empty())
        return call.respond(error_answer(409,
                                         "no password is set yet: open the console on the host itself, or run "
                                         "`punktfunk-host passwd`"));
    const auto peer = call.request().peer.address();
    if (const auto wait = api.throttle.begin(peer, SteadyClock::now())) return call.respond(too_many(*wait));
    const bool queued = api.worker.run([hash = *hash, password = *password] { return password_fits(hash, password); },
                                       [&api, call, peer, hash = *hash](bool fits) {
                                           // It may have been replaced while it was looked at.
                                           if (!fits || api.access.password_hash() != hash)
                                               return call.respond(error_answer(401, "wrong password"));
                                           api.throttle.succeeded(peer);
                                           call.respond(logged_in(api, call.request(), hash));
                                       });
    if (!queued) call.respond(too_many(std::chrono::seconds(1)));
}

void change_password(Api& api, const Call& call) {
    Fields fields(call.body);
    const std::string current = fields.text("current", 1, kMaxPassword), next = fields.text("new", 1, kMaxPassword);
    if (const auto fault = fields.finish()) return call.respond(unprocessable(*fault));
    if (const auto fault = fault_of_new(next, "new")) return call.respond(unprocessable(*fault));
    const auto hash = api.access.password_hash();
    if (!hash || hash->empty()) return call.respond(error_answer(409, "no password is set yet: see /setup"));
    const auto peer = call.request().peer.address();
    if (const auto wait = api.throttle.begin(peer, SteadyClock::now())) return call.respond(too_many(*wait));
    struct Outcome {
        bool fits = false;
        Result<std::string> made;
    };
    const bool queued = api.worker.run(
        [hash = *hash, current, next] {
            Outcome outcome{.fits = password_fits(hash, current), .made = {}};
            if (outcome.fits) outcome.made = hash_password(next);
            return outcome;
        },
        [&api, call, peer, hash = *hash](Outcome outcome) {
            // Of two changes at a time the first one counts; and who has been logged out meanwhile changes nothing.
            if (!outcome.fits || api.access.password_hash() != hash)
                return call.respond(error_answer(403, "the current password is wrong", "wrong_password"));
            api.throttle.succeeded(peer);
            if (!api.access.identify(call.request()).admin())
                return call.respond(error_answer(403, "you have been logged out meanwhile"));
            auto stored = outcome.made ? api.access.store_password(*outcome.made)
                                       : Result<void>(std::unexpected(outcome.made.error()));
            if (!stored) return call.respond(error_answer(500, stored.error().message));
            auto response = empty_answer();
            if (call.caller.credential == Credential::Cookie)
                response.headers.push_back(api.access.begin_session(*outcome.made));
            call.respond(std::move(response));
        });
    if (!queued) call.respond(too_many(std::chrono::seconds(1)));
}

}  // namespace

void add_access_routes(Router& router, Api& api) {
    router.add("GET", "/api/v1/me", "getMe", Access::Open,
               [&api](const Call& call) { return json_answer(describe_caller(api, call.caller, call.request())); });
    router.add({"POST", "/api/v1/setup", "setup", Access::Open, true, [&api](const Call& call) { setup(api, call); }});
    router.add({"POST", "/api/v1/login", "login", Access::Open, true, [&api](const Call& call) { login(api, call); }});
    router.add("POST", "/api/v1/logout", "logout", Access::Open, [&api](const Call& call) {
        auto response = empty_answer();
        response.headers.push_back(AccessControl::no_cookie());
        // By its cookie, whoever the caller is taken for: with a wrong token beside it, it is nobody.
        api.access.end_session(call.request());
        return response;
    });
    router.add({"POST", "/api/v1/password", "changePassword", Access::Admin, true,
                [&api](const Call& call) { change_password(api, call); }});
}

}  // namespace punktfunk::management
