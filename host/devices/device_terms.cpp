#include "punktfunk/devices/device_terms.hpp"

#include <chrono>

namespace punktfunk::devices {

using nlohmann::json;

namespace {

struct RightName {
    const char* key;
    bool Rights::* right;
};
constexpr RightName kRights[]{{"input", &Rights::input},
                              {"controllers", &Rights::controllers},
                              {"microphone", &Rights::microphone},
                              {"launch", &Rights::launch}};
struct TimeName {
    const char* key;
    std::optional<int64_t> Terms::* time;
};
constexpr TimeName kTimes[]{
    {"expires_unix", &Terms::expires_at}, {"paired_unix", &Terms::paired_at}, {"last_seen_unix", &Terms::last_seen}};

}  // namespace

int64_t unix_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

void Change::apply_to(Terms& terms) const {
    terms.rights.input = input.value_or(terms.rights.input);
    terms.rights.controllers = controllers.value_or(terms.rights.controllers);
    terms.rights.microphone = microphone.value_or(terms.rights.microphone);
    terms.rights.launch = launch.value_or(terms.rights.launch);
    if (expires_at) terms.expires_at = *expires_at;
}

void write_terms(json& entry, const Terms& terms) {
    if (terms.rights != Rights{}) {
        json& rights = entry["rights"];
        for (const auto& [key, right] : kRights) rights[key] = terms.rights.*right;
    }
    for (const auto& [key, time] : kTimes) {
        if (terms.*time) entry[key] = *(terms.*time);
    }
}

std::optional<Terms> read_terms(const json& entry) {
    Terms terms;
    if (entry.contains("rights")) {
        const json& rights = entry["rights"];
        if (!rights.is_object()) return std::nullopt;
        for (const auto& [key, right] : kRights) {
            if (!rights.contains(key)) continue;
            if (!rights[key].is_boolean()) return std::nullopt;
            terms.rights.*right = rights[key].get<bool>();
        }
    }
    for (const auto& [key, time] : kTimes) {
        if (!entry.contains(key)) continue;
        const json& value = entry[key];
        const bool fits = value.is_number_integer() &&
                          (!value.is_number_unsigned() || value.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX));
        if (!fits) return std::nullopt;
        terms.*time = value.get<int64_t>();
    }
    return terms;
}

}  // namespace punktfunk::devices
