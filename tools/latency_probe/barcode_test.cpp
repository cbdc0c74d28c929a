#include "punktfunk/latency_probe/barcode.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace punktfunk::probe {

namespace {

struct Luma {
    std::vector<uint8_t> pixels = std::vector<uint8_t>(kBarcodeWidth * kBarcodeHeight);
    explicit Luma(const Answer& answer) {
        draw(answer, [&](uint32_t left, uint32_t top, bool white) {
            for (uint32_t y = 0; y < kSquare; ++y) {
                for (uint32_t x = 0; x < kSquare; ++x) at(left + x, top + y) = white ? 235 : 16;
            }
        });
    }
    uint8_t& at(uint32_t x, uint32_t y) { return pixels[y * kBarcodeWidth + x]; }
    [[nodiscard]] std::optional<Answer> read() const {
        return probe::read([&](uint32_t x, uint32_t y) { return pixels[y * kBarcodeWidth + x]; });
    }
};

constexpr Answer kAnswer{0xBEEF, 1'700'000'000'123'456'789, 1'700'000'000'987'654'321};

}  // namespace

TEST(Barcode, ComesBack) {
    EXPECT_EQ(Luma(kAnswer).read(), kAnswer);
    EXPECT_EQ(Luma(Answer{}).read(), Answer{});
}

TEST(Barcode, SurvivesNoiseAndBlurAndRefusesASquareThatFlipped) {
    Luma luma(kAnswer);
    uint32_t state = 1;
    for (auto& pixel : luma.pixels) {
        state = state * 1664525 + 1013904223;
        pixel = static_cast<uint8_t>(pixel < 128 ? pixel + (state >> 24) / 3 : pixel - (state >> 24) / 3);
    }
    EXPECT_EQ(luma.read(), kAnswer);
    for (uint32_t y = 0; y < kSquare; ++y) {
        for (uint32_t x = 0; x < kSquare; ++x) {
            uint8_t& pixel = luma.at(10 * kSquare + x, kSquare + y);
            pixel = static_cast<uint8_t>(251 - pixel);
        }
    }
    EXPECT_FALSE(luma.read());
}

TEST(Barcode, AnEmptyPictureHasNone) {
    for (const unsigned level : {0u, 128u, 255u}) EXPECT_FALSE(read([&](uint32_t, uint32_t) { return level; }));
}

}  // namespace punktfunk::probe
