// Where the client is, as its control connection has proved: the control thread says it, the send thread follows.
#pragma once

#include <mutex>
#include <optional>
#include <utility>

#include "punktfunk/net/endpoint.hpp"

namespace punktfunk::native {

class PeerRoute {
  public:
    void moved_to(const net::Endpoint& address) {
        const std::lock_guard lock(mutex_);
        move_ = address;
    }
    // The newest move, once.
    std::optional<net::Endpoint> take_move() {
        const std::lock_guard lock(mutex_);
        return std::exchange(move_, std::nullopt);
    }

  private:
    std::mutex mutex_;
    std::optional<net::Endpoint> move_;
};

}  // namespace punktfunk::native
