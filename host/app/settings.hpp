// What can be set without a flag: settings.json in the configuration directory, under what flags and the environment
// say. One table says what there is (settings_table.cpp). Control thread.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>

#include "config.hpp"
#include "punktfunk/management/host_control.hpp"

namespace punktfunk::app {

struct SettingDefinition {
    const char *key, *type, *group;  // type: boolean, integer, string, enum
    const char *flag, *variable;     // what fixes it; variable may be empty
    bool restart_required;
    const char* description;
    int64_t minimum, maximum;          // integer
    std::vector<std::string> choices;  // enum
    nlohmann::json (*get)(const ServeOptions&);
    void (*set)(ServeOptions&, const nlohmann::json&);
    Result<void> (*check)(const std::string&);  // string; may be null
};
[[nodiscard]] std::span<const SettingDefinition> setting_definitions();

class Settings {
  public:
    // `options` as flags and the environment made them; `given` are the keys that those fixed, and by which of the two.
    // Takes over what the file says of the others. A file or value that cannot be understood is said and left out; such
    // a file is moved aside before it is written anew.
    static Settings load(std::filesystem::path file, ServeOptions options, std::map<std::string, std::string> given);

    [[nodiscard]] const ServeOptions& active() const { return active_; }
    [[nodiscard]] std::string origin(const std::string& key) const;
    [[nodiscard]] std::vector<management::SettingView> views() const;
    // All or nothing. What needs no restart is in active() afterwards.
    std::expected<void, management::SettingFault> change(const nlohmann::json& changes);

  private:
    Settings(std::filesystem::path file, ServeOptions options, std::map<std::string, std::string> given)
        : file_(std::move(file)), active_(std::move(options)), given_(std::move(given)) {}

    std::filesystem::path file_;
    ServeOptions active_, configured_;          // configured: active from the next start on
    std::map<std::string, std::string> given_;  // key: "flag" or "environment"
    nlohmann::json stored_ = nlohmann::json::object();
    bool malformed_ = false;
};

}  // namespace punktfunk::app
