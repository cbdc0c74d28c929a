// Memory for packets and frames: 64-byte aligned, in huge pages where it is large enough to fill some.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace punktfunk::session {

struct FreeLargeBuffer {
    void operator()(uint8_t* memory) const { std::free(memory); }
};
using LargeBuffer = std::unique_ptr<uint8_t[], FreeLargeBuffer>;

// Holds any bytes at first. Empty when there is no memory.
[[nodiscard]] LargeBuffer make_large_buffer(size_t bytes);

}  // namespace punktfunk::session
