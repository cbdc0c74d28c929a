// The bytes of one RTSP connection, in whatever pieces they come, until they are one request (spec §4.1): clients make
// a connection for each.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "sealed_message.hpp"

namespace punktfunk::rtsp {

struct PlainMessage {
    std::string text;
};
// The first bit tells them apart: a text begins with a letter.
using Received = std::variant<PlainMessage, SealedMessage>;

class RequestReader {
  public:
    // nullopt: more is to come. ProtocolViolation: close the connection. Never holds more than one message of
    // kMaxMessage; bytes after it are an error, as is anything pushed later.
    [[nodiscard]] Result<std::optional<Received>> push(ByteView bytes);

  private:
    Bytes buffer_;
    std::optional<size_t> length_;  // of the message, once it is known
    bool over_ = false;
};

}  // namespace punktfunk::rtsp
