// Pictures as rows of R,G,B bytes, read from what the tools write, and how far two of them are apart.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace punktfunk::test {

struct Picture {
    uint32_t width = 0, height = 0;
    std::vector<uint8_t> rgb;
};

// Throw std::runtime_error naming the file.
Picture read_png(const std::filesystem::path& file);
Picture read_ppm(const std::filesystem::path& file);

// Peak signal-to-noise ratio in dB; throws when the sizes differ.
double psnr(const Picture& a, const Picture& b);

// What the usual mistakes make of a picture.
Picture rotated_180(const Picture& picture);
Picture shifted_right(const Picture& picture, uint32_t pixels);
Picture skewed(const Picture& picture);  // rows are read one pixel too long: each starts one further to the left
// Encoded as BT.709 limited, decoded as something else.
Picture read_as_bt601(const Picture& picture);
Picture read_as_full_range(const Picture& picture);
Picture with_chroma_swapped(const Picture& picture);

}  // namespace punktfunk::test
