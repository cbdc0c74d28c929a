#include "answers.hpp"

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

http::Response error_answer(unsigned status, const std::string& why) {
    return json_answer({{"error", why}}, status);
}

http::Response unprocessable(const Fault& fault) {
    return json_answer({{"error", fault.field + " " + fault.why}, {"field", fault.field}}, 422);
}

http::Response failed_answer(const Error& error) {
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
    return error_answer(status, error.message);
}

void add_security_headers(http::Response& response, bool cacheable) {
    response.headers.emplace_back("Content-Security-Policy",
                                  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
                                  "object-src 'none'");
    response.headers.emplace_back("X-Frame-Options", "DENY");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
    response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    if (!cacheable) response.headers.emplace_back("Cache-Control", "no-store");
}

}  // namespace punktfunk::management
