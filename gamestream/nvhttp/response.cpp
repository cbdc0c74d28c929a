#include "response.hpp"

#include "punktfunk/base/hex.hpp"
#include "xml.hpp"

namespace punktfunk::nvhttp {

namespace {

Response xml(XmlDocument&& document, int http_status = 200) {
    return {.http_status = http_status, .body = std::move(document).finish()};
}

std::string_view started_element(bool resume) {
    return resume ? "resume" : "gamesession";
}

}  // namespace

Response error_response(int status_code, std::string_view message) {
    return xml(XmlDocument(status_code, message));
}

Response not_found() {
    return xml(XmlDocument(404, "not found"), 404);
}

Response app_list(std::span<const App> apps) {
    XmlDocument document(200);
    for (const App& app : apps) {
        if (app.id <= 0) continue;
        document.open("App")
            .element("IsHdrSupported", app.hdr ? 1 : 0)
            .element("AppTitle", app.title)
            .element("ID", app.id)
            .close("App");
    }
    return xml(std::move(document));
}

Response image(std::string bytes, std::string content_type) {
    return {.content_type = std::move(content_type), .body = std::move(bytes)};
}

Response session_started(bool resume, std::string_view session_url) {
    XmlDocument document(200);
    document.element("sessionUrl0", session_url).element(started_element(resume), 1);
    return xml(std::move(document));
}

Response session_refused(bool resume, int status_code, std::string_view message) {
    XmlDocument document(status_code, message);
    document.element(started_element(resume), 0);
    return xml(std::move(document));
}

Response cancel_answer() {
    XmlDocument document(200);
    document.element("cancel", 1);
    return xml(std::move(document));
}

Response pair_accepted(std::string_view element, std::span<const uint8_t> value) {
    XmlDocument document(200);
    document.element("paired", 1);
    if (!element.empty()) document.element(element, to_hex(value));
    return xml(std::move(document));
}

Response pair_refused(int status_code, std::string_view message) {
    XmlDocument document(status_code, status_code == 200 ? std::string_view() : message);
    document.element("paired", 0);
    return xml(std::move(document));
}

}  // namespace punktfunk::nvhttp
