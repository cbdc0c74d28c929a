#include "message.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "punktfunk/nvhttp/number.hpp"

namespace punktfunk::rtsp {

namespace {

using nvhttp::parse_number;
constexpr std::string_view kLineEnd = "\r\n", kHeadEnd = "\r\n\r\n";

bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// The request line and the headers, without the empty line after them.
Result<Request> parse_head(std::string_view head) {
    const auto malformed = [](std::string_view what) { return fail(ErrorCode::ProtocolViolation, "RTSP: {}", what); };
    const auto next_line = [&head] {
        const size_t end = std::min(head.find(kLineEnd), head.size());
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(end + kLineEnd.size(), head.size()));
        return line;
    };
    if (std::ranges::any_of(head, [](unsigned char c) { return c < 0x20 && c != '\r' && c != '\n'; }))
        return malformed("control characters in the head");
    Request request;
    const std::string_view line = next_line();
    const size_t first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == 0 || last <= first + 1 || line.substr(last + 1) != "RTSP/1.0")
        return malformed("the request line is malformed");
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, last - first - 1);
    while (!head.empty()) {
        const std::string_view header = next_line();
        const size_t colon = header.find(':');
        if (colon == std::string_view::npos || colon == 0) return malformed("a header without a name");
        const std::string_view name = header.substr(0, colon), value = trimmed(header.substr(colon + 1));
        if (const auto known = request.find(name); known && *known != value)
            return malformed("a header comes twice, and differs");
        if (request.headers.size() == kMaxHeaders) return malformed("too many headers");
        request.headers.emplace_back(name, value);
    }
    return request;
}

Result<size_t> body_length(const Request& request) {
    const auto text = request.find("Content-length");
    if (!text) return 0;
    const auto length = parse_number<uint32_t>(*text);
    if (!length || *length > kMaxMessage)
        return fail(ErrorCode::ProtocolViolation, "RTSP: the body's length is malformed");
    return *length;
}

}  // namespace

std::optional<std::string_view> Request::find(std::string_view name) const {
    const auto found = std::ranges::find_if(headers, [&](const auto& header) { return same_name(header.first, name); });
    if (found == headers.end()) return std::nullopt;
    return found->second;
}

Result<std::optional<size_t>> message_length(std::string_view text) {
    const size_t head = text.find(kHeadEnd);
    if (head == std::string_view::npos) {
        if (text.size() > kMaxMessage) return fail(ErrorCode::ProtocolViolation, "RTSP: the message is too long");
        return std::nullopt;
    }
    const auto request = parse_head(text.substr(0, head));
    if (!request) return std::unexpected(request.error());
    const auto body = body_length(*request);
    if (!body) return std::unexpected(body.error());
    const size_t length = head + kHeadEnd.size() + *body;
    if (length > kMaxMessage) return fail(ErrorCode::ProtocolViolation, "RTSP: the message is too long");
    return length;
}

Result<Request> parse_request(std::string_view text) {
    const auto length = message_length(text);
    if (!length) return std::unexpected(length.error());
    if (*length != text.size()) return fail(ErrorCode::ProtocolViolation, "RTSP: not one whole message");
    const size_t head = text.find(kHeadEnd);
    auto request = parse_head(text.substr(0, head));
    if (!request) return request;
    const auto sequence = parse_number<uint32_t>(request->find("CSeq").value_or(""));
    if (!sequence) return fail(ErrorCode::ProtocolViolation, "RTSP: CSeq is missing or malformed");
    request->sequence = *sequence;
    request->body = text.substr(head + kHeadEnd.size());
    return request;
}

std::string to_text(const Response& response, uint32_t sequence) {
    std::string text = fmt::format("RTSP/1.0 {} {}\r\nCSeq: {}\r\n", response.status, response.reason, sequence);
    for (const auto& [name, value] : response.headers) text += fmt::format("{}: {}\r\n", name, value);
    return text + "\r\n" + response.body;
}

}  // namespace punktfunk::rtsp
