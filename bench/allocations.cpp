// operator new of this program, counted.
#include <atomic>
#include <cstdlib>
#include <new>

#include "report.hpp"

namespace {
// An allocator has no other place to keep a number.
std::atomic<uint64_t> count{0};
}  // namespace

uint64_t punktfunk::bench::allocations() {
    return count.load(std::memory_order_relaxed);
}

// GCC inlines these and then takes malloc and free for a pair of its own.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(size_t size) {
    count.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void* operator new(size_t size, std::align_val_t alignment) {
    count.fetch_add(1, std::memory_order_relaxed);
    const auto align = static_cast<size_t>(alignment);
    if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
    std::free(memory);
}
