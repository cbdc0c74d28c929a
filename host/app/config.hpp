// Everything `punktfunk-host serve` can be told, from flags and the environment. The environment is read here and
// nowhere else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "punktfunk/library/places.hpp"

namespace punktfunk::app {

struct Environment {
    std::filesystem::path config_dir;   // $XDG_CONFIG_HOME/punktfunk or $HOME/.config/punktfunk
    std::filesystem::path runtime_dir;  // $XDG_RUNTIME_DIR/punktfunk or /run/punktfunk, /tmp/punktfunk-<uid>
    std::string sway_socket;            // $SWAYSOCK
    std::vector<std::filesystem::path> session_runtime_dirs;  // where a running sway may be found
    int fec_percent = -1;                                     // $PUNKTFUNK_FEC_PCT, -1 = unset
    std::string gamepad;                                      // $PUNKTFUNK_GAMEPAD
    std::optional<std::string> mgmt_token;                    // $PUNKTFUNK_MGMT_TOKEN
    library::Places library_places;                           // $HOME, $XDG_*_HOME, $XDG_DATA_DIRS, $PATH
};
[[nodiscard]] Result<Environment> read_environment();

struct ServeOptions {
    std::string bind = "0.0.0.0";
    uint16_t port = 9777;
    uint16_t data_port = 0;
    bool gamestream = true;
    bool all_codecs = false;     // for Moonlight clients: also those that only the CPU encodes, slower than H.264
    uint16_t port_base = 47989;  // GameStream's HTTP port; the others are counted from it. 0 = any free ones
    std::filesystem::path config_dir, runtime_dir, control_socket, ready_file;
    bool open = false;
    size_t max_concurrent = 4;
    int fec_percent = 20;
    std::string encoder = "auto";
    std::string keyboard_layout = "us";
    std::string gamepad;  // for clients that leave the choice to the host; empty = auto
    bool embedded = false;
    std::string sway_socket;
    std::vector<std::filesystem::path> session_runtime_dirs;
    std::vector<std::string> startup;
    bool sound = true;
    bool demo_desktop = true;
    std::string session_user = "punktfunk";
    bool mdns = true;
    bool mgmt = true;
    std::string mgmt_bind = "127.0.0.1:47990";
    std::optional<std::string> mgmt_token;  // instead of the file's
    library::Places library_places;         // where games and programs are looked for
    std::filesystem::path web_root;         // the built console; empty: looked for beside the program
    unsigned seconds = 0;                   // 0 = until stopped
    std::string log_level = "info";
};

}  // namespace punktfunk::app
