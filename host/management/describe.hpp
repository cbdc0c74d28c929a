// The host's values as the contract (api/openapi.json) shows them.
#pragma once

#include <nlohmann/json.hpp>

#include "host_control.hpp"
#include "punktfunk/management/log_ring.hpp"

namespace punktfunk::management {

inline constexpr std::string_view kVersion = PUNKTFUNK_VERSION;
// Hosts and clients compare it with what GameStream's seed host says (spec §10.3).
inline constexpr std::string_view kAppVersion = "7.1.431.-1", kGfeVersion = "3.23.0.74";

[[nodiscard]] nlohmann::json describe(const devices::Rights& rights);
[[nodiscard]] nlohmann::json describe_stats(const SessionView& session);
[[nodiscard]] nlohmann::json describe(const SessionView& session);
// Without what changes all the time.
[[nodiscard]] nlohmann::json describe_without_stats(const SessionView& session);
[[nodiscard]] nlohmann::json describe_ended(const nlohmann::json& session);
// With those of `sessions` that are its.
[[nodiscard]] nlohmann::json describe(const DeviceView& device, const std::vector<SessionView>& sessions);
[[nodiscard]] nlohmann::json describe(const CertificateView& certificate);
[[nodiscard]] nlohmann::json describe(const Knock& knock);
[[nodiscard]] nlohmann::json describe_native_pairing(const PairingView& pairing, size_t paired);
[[nodiscard]] nlohmann::json describe(const PairingView& pairing, size_t paired);
[[nodiscard]] nlohmann::json describe(const NamedDevice& device);
[[nodiscard]] nlohmann::json describe(const DisplayView& display);
[[nodiscard]] nlohmann::json describe(const EncoderView& encoder);
[[nodiscard]] nlohmann::json describe(const SettingView& setting);
[[nodiscard]] nlohmann::json describe(const LogEntry& line);

// A list of any of these.
template <typename List>
[[nodiscard]] nlohmann::json describe_all(const List& list) {
    auto array = nlohmann::json::array();
    for (const auto& item : list) array.push_back(describe(item));
    return array;
}

}  // namespace punktfunk::management
