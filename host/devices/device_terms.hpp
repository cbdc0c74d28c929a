// On what terms a paired device may use the host, whichever protocol it speaks, and how both lists of paired clients
// store them. Lists that were written before there were terms, or by other hosts, read as: everything, for ever.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "punktfunk/base/error.hpp"

namespace punktfunk::devices {

// Beside watching.
struct Rights {
    bool input = true;        // keyboard, mouse, touch
    bool controllers = true;  // game controllers
    bool microphone = true;
    bool launch = true;  // something else than the desktop
    bool operator==(const Rights&) const = default;
};

struct Terms {
    Rights rights;
    // Seconds since the Unix epoch.
    std::optional<int64_t> expires_at, paired_at, last_seen;
    bool operator==(const Terms&) const = default;

    [[nodiscard]] bool expired(int64_t now) const { return expires_at && *expires_at <= now; }
};

[[nodiscard]] int64_t unix_now();

// What is to change of a device; what is empty stays.
struct Change {
    std::optional<std::string> name;
    std::optional<bool> input, controllers, microphone, launch;
    std::optional<std::optional<int64_t>> expires_at;

    void apply_to(Terms& terms) const;
};

// Into and out of a device's entry in a list; only what is not the default is written. Nullopt when a key of ours has a
// value of the wrong kind: rights that cannot be read must not become all rights.
void write_terms(nlohmann::json& entry, const Terms& terms);
[[nodiscard]] std::optional<Terms> read_terms(const nlohmann::json& entry);

}  // namespace punktfunk::devices
