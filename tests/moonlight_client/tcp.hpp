// One TCP connection that waits for nothing longer than its patience. Blocking; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::moonlight_client {

class TcpStream {
  public:
    // `ip` is a literal, IPv4 or IPv6.
    static Result<TcpStream> connect(const std::string& ip, uint16_t port, std::chrono::milliseconds patience);
    Result<void> write(ByteView bytes);
    // Up to the other end's FIN. A reset is an error, as it is for stock clients.
    Result<Bytes> read_to_end(size_t limit);
    [[nodiscard]] int fd() const { return fd_.get(); }

  private:
    explicit TcpStream(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

}  // namespace punktfunk::moonlight_client
