#include "xml.hpp"

#include <fmt/format.h>

#include "punktfunk/wire/utf8.hpp"

namespace punktfunk::nvhttp {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool allowed(char32_t scalar) {
    return scalar == '\t' || (scalar >= 0x20 && scalar != 0x7f && scalar != 0xfffe && scalar != 0xffff);
}

}  // namespace

std::string xml_escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::string_view before = text;
        const auto scalar = wire::take_scalar(text);
        if (!scalar || !allowed(*scalar)) {
            out += kReplacement;
        } else if (*scalar == '&') {
            out += "&amp;";
        } else if (*scalar == '<') {
            out += "&lt;";
        } else if (*scalar == '>') {
            out += "&gt;";
        } else if (*scalar == '"') {
            out += "&quot;";
        } else {
            out += before.substr(0, before.size() - text.size());
        }
    }
    return out;
}

XmlDocument::XmlDocument(int status_code, std::string_view status_message)
    : text_(fmt::format("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<root status_code=\"{}\"", status_code)) {
    if (!status_message.empty()) text_ += fmt::format(" status_message=\"{}\"", xml_escape(status_message));
    text_ += '>';
}

XmlDocument& XmlDocument::element(std::string_view name, std::string_view text) {
    text_ += fmt::format("<{0}>{1}</{0}>", name, xml_escape(text));
    return *this;
}

XmlDocument& XmlDocument::open(std::string_view name) {
    text_ += fmt::format("<{}>", name);
    return *this;
}

XmlDocument& XmlDocument::close(std::string_view name) {
    text_ += fmt::format("</{}>", name);
    return *this;
}

std::string XmlDocument::finish() && {
    text_ += "</root>\n";
    return std::move(text_);
}

}  // namespace punktfunk::nvhttp
