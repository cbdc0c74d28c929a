// Finds the data port of a client that has moved. The data socket is connected to where the client was and hears
// nobody else; a second socket at the same port does.
#pragma once

#include <optional>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/net/udp_socket.hpp"

namespace punktfunk::session {

class PunchListener {
  public:
    // Hears punches from `address` (its port does not matter) for as long as a client that punches every two seconds
    // needs.
    static Result<PunchListener> open(const net::UdpSocket& data, const net::Endpoint& address);

    // Where the newest punch since the last call came from. Never blocks.
    std::optional<net::Endpoint> poll();
    [[nodiscard]] bool expired() const { return SteadyClock::now() > until_; }

  private:
    PunchListener(UniqueFd fd, const net::Endpoint& address);
    UniqueFd fd_;
    net::Endpoint address_;
    SteadyClock::time_point until_;
};

}  // namespace punktfunk::session
