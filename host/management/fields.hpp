// The fields of a JSON body, read one by one: what is missing, of the wrong kind, out of range or not known is a fault
// that names its field. The first one counts.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace punktfunk::management {

struct Fault {
    std::string field, why;
};

class Fields {
  public:
    // `object` must be a JSON object and outlive this. `prefix`: "rights." for the fields of one inside another.
    explicit Fields(const nlohmann::json& object, std::string prefix = "")
        : object_(object), prefix_(std::move(prefix)) {}

    [[nodiscard]] std::string text(const char* key, size_t min, size_t max);  // must be there; lengths in characters
    [[nodiscard]] std::optional<std::string> optional_text(const char* key, size_t min, size_t max);
    [[nodiscard]] std::optional<bool> optional_bool(const char* key);
    [[nodiscard]] std::optional<uint64_t> optional_number(const char* key, uint64_t min, uint64_t max);
    // Null, or an object whose fields the caller reads, and then hands back with absorb().
    [[nodiscard]] const nlohmann::json* optional_object(const char* key);
    // Any value, or nullptr; only that it is known is noted.
    [[nodiscard]] const nlohmann::json* value(const char* key);
    void absorb(Fields& inner);
    void blame(std::string_view key, std::string why);

    // What was wrong, unknown fields included.
    [[nodiscard]] std::optional<Fault> finish();

  private:
    const nlohmann::json& object_;
    const std::string prefix_;
    std::set<std::string, std::less<>> known_;
    std::optional<Fault> fault_;
};

// Nullopt when it is no UTF-8.
[[nodiscard]] std::optional<size_t> characters(std::string_view text);

}  // namespace punktfunk::management
