// A host behind a relay: its control connection and its one data port at another address, where the path can be cut or
// changed.
#pragma once

#include <string>
#include <vector>

#include "host_fixture.hpp"
#include "punktfunk/impair/relay.hpp"
#include "viewer.hpp"

namespace punktfunk::test {

// A free UDP port on loopback, for things that must know their port beforehand.
uint16_t free_port();
net::Endpoint loopback(const std::string& ip, uint16_t port);

class HostBehindRelay {
  public:
    explicit HostBehindRelay(std::vector<std::string> extra_arguments = {});
    [[nodiscard]] HostFixture& host() { return *host_; }
    [[nodiscard]] impair::Relay& relay() { return *relay_; }
    // Of a viewer behind the relay: the first of its kind, since the relay has the first data port only.
    [[nodiscard]] ViewerOptions far() const { return {.host = kRelayIp, .port = control_port_}; }
    [[nodiscard]] ViewerOptions near() const { return {.port = control_port_}; }
    [[nodiscard]] uint16_t data_port() const { return data_port_; }

  private:
    static constexpr const char* kRelayIp = "127.0.0.2";
    uint16_t control_port_, data_port_;
    std::unique_ptr<HostFixture> host_;
    std::unique_ptr<impair::Relay> relay_;
};

}  // namespace punktfunk::test
