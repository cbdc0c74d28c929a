// The answers of nvhttp (spec §2.2, §2.6 to §2.9, §3.2). Errors travel inside the XML: clients take any HTTP status of
// 400 and more for a broken network and never read the reason. Send a Response with Content-Length and Connection:
// close.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace punktfunk::nvhttp {

struct Response {
    int http_status = 200;
    std::string content_type = "application/xml";
    std::string body;
};

// The message is shown to the user word for word.
[[nodiscard]] Response error_response(int status_code, std::string_view message);
// HTTP 404: for a path that does not exist, which no client asks for.
[[nodiscard]] Response not_found();

struct App {
    int32_t id = 0;  // positive, unique, stable over restarts
    std::string title;
    bool hdr = false;
};
// Clients take an empty list for a failure and keep asking: always publish at least a desktop. An app with an id of 0
// or less is left out, since it would make a client drop the whole list.
[[nodiscard]] Response app_list(std::span<const App> apps);
[[nodiscard]] Response image(std::string bytes, std::string content_type = "image/png");

// /launch and /resume have the same answers, but for one element's name.
[[nodiscard]] Response session_started(bool resume, std::string_view session_url);
[[nodiscard]] Response session_refused(bool resume, int status_code, std::string_view message);
// Change the host's state first: clients read serverinfo again at once.
[[nodiscard]] Response cancel_answer();

// A pairing phase that went well; `value` is sent in hex under `element` (none when empty).
[[nodiscard]] Response pair_accepted(std::string_view element = {}, std::span<const uint8_t> value = {});
// paired=0. status_code 200: the phase was processed and the answer is no; 400: it was malformed or out of order.
[[nodiscard]] Response pair_refused(int status_code, std::string_view message);

}  // namespace punktfunk::nvhttp
