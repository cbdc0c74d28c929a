// The hosts this client trusts, in client-known-hosts.json (spec §7.2).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"

namespace punktfunk::cli {

struct KnownHost {
    std::string name, address;
    uint16_t port = 0;
    crypto::Fingerprint fingerprint{};
    bool paired = false;  // by PIN; otherwise trusted on first use
};

class KnownHosts {
  public:
    // A missing file is an empty list. One that does not parse is an error: it is not overwritten.
    static Result<KnownHosts> load(const std::filesystem::path& directory);

    // Trusted at this address.
    [[nodiscard]] const KnownHost* find(const std::string& address, uint16_t port) const;
    // Adds or replaces the host with this fingerprint, forgets another one at the same address, and stores the list.
    // On a failed write the memory is as before.
    Result<void> add(KnownHost host);

  private:
    std::filesystem::path file_;
    std::vector<KnownHost> hosts_;
};

}  // namespace punktfunk::cli
