// A real host with its embedded desktop on a free port in a private directory, and a client identity beside it.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "process.hpp"

namespace punktfunk::test {

class HostFixture {
  public:
    // Starts `punktfunk-host serve` with the extra arguments and waits until it listens (throws std::runtime_error with
    // its log when it does not).
    explicit HostFixture(std::vector<std::string> extra_arguments = {});

    // After the host has ended: once more, with the same arguments and directories.
    void start();

    [[nodiscard]] uint16_t port() const { return port_; }
    [[nodiscard]] const nlohmann::json& ready() const { return ready_; }  // what the ready file said
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }
    [[nodiscard]] Process& process() { return *process_; }

    // A command to the running host, answered as JSON. Throws std::runtime_error with its complaint when it fails.
    nlohmann::json command(const std::vector<std::string>& arguments);
    [[nodiscard]] std::string arm_pairing();               // the PIN
    [[nodiscard]] nlohmann::json status();                 // what `punktfunk-host status --json` says
    [[nodiscard]] std::set<std::string> desktops() const;  // of this host, alive: one entry for each sway

    [[nodiscard]] std::vector<pid_t> compositors() const;                      // the processes of desktops()
    [[nodiscard]] std::vector<pid_t> programs(const std::string& name) const;  // of its desktops, with this name

    // punktfunk-client with this fixture's client configuration directory (or another one).
    [[nodiscard]] std::unique_ptr<Process> client(std::vector<std::string> arguments,
                                                  const std::string& identity = "client");
    void pair(const std::string& identity = "client");

  private:
    [[nodiscard]] std::map<pid_t, std::string> programs_by_pid(
        const std::string& name) const;  // their runtime directories
    TempDir directory_;
    std::vector<std::string> arguments_;
    std::unique_ptr<Process> process_;
    std::filesystem::path control_socket_;
    uint16_t port_ = 0;
    nlohmann::json ready_;
    int calls_ = 0;
};

}  // namespace punktfunk::test
