// RTSP as GameStream clients speak it (spec §4.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "punktfunk/base/error.hpp"

namespace punktfunk::rtsp {

inline constexpr size_t kMaxMessage = 64 * 1024;
inline constexpr size_t kMaxHeaders = 64;

struct Request {
    std::string method;  // "SETUP"
    std::string target;  // "streamid=audio/0/0"
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    uint32_t sequence = 0;  // CSeq

    // Case does not matter in the name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
};

// The length of the message that begins `text`, once its head is there: nullopt until then. ProtocolViolation for a
// head that is malformed or announces more than kMaxMessage.
[[nodiscard]] Result<std::optional<size_t>> message_length(std::string_view text);
// One whole message. ProtocolViolation when it is not one, or has no CSeq.
[[nodiscard]] Result<Request> parse_request(std::string_view text);

struct Response {
    int status = 200;
    std::string_view reason = "OK";
    std::vector<std::pair<std::string_view, std::string>> headers;  // none with an empty value: clients drop the answer
    std::string body;
};
// Complete; nothing follows it on the connection.
[[nodiscard]] std::string to_text(const Response& response, uint32_t sequence);

}  // namespace punktfunk::rtsp
