#include "buffer_pool.hpp"

#include <new>

#include "punktfunk/session/large_buffer.hpp"

namespace punktfunk::session {

BufferPool::~BufferPool() {
    release_free();
}

BufferPool::Buffer BufferPool::take(size_t bytes) {
    size_t size_class = 0;
    while (size_class < kClasses && class_bytes(size_class) < bytes) ++size_class;
    if (size_class == kClasses) return {};
    const std::lock_guard lock(mutex_);
    if (Free* first = free_[size_class]) {
        free_[size_class] = first->next;
        return {reinterpret_cast<uint8_t*>(first), static_cast<uint32_t>(size_class)};
    }
    const size_t size = class_bytes(size_class);
    if (held_ + size > limit_) release_free();
    if (held_ + size > limit_) return {};
    LargeBuffer fresh = make_large_buffer(size);
    if (!fresh) return {};
    held_ += size;
    return {fresh.release(), static_cast<uint32_t>(size_class)};
}

void BufferPool::give(Buffer& buffer) {
    if (!buffer) return;
    const std::lock_guard lock(mutex_);
    free_[buffer.size_class] = new (buffer.data) Free{free_[buffer.size_class]};
    buffer = {};
}

void BufferPool::release_free() {
    for (size_t size_class = 0; size_class < kClasses; ++size_class) {
        while (Free* first = free_[size_class]) {
            free_[size_class] = first->next;
            FreeLargeBuffer()(reinterpret_cast<uint8_t*>(first));
            held_ -= class_bytes(size_class);
        }
    }
}

}  // namespace punktfunk::session
