// An embedded desktop of the host's own making, without a host around it, and what programs in it write.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "process.hpp"
#include "punktfunk/display/display.hpp"

namespace punktfunk::test {

// Whole content of a file; empty when there is none.
std::string content(const std::filesystem::path& file);

// Throws std::runtime_error when it cannot be made.
class Desktop {
  public:
    explicit Desktop(const display::Mode& mode, std::vector<std::string> startup = {});
    display::VirtualDisplay& display() { return *display_; }

  private:
    TempDir directory_;
    std::unique_ptr<display::DisplayBackend> backend_;
    std::unique_ptr<display::VirtualDisplay> display_;
};

// A directory that the desktop's user can write to.
struct Outbox {
    TempDir directory;
    Outbox() { std::filesystem::permissions(directory.path(), std::filesystem::perms::all); }
    [[nodiscard]] std::filesystem::path file(const char* name) const { return directory.path() / name; }
};

}  // namespace punktfunk::test
