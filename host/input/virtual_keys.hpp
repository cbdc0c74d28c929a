// Windows virtual-key codes to evdev key codes: the positional table of spec §6.
#pragma once

#include <cstdint>
#include <optional>

namespace punktfunk::input {

// Of the low byte of `virtual_key`; nullopt for a key the table does not have.
[[nodiscard]] std::optional<uint32_t> evdev_key(uint32_t virtual_key);

}  // namespace punktfunk::input
