#include "punktfunk/session/large_buffer.hpp"

#include <sys/mman.h>

namespace punktfunk::session {

LargeBuffer make_large_buffer(size_t bytes) {
    constexpr size_t kHugePage = size_t{2} << 20;
    const size_t unit = bytes >= kHugePage ? kHugePage : 64;
    const size_t whole = (bytes + unit - 1) / unit * unit;
    LargeBuffer buffer(static_cast<uint8_t*>(std::aligned_alloc(unit, whole)));
    if (buffer && unit == kHugePage) (void)::madvise(buffer.get(), whole, MADV_HUGEPAGE);
    return buffer;
}

}  // namespace punktfunk::session
