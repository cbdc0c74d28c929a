// Reads a recording back, with libavformat and libavcodec and nothing of ours.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace punktfunk::test {

struct Recording {
    size_t packets = 0;
    size_t errors = 0;  // packets that did not decode, or decoded damaged
    struct Size {
        uint32_t width, height;
        bool operator==(const Size&) const = default;
    };
    std::vector<Size> sizes;                          // of the decoded pictures, in order; each as often as it lasts
    [[nodiscard]] std::vector<Size> changes() const;  // each once
};
// Throws std::runtime_error when the file is none.
Recording read_recording(const std::filesystem::path& file);

}  // namespace punktfunk::test
