// What clients can start: the built-in desktop, and what apps.json lists.
//
//   {"apps": [{"name": "Game", "command": "game --fast", "directory": "/srv/game", "environment": {"LANG":
//   "de_DE.UTF-8"},
//              "undo": "game-cleanup", "image": "game.png", "compositor": "sway"}]}
//
// Only name and command have to be there. The image is a PNG or a JPEG; a relative path is relative to apps.json. The
// command and the undo command are a shell's. One thread (control).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "punktfunk/display/display.hpp"
#include "punktfunk/moonlight/library_app.hpp"

namespace punktfunk::moonlight {

struct App {
    int32_t id = 0;  // of the name: stable as long as that is
    std::string name;
    std::optional<display::Program> program;  // none: the desktop itself
    std::string undo;                         // run when the app has ended or was ended; empty: nothing
    std::filesystem::path image;              // empty: the default one
};

// The longest name that clients are told.
inline constexpr size_t kMaxAppName = 128;

// The desktop first. InvalidArgument, naming the entry and the key, for anything that is not understood.
[[nodiscard]] Result<std::vector<App>> parse_apps(std::string_view json, const std::filesystem::path& directory,
                                                  std::string_view compositor);

class AppCatalogue {
  public:
    // `compositor`: the backend's name, the only one that apps may ask for. `library`: what else there is to start,
    // listed after the file's; may be empty.
    AppCatalogue(std::filesystem::path file, std::string compositor, std::function<std::vector<LibraryApp>()> library);

    // Reads the file again when it has changed. A file with a fault is said once, and the list before it stays. Of a
    // name that comes twice the first counts.
    [[nodiscard]] std::vector<App> apps();
    [[nodiscard]] std::optional<App> find(int32_t id);

  private:
    // What a file's change is told by.
    struct Stamp {
        std::filesystem::file_time_type time;
        uintmax_t size = 0;
        bool operator==(const Stamp&) const = default;
    };
    void read_file_anew();

    std::filesystem::path file_;
    std::string compositor_;
    std::function<std::vector<LibraryApp>()> library_;
    std::optional<Stamp> seen_;  // none: there was no file
    std::vector<App> apps_;      // the file's
};

}  // namespace punktfunk::moonlight
