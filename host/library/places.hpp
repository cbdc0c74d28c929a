// Where launchers keep their files. Read from the environment by the program; made up by tests.
#pragma once

#include <filesystem>
#include <vector>

namespace punktfunk::library {

struct Places {
    std::filesystem::path home, config_home, data_home, cache_home;  // $HOME, ~/.config, ~/.local/share, ~/.cache
    std::vector<std::filesystem::path> data_dirs;                    // $XDG_DATA_DIRS
    std::vector<std::filesystem::path> program_dirs;                 // $PATH
};

}  // namespace punktfunk::library
