#include "router.hpp"

#include <algorithm>

#include "answers.hpp"

namespace punktfunk::management {

namespace {

// The next segment, off the front of `path`, which begins with '/'.
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

std::optional<Parameters> match(std::string_view pattern, std::string_view path) {
    Parameters parameters;
    while (pattern.starts_with('/') && path.starts_with('/')) {
        const std::string_view wanted = take_segment(pattern), given = take_segment(path);
        if (wanted.starts_with('{')) {
            auto value = percent_decode(given);
            if (!value || value->empty()) return std::nullopt;
            parameters.emplace(wanted.substr(1, wanted.size() - 2), std::move(*value));
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return parameters;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

void Call::respond(http::Response response) const {
    add_security_headers(response, /*cacheable=*/false);
    exchange->respond(std::move(response));
}

void Router::add(Operation operation) {
    operations_.push_back(std::move(operation));
}

void Router::add(const char* method, const char* pattern, const char* id, Access access,
                 std::function<http::Response(const Call&)> answer) {
    add({method, pattern, id, access, false,
         [answer = std::move(answer)](const Call& call) { call.respond(answer(call)); }});
}

void Router::add_with_body(const char* method, const char* pattern, const char* id, Access access,
                           std::function<http::Response(const Call&)> answer) {
    add(method, pattern, id, access, std::move(answer));
    operations_.back().takes_body = true;
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
    Match found;
    // What a GET answers, without its body. An answer without end has none that could be left out.
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    for (const Operation& operation : operations_) {
        auto parameters = match(operation.pattern, path);
        if (!parameters) continue;
        if (operation.method == wanted && !(method == "HEAD" && operation.id == "streamEvents")) {
            found.operation = &operation;
            found.path = std::move(*parameters);
            found.allowed.clear();
            return found;
        }
        found.allowed += (found.allowed.empty() ? "" : ", ") + operation.method;
    }
    return found;
}

size_t Router::max_body(std::string_view method, std::string_view path) const {
    const auto match = find(method, path);
    return match.operation != nullptr ? match.operation->max_body : kMaxBody;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0') return std::nullopt;
        decoded += c;
    }
    return decoded;
}

std::optional<Parameters> parse_query(std::string_view query) {
    Parameters parameters;
    while (!query.empty()) {
        const size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;
        const size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!name || !value) return std::nullopt;
        parameters[std::move(*name)] = std::move(*value);
    }
    return parameters;
}

}  // namespace punktfunk::management
