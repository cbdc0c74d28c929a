// The fields of one small packet, one after the other.
#pragma once

#include <array>
#include <cassert>
#include <concepts>
#include <cstdint>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::gs_control {

class FieldWriter {
  public:
    template <typename T>
    FieldWriter& le(std::type_identity_t<T> value) {
        assert(size_ + sizeof(T) <= bytes_.size());
        store_le<T>(&bytes_[size_], value);
        size_ += sizeof(T);
        return *this;
    }
    template <std::unsigned_integral T>
    FieldWriter& be(std::type_identity_t<T> value) {
        return le<T>(std::byteswap(value));
    }
    FieldWriter& u8(uint8_t value) { return le<uint8_t>(value); }
    template <size_t kBytes>
    FieldWriter& append(const std::array<uint8_t, kBytes>& bytes) {
        return le<std::array<uint8_t, kBytes>>(bytes);
    }
    [[nodiscard]] ByteView bytes() const { return ByteView(bytes_).first(size_); }

  private:
    std::array<uint8_t, 32> bytes_;  // no packet that is made of fields has more
    size_t size_ = 0;
};

}  // namespace punktfunk::gs_control
