#include <algorithm>
#include <cctype>

#include "punktfunk/wire/control.hpp"

namespace punktfunk::wire {

namespace {
struct Name {
    std::string_view text;
    Gamepad gamepad;
};
// The first name of each is the one that is shown.
constexpr std::array kNames = {
    Name{"auto", Gamepad::Auto},           Name{"default", Gamepad::Auto}, Name{"xbox360", Gamepad::Xbox360},
    Name{"xbox", Gamepad::Xbox360},        Name{"x360", Gamepad::Xbox360}, Name{"uinput", Gamepad::Xbox360},
    Name{"dualsense", Gamepad::DualSense}, Name{"ds", Gamepad::DualSense}, Name{"ps5", Gamepad::DualSense}};
constexpr std::string_view kBlank = " \t\r\n";
}  // namespace

std::optional<Gamepad> parse_gamepad(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
    text = text.substr(0, text.find_last_not_of(kBlank) + 1);
    const auto named = std::ranges::find_if(kNames, [&](const Name& name) {
        return std::ranges::equal(text, name.text,
                                  [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
    });
    return named == kNames.end() ? std::nullopt : std::optional(named->gamepad);
}

std::string_view to_string(Gamepad gamepad) {
    return std::ranges::find(kNames, gamepad, &Name::gamepad)->text;
}

}  // namespace punktfunk::wire
