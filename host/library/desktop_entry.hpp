// A .desktop file, as the Desktop Entry Specification 1.5 has it: what is needed to list a program and to start it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace punktfunk::library {

struct DesktopEntry {
    std::string name;                  // not translated
    std::vector<std::string> command;  // Exec's words, without what stands for files
    std::string icon, try_exec, directory;
    bool terminal = false, shown = true;  // not NoDisplay or Hidden, and not for other desktops only
};

// nullopt for what is no program's entry, or has no name or no command that can be started.
[[nodiscard]] std::optional<DesktopEntry> parse_desktop_entry(std::string_view text);

}  // namespace punktfunk::library
