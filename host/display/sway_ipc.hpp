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

// One that has just come up.
struct SwayWindow {
    int64_t container = 0;
    pid_t pid = 0;
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

    // From then on nothing can be asked here: windows come instead.
    Result<void> subscribe_to_windows();
    // The next event; one without a pid is about something else. fd() is readable when there is one.
    Result<SwayWindow> next_new_window();
    [[nodiscard]] int fd() const { return fd_.get(); }

  private:
    explicit SwayIpc(UniqueFd fd) : fd_(std::move(fd)) {}
    Result<nlohmann::json> request(uint32_t type, const std::string& payload);
    Result<nlohmann::json> read_message();
    UniqueFd fd_;
};

}  // namespace punktfunk::display
