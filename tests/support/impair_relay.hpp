// A UDP relay that loses, bursts and reorders datagrams by a seeded plan, between a client and a host on loopback.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace punktfunk::test {

struct Impairment {
    double loss = 0;     // chance that a datagram starts a burst of losses
    unsigned burst = 1;  // datagrams lost in a row
    double reorder = 0;  // chance that a datagram is held back behind the next `reorder_by`
    unsigned reorder_by = 3;
    uint32_t seed = 1;
};

// Listens on `listen_ip`:port and forwards to 127.0.0.1:port, for each of the ports; only towards the client is it
// impaired.
class ImpairRelay {
  public:
    ImpairRelay(std::string listen_ip, std::vector<uint16_t> ports, Impairment impairment);
    ~ImpairRelay();
    [[nodiscard]] uint64_t forwarded() const { return forwarded_; }
    [[nodiscard]] uint64_t lost() const { return lost_; }

  private:
    void run(const std::stop_token& stop);
    std::string listen_ip_;
    std::vector<uint16_t> ports_;
    Impairment impairment_;
    std::atomic<uint64_t> forwarded_{0}, lost_{0};
    std::jthread thread_;
};

}  // namespace punktfunk::test
