#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "punktfunk/discovery/mdns.hpp"

namespace punktfunk::cli {

Result<void> discover_hosts(const DiscoverOptions& options) {
    const auto found = discovery::browse(std::chrono::duration_cast<std::chrono::milliseconds>(options.duration));
    if (!found) return std::unexpected(found.error());
    if (options.json) {
        auto list = nlohmann::json::array();
        for (const auto& host : *found) {
            list.push_back({{"name", host.name},
                            {"address", host.address},
                            {"port", host.port},
                            {"fingerprint", host.fingerprint_hex},
                            {"pairing_required", host.pairing_required},
                            {"id", host.unique_id},
                            {"os", host.os},
                            {"protocol", host.protocol}});
        }
        fmt::print("{}\n", list.dump(2));
        return {};
    }
    if (found->empty()) fmt::print("no host announced itself in {:.1f} s\n", options.duration.count());
    for (const auto& host : *found) {
        fmt::print("{:<24} {}:{}  {}  {}\n", host.name, host.address, host.port,
                   host.pairing_required ? "pairing required" : "open", host.fingerprint_hex);
    }
    return {};
}

}  // namespace punktfunk::cli
