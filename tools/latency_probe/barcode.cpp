#include "punktfunk/latency_probe/barcode.hpp"

#include <array>
#include <span>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::probe {

namespace {

// 0xB2, sequence, pressed, painted, CRC: 168 bits, one a square.
constexpr uint8_t kMark = 0xB2;
constexpr size_t kBytes = 1 + 2 + 8 + 8 + 2;
static_assert(8 * kBytes == size_t{kColumns} * kRows);
constexpr unsigned kThreshold = 128;

uint16_t crc16(std::span<const uint8_t> bytes) {
    uint16_t crc = 0xFFFF;
    for (const uint8_t byte : bytes) {
        crc = static_cast<uint16_t>(crc ^ byte << 8);
        for (int bit = 0; bit < 8; ++bit)
            crc = static_cast<uint16_t>((crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1);
    }
    return crc;
}

struct Square {
    uint32_t left, top;
};
Square square_of(uint32_t bit) {
    return {bit % kColumns * kSquare, bit / kColumns * kSquare};
}

}  // namespace

void draw(const Answer& answer, const std::function<void(uint32_t, uint32_t, bool)>& fill) {
    std::array<uint8_t, kBytes> bytes{kMark};
    store_le<uint16_t>(&bytes[1], answer.sequence);
    store_le<uint64_t>(&bytes[3], answer.pressed_ns);
    store_le<uint64_t>(&bytes[11], answer.painted_ns);
    store_le<uint16_t>(&bytes[19], crc16(std::span(bytes).first<19>()));
    for (uint32_t bit = 0; bit < 8 * kBytes; ++bit) {
        const auto [left, top] = square_of(bit);
        fill(left, top, (bytes[bit / 8] >> (bit % 8) & 1) != 0);
    }
}

std::optional<Answer> read(const std::function<unsigned(uint32_t, uint32_t)>& bright) {
    std::array<uint8_t, kBytes> bytes{};
    for (uint32_t bit = 0; bit < 8 * kBytes; ++bit) {
        // The middle of the square: its edges are what an encoder blurs.
        const auto [left, top] = square_of(bit);
        unsigned sum = 0;
        for (uint32_t y = kSquare / 4; y < kSquare * 3 / 4; ++y) {
            for (uint32_t x = kSquare / 4; x < kSquare * 3 / 4; ++x) sum += bright(left + x, top + y);
        }
        if (sum >= kThreshold * kSquare / 2 * kSquare / 2) bytes[bit / 8] |= static_cast<uint8_t>(1u << bit % 8);
    }
    if (bytes[0] != kMark || load_le<uint16_t>(&bytes[19]) != crc16(std::span(bytes).first<19>())) return std::nullopt;
    return Answer{load_le<uint16_t>(&bytes[1]), load_le<uint64_t>(&bytes[3]), load_le<uint64_t>(&bytes[11])};
}

}  // namespace punktfunk::probe
