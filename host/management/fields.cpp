#include "fields.hpp"

#include <fmt/format.h>

namespace punktfunk::management {

using nlohmann::json;

std::optional<size_t> characters(std::string_view text) {
    // What nlohmann::json has parsed is UTF-8: it refuses anything else.
    size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    return count;
}

void Fields::blame(std::string_view key, std::string why) {
    if (!fault_) fault_ = Fault{prefix_ + std::string(key), std::move(why)};
}

const json* Fields::value(const char* key) {
    known_.insert(key);
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
}

std::optional<std::string> Fields::optional_text(const char* key, size_t min, size_t max) {
    const json* found = value(key);
    if (found == nullptr) return std::nullopt;
    if (!found->is_string()) {
        blame(key, "must be a text");
        return std::nullopt;
    }
    const auto& text = found->get_ref<const std::string&>();
    const size_t length = characters(text).value_or(max + 1);
    if (length < min || length > max) {
        blame(key, fmt::format("must have {} to {} characters", min, max));
        return std::nullopt;
    }
    return text;
}

std::string Fields::text(const char* key, size_t min, size_t max) {
    if (!object_.contains(key)) blame(key, "is missing");
    return optional_text(key, min, max).value_or("");
}

std::optional<bool> Fields::optional_bool(const char* key) {
    const json* found = value(key);
    if (found == nullptr) return std::nullopt;
    if (found->is_boolean()) return found->get<bool>();
    blame(key, "must be true or false");
    return std::nullopt;
}

std::optional<uint64_t> Fields::optional_number(const char* key, uint64_t min, uint64_t max) {
    const json* found = value(key);
    if (found == nullptr) return std::nullopt;
    if (found->is_number_unsigned() && found->get<uint64_t>() >= min && found->get<uint64_t>() <= max)
        return found->get<uint64_t>();
    blame(key, fmt::format("must be a whole number of {} to {}", min, max));
    return std::nullopt;
}

const json* Fields::optional_object(const char* key) {
    const json* found = value(key);
    if (found == nullptr) return nullptr;
    if (found->is_object()) return found;
    blame(key, "must be an object");
    return nullptr;
}

void Fields::absorb(Fields& inner) {
    if (auto fault = inner.finish(); fault && !fault_) fault_ = std::move(fault);
}

std::optional<Fault> Fields::finish() {
    for (const auto& [key, value] : object_.items()) {
        if (!known_.contains(key)) blame(key, "is not a field of this");
    }
    return fault_;
}

}  // namespace punktfunk::management
