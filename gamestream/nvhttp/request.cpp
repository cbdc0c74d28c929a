#include "request.hpp"

#include <algorithm>

#include "punktfunk/base/hex.hpp"

namespace punktfunk::nvhttp {

namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::optional<std::string> decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            const auto byte = from_hex(text.substr(i + 1, 2));
            if (!byte || byte->size() != 1) return std::nullopt;
            c = static_cast<char>(byte->front());
            i += 2;
        }
        if (is_control(c)) return std::nullopt;
        out += c;
    }
    return out;
}

}  // namespace

Result<Query> Query::parse(std::string_view text) {
    Query query;
    while (!text.empty()) {
        const size_t length = std::min(text.find('&'), text.size());
        const std::string_view part = text.substr(0, length);
        text.remove_prefix(std::min(length + 1, text.size()));
        if (part.empty()) continue;
        const size_t equals = std::min(part.find('='), part.size());
        auto name = decode(part.substr(0, equals));
        auto value = decode(part.substr(std::min(equals + 1, part.size())));
        if (!name || !value)
            return fail(ErrorCode::ProtocolViolation, "the query has a bad escape or control character");
        if (const auto known = query.find(*name)) {
            if (*known != *value) return fail(ErrorCode::ProtocolViolation, "a parameter comes twice, and differs");
            continue;
        }
        if (query.size() == kMaxParameters)
            return fail(ErrorCode::ProtocolViolation, "the query has too many parameters");
        query.parameters_.push_back({std::move(*name), std::move(*value)});
    }
    return query;
}

std::optional<std::string_view> Query::find(std::string_view name) const {
    const auto found = std::ranges::find(parameters_, name, &Parameter::name);
    if (found == parameters_.end()) return std::nullopt;
    return found->value;
}

Result<Request> parse_target(std::string_view target) {
    if (target.size() > kMaxRequestLine) return fail(ErrorCode::ProtocolViolation, "the request is too long");
    if (!target.starts_with('/')) return fail(ErrorCode::ProtocolViolation, "the request's target is not a path");
    const size_t mark = std::min(target.find('?'), target.size());
    const std::string_view path = target.substr(0, mark);
    if (std::ranges::any_of(path, [](char c) { return is_control(c) || c == ' '; }))
        return fail(ErrorCode::ProtocolViolation, "the request's path has a character it must not have");
    auto query = Query::parse(target.substr(std::min(mark + 1, target.size())));
    if (!query) return std::unexpected(std::move(query.error()));
    return Request{std::string(path), std::move(*query)};
}

Result<Request> parse_request_line(std::string_view line) {
    if (line.size() > kMaxRequestLine) return fail(ErrorCode::ProtocolViolation, "the request line is too long");
    const size_t first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return fail(ErrorCode::ProtocolViolation, "the request line is malformed");
    const std::string_view version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return fail(ErrorCode::ProtocolViolation, "the request is not HTTP/1");
    if (line.substr(0, first) != "GET") return fail(ErrorCode::Unsupported, "only GET is answered here");
    return parse_target(line.substr(first + 1, last - first - 1));
}

}  // namespace punktfunk::nvhttp
