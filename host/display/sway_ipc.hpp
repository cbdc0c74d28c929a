// sway's control socket: the i3-ipc protocol ("i3-ipc" || u32 length || u32 type || payload, in native byte order).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "punktfunk/base/error.hpp"
#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::display {

class SwayIpc {
  public:
    static Result<SwayIpc> connect(const std::string& socket_path);

    // One command line; an error carries sway's own words.
    Result<void> command(const std::string& line);
    Result<nlohmann::json> outputs();
    Result<nlohmann::json> version();

  private:
    explicit SwayIpc(UniqueFd fd) : fd_(std::move(fd)) {}
    Result<nlohmann::json> request(uint32_t type, const std::string& payload);
    UniqueFd fd_;
};

}  // namespace punktfunk::display
