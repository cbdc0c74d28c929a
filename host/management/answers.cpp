#include "answers.hpp"

#include <algorithm>

namespace punktfunk::management {

using nlohmann::json;

std::string dump(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

http::Response json_answer(const json& body, unsigned status) {
    return {.status = status, .content_type = "application/json", .body = dump(body), .headers = {}};
}

http::Response empty_answer(unsigned status) {
    return {.status = status, .content_type = {}, .body = {}, .headers = {}};
}

http::Response error_answer(unsigned status, const std::string& why, std::string_view code) {
    json body{{"error", why}};
    if (!code.empty()) body["code"] = code;
    return json_answer(body, status);
}

http::Response unprocessable(const Fault& fault) {
    return json_answer({{"error", fault.field + " " + fault.why}, {"field", fault.field}, {"code", "wrong_value"}},
                       422);
}

http::Response failed_answer(const Error& error, std::string_view code) {
    const auto status = [&] {
        switch (error.code) {
            case ErrorCode::NotAvailable:
                return 404u;
            case ErrorCode::Closed:
            case ErrorCode::Exhausted:
                return 409u;
            case ErrorCode::InvalidArgument:
                return 400u;
            case ErrorCode::Unsupported:
            case ErrorCode::Timeout:
                return 503u;
            default:
                return 500u;
        }
    }();
    return error_answer(status, error.message, code);
}

void add_security_headers(http::Response& response, bool cacheable) {
    // An answer may know better.
    const auto add = [&](std::string_view name, std::string_view value) {
        if (std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first) ==
            response.headers.end()) {
            response.headers.emplace_back(name, value);
        }
    };
    add("Content-Security-Policy",
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'");
    add("X-Frame-Options", "DENY");
    add("X-Content-Type-Options", "nosniff");
    add("Referrer-Policy", "no-referrer");
    add("Cross-Origin-Resource-Policy", "same-origin");
    add("Cross-Origin-Opener-Policy", "same-origin");
    if (!cacheable) add("Cache-Control", "no-store");
}

}  // namespace punktfunk::management
