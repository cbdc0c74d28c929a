// The bytes of one received access unit, where reassembly put them. Goes back to the receiver's pool when it is
// destroyed, on any thread, also after the receiver is gone.
#pragma once

#include <cstdint>
#include <memory>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::session {

class BufferPool;

class FrameBuffer {
  public:
    FrameBuffer() = default;  // no bytes
    FrameBuffer(FrameBuffer&& other) noexcept { swap(other); }
    FrameBuffer& operator=(FrameBuffer&& other) noexcept {
        FrameBuffer(std::move(other)).swap(*this);
        return *this;
    }
    ~FrameBuffer();

    [[nodiscard]] const uint8_t* data() const { return data_; }
    [[nodiscard]] size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] const uint8_t* begin() const { return data_; }
    [[nodiscard]] const uint8_t* end() const { return data_ + size_; }
    operator ByteView() const { return {data_, size_}; }

  private:
    friend class Reassembler;
    FrameBuffer(std::shared_ptr<BufferPool> pool, uint8_t* data, uint32_t size_class, size_t size)
        : pool_(std::move(pool)), data_(data), size_class_(size_class), size_(size) {}
    void swap(FrameBuffer& other) noexcept {
        std::swap(pool_, other.pool_);
        std::swap(data_, other.data_);
        std::swap(size_class_, other.size_class_);
        std::swap(size_, other.size_);
    }

    std::shared_ptr<BufferPool> pool_;
    uint8_t* data_ = nullptr;
    uint32_t size_class_ = 0;
    size_t size_ = 0;
};

}  // namespace punktfunk::session
