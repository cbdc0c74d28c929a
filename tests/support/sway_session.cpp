#include "sway_session.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <stdexcept>

#include "punktfunk/display/session_process.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using nlohmann::json;

SwaySession::SwaySession() {
    const auto config = directory_.path() / "sway.conf";
    std::ofstream(config) << "xwayland disable\n"
                             "for_window [app_id=\"punktfunk-bars\"] move to workspace number 2\n"
                             "for_window [app_id=\"remote\"] move to workspace number 2\n"
                             "for_window [app_id=\"wev\"] move to workspace number 2\n";
    std::filesystem::create_directory(runtime());
    // Its programs begin where it does: not where the tests are, which its user may not reach.
    command_ = {"/usr/bin/env",
                "--chdir=" + runtime().string(),
                "HOME=" + runtime().string(),
                "XDG_RUNTIME_DIR=" + runtime().string(),
                "SWAYSOCK=" + socket(),
                "WLR_BACKENDS=headless",
                "WLR_LIBINPUT_NO_DEVICES=1",
                "WLR_RENDERER=pixman",
                "sway",
                "-c",
                config};
    if (::geteuid() == 0) {  // sway refuses root
        const passwd* user = ::getpwnam("punktfunk");
        if (user == nullptr || ::chown(runtime().c_str(), user->pw_uid, user->pw_gid) != 0)
            throw std::runtime_error("no user punktfunk");
        command_.insert(command_.begin(), {"/usr/bin/env", "setpriv", "--reuid=" + std::to_string(user->pw_uid),
                                           "--regid=" + std::to_string(user->pw_gid), "--clear-groups"});
    }
    std::filesystem::permissions(runtime(), std::filesystem::perms::owner_all);
    start();
}

// Some of its programs outlive it, and spin.
SwaySession::~SwaySession() {
    sway_.reset();
    display::end_processes_of(runtime());
}

void SwaySession::kill() {
    sway_->signal(SIGKILL);
    (void)sway_->wait(10s);
}

void SwaySession::start() {
    std::filesystem::remove(socket());  // sway takes another name when one that was killed has left its own
    sway_ = std::make_unique<Process>(directory_.path(), "sway", command_);
    if (!eventually(10s, [&] { return !outputs().empty(); })) throw std::runtime_error(sway_->err());
}

json SwaySession::ask(const std::string& type, const std::string& command) {
    std::vector<std::string> arguments{"/usr/bin/env", "swaymsg", "-s", socket(), "-r", "-t", type};
    if (!command.empty()) arguments.push_back(command);
    Process swaymsg(directory_.path(), "swaymsg" + std::to_string(++calls_), arguments);
    if (swaymsg.wait(10s) != 0) return {};
    return json::parse(swaymsg.out(), nullptr, false);
}

std::vector<SwaySession::Output> SwaySession::outputs() {
    std::vector<Output> list;
    for (const auto& output : ask("get_outputs")) {
        const auto& mode = output.at("current_mode");
        list.push_back(
            {output.at("name"), {mode.at("width"), mode.at("height"), mode.at("refresh").get<uint32_t>() / 1000}});
    }
    return list;
}

size_t SwaySession::count(const Output& wanted) {
    return static_cast<size_t>(std::ranges::count_if(outputs(), [&](const Output& output) {
        return output.name == wanted.name && output.mode.width == wanted.mode.width &&
               output.mode.height == wanted.mode.height && output.mode.refresh_hz >= wanted.mode.refresh_hz &&
               output.mode.refresh_hz <= wanted.mode.refresh_hz * 5 / 4;
    }));
}

}  // namespace punktfunk::test
