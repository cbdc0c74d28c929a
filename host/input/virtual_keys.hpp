// Windows virtual-key codes to evdev key codes: the positional table of punktfunk/1's §6, and what GameStream's clients
// send beside it (GameStream spec, appendix A).
#pragma once

#include <cstdint>
#include <optional>

namespace punktfunk::input {

// Keys that have no virtual key of their own, as numbers that Windows gives to none.
inline constexpr uint8_t kJisRo = 0x97, kJisYen = 0x98, kKeypadComma = 0x99;

// Of the low byte of `virtual_key`; nullopt for a key the table does not have.
[[nodiscard]] std::optional<uint32_t> evdev_key(uint32_t virtual_key);

}  // namespace punktfunk::input
