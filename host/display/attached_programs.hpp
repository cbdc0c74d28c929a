// Programs that a client starts in somebody's running sway: they run as that session's user, with its environment, and
// their windows come up on the client's output.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "punktfunk/display/display.hpp"

namespace punktfunk::display {

struct AttachedPlace {
    std::string ipc_socket, wayland_socket;
    std::string output, sink;        // the client's
    std::filesystem::path log_file;  // what its programs say
};

// One thread; it owns another, pf-windows, from the first program on. Destroy it after the programs.
class AttachedPrograms {
  public:
    explicit AttachedPrograms(AttachedPlace place);
    ~AttachedPrograms();
    AttachedPrograms(const AttachedPrograms&) = delete;

    Result<SessionProcess> run(const Program& program);

  private:
    Result<void> watch();

    const AttachedPlace place_;
    UniqueFd wake_, news_;  // to tell the thread of a program, and to end it
    std::jthread thread_;
};

}  // namespace punktfunk::display
