// How a plain session's datagrams travel: over UDP, or inside the process (spec §9.5). One thread at a time for each
// end.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::abi {

class Transport {
  public:
    using Sink = std::function<void(std::span<uint8_t> datagram)>;

    virtual ~Transport() = default;
    // Datagrams of `size` bytes, back to back. Returns how many the transport took.
    virtual size_t send(ByteView arena, size_t size) = 0;
    // Hands a batch of what has arrived to `sink`, without waiting; each datagram is writable during the call. Returns
    // their number: 0 when there is nothing now.
    virtual Result<size_t> receive(const Sink& sink) = 0;
};

// Binds `local` and connects to `peer`: "address:port", "[v6]:port", "name:port". Resolving a name blocks.
[[nodiscard]] Result<std::unique_ptr<Transport>> udp_transport(std::string_view local, std::string_view peer);

// Two ends in one process. In each direction packet n is lost when n is a multiple of the period (0 = none are). The
// ends may live in two threads.
struct LoopbackPair {
    std::unique_ptr<Transport> host, client;
};
[[nodiscard]] LoopbackPair loopback_pair(uint32_t host_drop_period, uint32_t client_drop_period);

}  // namespace punktfunk::abi
