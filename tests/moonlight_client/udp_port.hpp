// A media socket: pings go out of it and the stream comes into it (spec §6.1). One thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "address.hpp"
#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::moonlight_client {

class UdpPort {
  public:
    static Result<UdpPort> open(const std::string& host_ip);

    // Where to ping from now on, with the payload that the host gave.
    void aim(const SocketAddress& host, const std::string& payload);
    void ping();
    // A datagram's length, 0 when none is there.
    [[nodiscard]] size_t receive(std::span<uint8_t> to);
    [[nodiscard]] int fd() const { return fd_.get(); }

  private:
    explicit UdpPort(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
    SocketAddress host_;
    std::string payload_;
    uint32_t pings_ = 0;
};

}  // namespace punktfunk::moonlight_client
