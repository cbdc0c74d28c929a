#include "host_fixture.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace punktfunk::test {

using namespace std::chrono_literals;

HostFixture::HostFixture(std::vector<std::string> extra_arguments) {
    arguments_ = {PUNKTFUNK_HOST,
                  "serve",
                  "--bind",
                  "127.0.0.1",
                  "--no-mdns",
                  "--config-dir",
                  directory() / "host",
                  "--runtime-dir",
                  directory() / "run",
                  "--ready-file",
                  directory() / "ready.json",
                  "--log-level",
                  "debug"};
    const auto given = [&](const char* flag) {
        return std::ranges::find(extra_arguments, flag) != extra_arguments.end();
    };
    arguments_.insert(arguments_.end(), extra_arguments.begin(), extra_arguments.end());
    if (!given("--port")) arguments_.insert(arguments_.end(), {"--port", "0"});
    if (!given("--port-base")) arguments_.emplace_back("--no-gamestream");
    if (!given("--mgmt-bind") && !given("--no-mgmt"))
        arguments_.insert(arguments_.end(), {"--mgmt-bind", "127.0.0.1:0"});
    if (!given("--sway-socket")) arguments_.emplace_back("--embedded");
    start();
}

void HostFixture::start() {
    const auto ready = directory() / "ready.json";
    std::filesystem::remove(ready);
    process_.reset();
    process_ = std::make_unique<Process>(directory(), "host", arguments_);
    const bool listening =
        eventually(30s, [&] { return std::filesystem::exists(ready) || process_->wait(0ms).has_value(); });
    if (!listening || !std::filesystem::exists(ready))
        throw std::runtime_error("the host did not start:\n" + process_->err());
    ready_ = nlohmann::json::parse(std::ifstream(ready));
    port_ = ready_.at("port").get<uint16_t>();
    control_socket_ = ready_.at("control_socket").get<std::string>();
}

nlohmann::json HostFixture::command(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{PUNKTFUNK_HOST};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--control-socket", control_socket_, "--json"});
    Process process(directory(), "command" + std::to_string(++calls_), all);
    if (process.wait(10s) != 0) throw std::runtime_error(arguments.front() + " failed: " + process.err());
    return nlohmann::json::parse(process.out());
}

std::string HostFixture::arm_pairing() {
    return command({"pair"}).at("pin").get<std::string>();
}

nlohmann::json HostFixture::status() {
    return command({"status"});
}

std::set<std::string> HostFixture::desktops() const {
    std::set<std::string> found;
    for (const auto& [pid, directory] : programs_by_pid("sway")) found.insert(directory);
    return found;
}

std::vector<pid_t> HostFixture::compositors() const {
    std::vector<pid_t> found;
    for (const auto& [pid, directory] : programs_by_pid("sway")) found.push_back(pid);
    return found;
}

std::vector<pid_t> HostFixture::programs(const std::string& name) const {
    std::vector<pid_t> found;
    for (const auto& [pid, directory] : programs_by_pid(name)) found.push_back(pid);
    return found;
}

std::map<pid_t, std::string> HostFixture::programs_by_pid(const std::string& name) const {
    // A process called sway may be one that sway forked and that has not become another program yet: what tells a
    // desktop from another is its runtime directory, which is below ours.
    std::map<pid_t, std::string> found;
    const std::string variable_name = "XDG_RUNTIME_DIR=";
    const std::string marker = variable_name + (directory() / "run").string();
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string pid = entry.path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        std::string program;
        std::getline(std::ifstream(entry.path() / "cmdline"), program, '\0');
        if (std::filesystem::path(program).filename() != name) continue;
        std::ifstream environ(entry.path() / "environ");
        for (std::string variable; std::getline(environ, variable, '\0');) {
            if (variable.starts_with(marker)) found[std::stoi(pid)] = variable.substr(variable_name.size());
        }
    }
    return found;
}

std::unique_ptr<Process> HostFixture::client(std::vector<std::string> arguments, const std::string& identity) {
    std::vector<std::string> all{PUNKTFUNK_CLIENT};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--config-dir", directory() / identity});
    return std::make_unique<Process>(directory(), identity + std::to_string(++calls_), all);
}

void HostFixture::pair(const std::string& identity) {
    // A host that has just paired another one lets two seconds go by before it takes the next guess.
    std::string why;
    const bool paired = eventually(10s, [&] {
        const auto process = client({"pair", address(), "--pin", arm_pairing()}, identity);
        const bool done = process->wait(30s) == 0;
        why = process->err();
        return done;
    });
    if (!paired) throw std::runtime_error("pairing failed: " + why);
}

}  // namespace punktfunk::test
