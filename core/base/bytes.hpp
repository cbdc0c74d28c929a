// Reading and writing little-endian fields with bounds checked once per field. Everything on the wire is little-endian
// except where the specification says BE, and those few places say so themselves.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace punktfunk {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;

static_assert(std::endian::native == std::endian::little, "punktfunk's wire code assumes a little-endian machine");

template <typename T>
[[nodiscard]] T load_le(const uint8_t* from) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

template <typename T>
void store_le(uint8_t* to, std::type_identity_t<T> value) {
    std::memcpy(to, &value, sizeof value);
}

template <std::unsigned_integral T>
[[nodiscard]] T load_be(const uint8_t* from) {
    return std::byteswap(load_le<T>(from));
}

template <std::unsigned_integral T>
void store_be(uint8_t* to, std::type_identity_t<T> value) {
    store_le<T>(to, std::byteswap(value));
}

// Reads forward through a message. A read past the end answers nullopt and leaves the position unchanged.
class ByteReader {
  public:
    explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

    template <typename T>
    [[nodiscard]] std::optional<T> read() {
        if (remaining() < sizeof(T)) return std::nullopt;
        const T value = load_le<T>(bytes_.data() + position_);
        position_ += sizeof(T);
        return value;
    }
    [[nodiscard]] std::optional<ByteView> take(size_t count) {
        if (remaining() < count) return std::nullopt;
        const ByteView view = bytes_.subspan(position_, count);
        position_ += count;
        return view;
    }
    [[nodiscard]] ByteView rest() const { return bytes_.subspan(position_); }
    [[nodiscard]] size_t remaining() const { return bytes_.size() - position_; }
    [[nodiscard]] size_t position() const { return position_; }

  private:
    ByteView bytes_;
    size_t position_ = 0;
};

// Appends to a byte vector.
class ByteWriter {
  public:
    template <typename T>
    ByteWriter& write(std::type_identity_t<T> value) {
        const size_t at = bytes_.size();
        bytes_.resize(at + sizeof(T));
        store_le<T>(bytes_.data() + at, value);
        return *this;
    }
    ByteWriter& append(ByteView view) {
        bytes_.insert(bytes_.end(), view.begin(), view.end());
        return *this;
    }
    ByteWriter& append(std::string_view text) {
        bytes_.insert(bytes_.end(), text.begin(), text.end());
        return *this;
    }
    [[nodiscard]] Bytes finish() && { return std::move(bytes_); }

  private:
    Bytes bytes_;
};

}  // namespace punktfunk
