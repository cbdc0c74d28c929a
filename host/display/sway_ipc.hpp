// sway's control socket: the i3-ipc protocol ("i3-ipc" || u32 length || u32 type || payload, in native byte order).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::display {

struct SwayOutput {
    std::string name;
    int x = 0, y = 0, width = 0, height = 0;   // where it lies in the layout
    uint32_t mode_width = 0, mode_height = 0;  // of the mode in force; 0 without one
};

struct SwayVersion {
    int major = 0, minor = 0;
};

// Fields that are missing, or of another type than they ought to be, read as nothing: no answer of sway throws.
class SwayIpc {
  public:
    static Result<SwayIpc> connect(const std::string& socket_path);

    // One command line; an error carries sway's own words.
    Result<void> command(const std::string& line);
    Result<std::vector<SwayOutput>> outputs();
    Result<SwayVersion> version();

  private:
    explicit SwayIpc(UniqueFd fd) : fd_(std::move(fd)) {}
    Result<nlohmann::json> request(uint32_t type, const std::string& payload);
    UniqueFd fd_;
};

}  // namespace punktfunk::display
