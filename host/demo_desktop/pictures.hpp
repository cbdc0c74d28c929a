// What the demo program paints. Pixels are B,G,R,X bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "punktfunk/base/error.hpp"

namespace punktfunk::demo {

struct Canvas {
    std::span<uint32_t> pixels;  // 0x00RRGGBB, row after row without padding
    uint32_t width = 0, height = 0;

    void fill(int64_t left, int64_t top, int64_t fill_width, int64_t fill_height, uint32_t colour) const;
};

// A ball that bounces over a slow gradient; `seconds` decides where everything is.
void paint_motion(const Canvas& canvas, double seconds);

// A still picture in which every usual mistake shows: saturated bars (colour matrix, channel order), a grey ramp
// (range), fine stripes (stride, scaling, shift) and four different corners (rotation, mirroring).
void paint_bars(const Canvas& canvas);

// Every pixel at random; `seed` is where the next picture goes on.
void paint_noise(const Canvas& canvas, uint64_t& seed);

// As a binary PPM; complete when it appears under its name.
Result<void> write_ppm(const Canvas& canvas, const std::filesystem::path& file);

}  // namespace punktfunk::demo
