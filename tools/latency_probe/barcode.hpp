// What the test surface says, in black and white squares that survive any encoder: which press it answers, when the
// press reached it and when it painted the answer.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace punktfunk::probe {

struct Answer {
    uint16_t sequence = 0;    // presses seen so far
    uint64_t pressed_ns = 0;  // CLOCK_REALTIME of the machine with the surface
    uint64_t painted_ns = 0;
    bool operator==(const Answer&) const = default;
};

// Squares of 16 pixels in 4 rows of 42, from the picture's top left corner: it must be at least 672x64.
inline constexpr uint32_t kSquare = 16, kColumns = 42, kRows = 4;
inline constexpr uint32_t kBarcodeWidth = kSquare * kColumns, kBarcodeHeight = kSquare * kRows;

// Calls fill(left, top, white) for every square.
void draw(const Answer& answer, const std::function<void(uint32_t left, uint32_t top, bool white)>& fill);

// Reads it from a picture's brightness: bright(x, y) in 0..255. nullopt when there is none, or a damaged one.
[[nodiscard]] std::optional<Answer> read(const std::function<unsigned(uint32_t x, uint32_t y)>& bright);

}  // namespace punktfunk::probe
