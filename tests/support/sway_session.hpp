// A sway session that belongs to somebody and that a host attaches to: one output, HEADLESS-1, and a directory that its
// programs write to.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "process.hpp"
#include "punktfunk/display/display.hpp"

namespace punktfunk::test {

class SwaySession {
  public:
    SwaySession();  // throws std::runtime_error with its log when it does not start
    ~SwaySession();
    SwaySession(const SwaySession&) = delete;

    void kill();   // and waits until it has ended
    void start();  // after that: another sway at the same sockets

    [[nodiscard]] std::filesystem::path runtime() const { return directory_.path() / "session"; }
    [[nodiscard]] std::string socket() const { return runtime() / "sway.sock"; }

    // What swaymsg answers; empty when it fails.
    nlohmann::json ask(const std::string& type, const std::string& command = "");
    void execute(const std::string& command) { (void)ask("command", "exec " + command); }

    struct Output {
        std::string name;
        display::Mode mode;
    };
    std::vector<Output> outputs();
    // How many are called that and have the mode, or its size at a rate that is a little higher
    // (host/display/frame_clock).
    size_t count(const Output& wanted);
    size_t seats() { return ask("get_seats").size(); }
    // Newer sways remove an output, 1.7 keeps it for the next client.
    bool at_rest() { return outputs().size() <= 2; }

  private:
    TempDir directory_;
    std::vector<std::string> command_;
    std::unique_ptr<Process> sway_;
    int calls_ = 0;
};

}  // namespace punktfunk::test
