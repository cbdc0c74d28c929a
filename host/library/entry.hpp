// Something that a client can start: a game or a program of this machine, whichever launcher it belongs to.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace punktfunk::library {

enum class ArtKind : uint8_t { Portrait, Hero, Logo, Header };
inline constexpr std::array<std::string_view, 4> kArtKindNames{"portrait", "hero", "logo", "header"};
[[nodiscard]] std::optional<ArtKind> parse_art_kind(std::string_view name);

// Picture files, by ArtKind; empty where there is none.
using Art = std::array<std::filesystem::path, kArtKindNames.size()>;

struct Launch {
    enum class Kind : uint8_t { SteamAppId, Command };
    Kind kind = Kind::Command;
    std::string value;  // digits, or a shell's command line
};

inline constexpr size_t kMaxTitle = 128, kMaxCommand = 8192, kMaxId = 128;  // bytes

struct Entry {
    std::string id;  // "steam:570", "app:org.gnome.Chess"; at most kMaxId, stable over scans
    std::string store;
    std::string title;
    Art art;
    std::optional<Launch> launch;
};

// What a shell is given to start it.
[[nodiscard]] std::string command_of(const Launch& launch);

// One line of at most kMaxTitle bytes, whatever a launcher's files say; empty when nothing is left.
[[nodiscard]] std::string clean_title(std::string_view text);
[[nodiscard]] bool is_number(std::string_view text);  // 1 to 20 digits
// One word of a shell's command line.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace punktfunk::library
