// mDNS/DNS-SD of spec §7.1 through the system's Avahi daemon. Its absence is a warning, never an error.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/base/error.hpp"

namespace punktfunk::discovery {

struct Advertisement {
    std::string instance_name;  // the host's name; a collision is renamed by Avahi
    uint16_t port = 9777;
    std::string fingerprint_hex;
    bool pairing_required = true;
    std::string unique_id;                    // 32 hex
    std::optional<uint16_t> management_port;  // announced only where there is something to manage
    uint16_t gamestream_port = 0;             // HTTP's, for Moonlight: _nvstream._tcp; 0: not announced
};

// Registers while the object lives, on a thread of its own; re-registers when the daemon restarts.
class Advertiser {
  public:
    virtual ~Advertiser() = default;
};
Result<std::unique_ptr<Advertiser>> advertise(const Advertisement& advertisement);

struct DiscoveredHost {
    std::string name, address, fingerprint_hex, unique_id, protocol, os;
    uint16_t port = 0;
    bool pairing_required = true;
};
// Browses for `duration`; de-duplicated by id. NotAvailable when no daemon answers.
Result<std::vector<DiscoveredHost>> browse(std::chrono::milliseconds duration);

}  // namespace punktfunk::discovery
