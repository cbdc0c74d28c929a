// HTTP answers as the contract wants them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "fields.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/http/server.hpp"

namespace punktfunk::management {

[[nodiscard]] std::string dump(const nlohmann::json& value);  // bytes that are no UTF-8 are replaced

[[nodiscard]] http::Response json_answer(const nlohmann::json& body, unsigned status = 200);
[[nodiscard]] http::Response empty_answer(unsigned status = 204);
// `why` is for people, `code` for programs: one of the contract's (ApiError.code), or none where the status says it
// all.
[[nodiscard]] http::Response error_answer(unsigned status, const std::string& why, std::string_view code = {});
[[nodiscard]] http::Response unprocessable(const Fault& fault);
// By the error's code: 404 for what is not there, 409 for the wrong state, 400 for a wrong value, 503 for what is off
// or took too long, 500 otherwise.
[[nodiscard]] http::Response failed_answer(const Error& error, std::string_view code = {});

// Kept out of frames, foreign origins, sniffing and caches.
void add_security_headers(http::Response& response, bool cacheable);

}  // namespace punktfunk::management
