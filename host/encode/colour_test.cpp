#include "colour.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace punktfunk::encode {

namespace {

struct Image {
    std::vector<uint8_t> y, u, v;
    uint32_t width;
    Image(uint32_t w, uint32_t h) : y(size_t{w} * h), u(size_t{w} * h / 4), v(size_t{w} * h / 4), width(w) {}
    YuvPlanes planes() {
        return {.y = y.data(), .u = u.data(), .v = v.data(), .y_stride = width, .chroma_stride = width / 2};
    }
};

void expect_exact_formula(const std::vector<uint8_t>& pixels, uint32_t stride, uint32_t width, uint32_t height,
                          const Image& image, const Colour& colour) {
    const bool bt601 = colour.matrix == Matrix::Bt601;
    const double kr = bt601 ? 0.299 : 0.2126, kb = bt601 ? 0.114 : 0.0722, kg = 1 - kr - kb;
    const double black = colour.full_range ? 0 : 16, luma_scale = colour.full_range ? 1 : 219.0 / 255;
    const double chroma_scale = colour.full_range ? 1 : 224.0 / 255;
    for (uint32_t row = 0; row < height; ++row) {
        for (uint32_t x = 0; x < width; ++x) {
            const uint8_t* p = &pixels[row * stride + 4 * x];
            const double luma = black + luma_scale * (kr * p[2] + kg * p[1] + kb * p[0]);
            ASSERT_LE(std::abs(luma - image.y[row * width + x]), 1.05) << x << "," << row;
            if (row % 2 != 0 || x % 2 != 0) continue;
            double b = 0, g = 0, r = 0;
            for (const uint8_t* q : {p, p + 4, p + stride, p + stride + 4})
                b += q[0] / 4.0, g += q[1] / 4.0, r += q[2] / 4.0;
            const double y = kr * r + kg * g + kb * b;
            ASSERT_LE(std::abs(128 + chroma_scale * (b - y) / (2 - 2 * kb) - image.u[row / 2 * width / 2 + x / 2]),
                      1.05);
            ASSERT_LE(std::abs(128 + chroma_scale * (r - y) / (2 - 2 * kr) - image.v[row / 2 * width / 2 + x / 2]),
                      1.05);
        }
    }
}

}  // namespace

constexpr Colour kColours[]{
    {Matrix::Bt709, false}, {Matrix::Bt709, true}, {Matrix::Bt601, false}, {Matrix::Bt601, true}};

TEST(Colour, IsWhatItSaysWithinOneAndTheSameForEveryKernel) {
    std::mt19937 random(5);
    for (const Colour& colour : kColours) {
        for (const auto& [width, height, padding] :
             {std::tuple{64u, 4u, 0u}, {34u, 6u, 12u}, {2u, 2u, 4u}, {1366u, 8u, 64u}}) {
            const uint32_t stride = width * 4 + padding;
            std::vector<uint8_t> pixels(size_t{stride} * height);
            for (auto& byte : pixels) byte = static_cast<uint8_t>(random());
            Image best(width, height), scalar(width, height);
            bgrx_to_yuv420(pixels.data(), stride, width, height, best.planes(), colour, best_colour_kernel());
            bgrx_to_yuv420(pixels.data(), stride, width, height, scalar.planes(), colour, ColourKernel::Scalar);
            EXPECT_EQ(best.y, scalar.y);
            EXPECT_EQ(best.u, scalar.u);
            EXPECT_EQ(best.v, scalar.v);
            expect_exact_formula(pixels, stride, width, height, scalar, colour);
        }
    }
}

TEST(Colour, Nv12HoldsTheSameChromaInterleaved) {
    std::mt19937 random(6);
    for (const ColourKernel kernel : {ColourKernel::Scalar, best_colour_kernel()}) {
        const uint32_t width = 70, height = 4;
        std::vector<uint8_t> pixels(size_t{4} * width * height);
        for (auto& byte : pixels) byte = static_cast<uint8_t>(random());
        Image planar(width, height);
        bgrx_to_yuv420(pixels.data(), 4 * width, width, height, planar.planes(), {}, kernel);
        std::vector<uint8_t> luma(size_t{width} * height), chroma(size_t{width} * height / 2);
        bgrx_to_yuv420(pixels.data(), 4 * width, width, height,
                       {.y = luma.data(), .u = chroma.data(), .y_stride = width, .chroma_stride = width}, {}, kernel);
        EXPECT_EQ(luma, planar.y);
        for (size_t i = 0; i < planar.u.size(); ++i) {
            ASSERT_EQ(chroma[2 * i], planar.u[i]) << i;
            ASSERT_EQ(chroma[2 * i + 1], planar.v[i]) << i;
        }
    }
}

TEST(Colour, TheEndsOfTheRange) {
    for (const Colour& colour : kColours) {
        for (const auto& [level, luma] :
             {std::pair{0, colour.full_range ? 0 : 16}, {255, colour.full_range ? 255 : 235}}) {
            const std::vector<uint8_t> pixels(16, static_cast<uint8_t>(level));
            Image image(2, 2);
            bgrx_to_yuv420(pixels.data(), 8, 2, 2, image.planes(), colour, ColourKernel::Scalar);
            EXPECT_EQ(image.y[0], luma);
            EXPECT_EQ(image.u[0], 128);
            EXPECT_EQ(image.v[0], 128);
        }
    }
}

}  // namespace punktfunk::encode
