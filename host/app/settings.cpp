#include "settings.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "punktfunk/base/atomic_file.hpp"

namespace punktfunk::app {

using nlohmann::json;

namespace {

constexpr size_t kMaxText = 256;

const SettingDefinition* find(std::string_view key) {
    const auto all = setting_definitions();
    const auto found = std::ranges::find(all, key, &SettingDefinition::key);
    return found == all.end() ? nullptr : &*found;
}

// Empty when the value is one that it can have.
std::string fault_of(const SettingDefinition& setting, const json& value) {
    const std::string_view type = setting.type;
    if (type == "boolean") return value.is_boolean() ? "" : "must be true or false";
    if (type == "integer") {
        const bool fits = value.is_number_integer() &&
                          (!value.is_number_unsigned() || value.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX)) &&
                          value.get<int64_t>() >= setting.minimum && value.get<int64_t>() <= setting.maximum;
        return fits ? "" : fmt::format("must be a whole number of {} to {}", setting.minimum, setting.maximum);
    }
    if (!value.is_string()) return "must be a text";
    const auto& text = value.get_ref<const std::string&>();
    if (type == "enum") {
        if (std::ranges::find(setting.choices, text) != setting.choices.end()) return "";
        return fmt::format("must be one of {}", fmt::join(setting.choices, ", "));
    }
    if (text.size() > kMaxText) return fmt::format("must have at most {} characters", kMaxText);
    if (setting.check == nullptr) return "";
    const auto checked = setting.check(text);
    return checked ? "" : "cannot be that: " + checked.error().message;
}

json constraints_of(const SettingDefinition& setting) {
    const std::string_view type = setting.type;
    if (type == "integer") return {{"minimum", setting.minimum}, {"maximum", setting.maximum}};
    if (type == "enum") return {{"choices", setting.choices}};
    if (type == "string") return {{"max_length", kMaxText}};
    return json::object();
}

}  // namespace

Settings Settings::load(std::filesystem::path file, ServeOptions options, std::map<std::string, std::string> given) {
    Settings settings(std::move(file), std::move(options), std::move(given));
    if (const auto text = read_file(settings.file_)) {
        auto stored = json::parse(*text, nullptr, false);
        settings.malformed_ = !stored.is_object();
        if (settings.malformed_) {
            spdlog::warn("{} is not a JSON object: it is left out", settings.file_.string());
        } else {
            settings.stored_ = std::move(stored);
        }
    } else if (text.error().code != ErrorCode::NotAvailable) {
        spdlog::warn("settings: {}", text.error().message);
    }
    for (const auto& [key, value] : settings.stored_.items()) {
        const SettingDefinition* setting = find(key);
        const std::string fault = setting != nullptr ? fault_of(*setting, value) : "is not a setting of this version";
        if (!fault.empty()) {
            spdlog::warn("{}: {} {}; it is left out", settings.file_.string(), key, fault);
        } else if (!settings.given_.contains(key)) {
            setting->set(settings.active_, value);
        }
    }
    settings.configured_ = settings.active_;
    return settings;
}

std::string Settings::origin(const std::string& key) const {
    if (const auto given = given_.find(key); given != given_.end()) return given->second;
    const SettingDefinition* setting = find(key);
    const bool used = setting != nullptr && stored_.contains(key) && fault_of(*setting, stored_[key]).empty();
    return used ? "file" : "default";
}

std::vector<management::SettingView> Settings::views() const {
    const ServeOptions defaults;
    std::vector<management::SettingView> views;
    for (const SettingDefinition& setting : setting_definitions()) {
        views.push_back({.key = setting.key,
                         .type = setting.type,
                         .origin = origin(setting.key),
                         .group = setting.group,
                         .description = setting.description,
                         .value = setting.get(configured_),
                         .default_value = setting.get(defaults),
                         .active = setting.get(active_),
                         .constraints = constraints_of(setting),
                         .restart_required = setting.restart_required});
    }
    return views;
}

std::expected<void, management::SettingFault> Settings::change(const json& changes) {
    using management::SettingFault;
    json next = stored_;
    for (const auto& [key, value] : changes.items()) {
        const SettingDefinition* setting = find(key);
        if (setting == nullptr) return std::unexpected(SettingFault{.key = key, .why = "is not a setting"});
        if (const auto given = given_.find(key); given != given_.end()) {
            return std::unexpected(
                SettingFault{.key = key,
                             .why = fmt::format("is set by {}, and can only be changed there",
                                                given->second == "flag" ? setting->flag : setting->variable),
                             .fixed = true});
        }
        if (value.is_null()) {
            next.erase(key);
            continue;
        }
        if (std::string fault = fault_of(*setting, value); !fault.empty())
            return std::unexpected(SettingFault{.key = key, .why = std::move(fault)});
        next[key] = value;
    }
    if (malformed_) {
        std::error_code ignored;
        std::filesystem::rename(file_, file_.string() + ".malformed", ignored);
        malformed_ = false;
    }
    if (auto written = write_file_atomic(file_, next.dump(2) + "\n"); !written)
        return std::unexpected(SettingFault{.key = {}, .why = written.error().message, .failed = true});
    stored_ = std::move(next);
    const ServeOptions defaults;
    for (const auto& [key, value] : changes.items()) {
        const SettingDefinition* setting = find(key);
        const json now = value.is_null() ? setting->get(defaults) : value;
        setting->set(configured_, now);
        if (!setting->restart_required) setting->set(active_, now);
        spdlog::info("settings: {} is {}{}", key, now.dump(),
                     setting->restart_required ? " from the next start on" : "");
    }
    return {};
}

}  // namespace punktfunk::app
