// Sixteen pictures of a desktop, over and over: text that scrolls, a window that is dragged, and a background.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "punktfunk/capture/frame_source.hpp"

namespace punktfunk::bench {

class DesktopClip {
  public:
    DesktopClip(uint32_t width, uint32_t height) : width_(width), height_(height) {
        for (size_t i = 0; i < pictures_.size(); ++i) paint(static_cast<uint32_t>(i));
    }
    [[nodiscard]] const uint8_t* pixels(size_t index) const { return pictures_[index % pictures_.size()].data(); }
    capture::Frame next() {
        return {.pixels = pixels(next_++), .width = width_, .height = height_, .stride = 4 * width_};
    }

  private:
    void paint(uint32_t index) {
        constexpr uint32_t kWindowWide = 320, kWindowHigh = 240, kDragged = 9, kScrolled = 9, kLine = 16;
        const auto count = static_cast<uint32_t>(pictures_.size());
        const uint32_t there_and_back = index < count / 2 ? index : count - index;
        const uint32_t left = 40 + kDragged * index, top = 100;
        auto& pixels = pictures_[index];
        pixels.resize(size_t{4} * width_ * height_);
        for (uint32_t y = 0; y < height_; ++y) {
            for (uint32_t x = 0; x < width_; ++x) {
                uint8_t* p = &pixels[4 * (size_t{y} * width_ + x)];
                uint32_t shade = 40 + x * 30 / width_ + y * 40 / height_;
                if (x > width_ / 2 && y > height_ / 8 && y < height_ / 8 * 7) {
                    const uint32_t line = y + kScrolled * there_and_back;
                    const bool ink = ((line / 2 * 2654435761U ^ x / 2 * 40503U) >> 11 & 1) != 0;
                    shade = line / kLine % 2 == 0 && ink ? 30 : 235;
                }
                p[0] = static_cast<uint8_t>(shade);
                p[1] = static_cast<uint8_t>(shade * 7 / 8);
                p[2] = static_cast<uint8_t>(shade * 3 / 4);
                if (x - left < kWindowWide && y - top < kWindowHigh) {
                    p[0] = static_cast<uint8_t>((x - left) / 2);
                    p[1] = static_cast<uint8_t>(y - top);
                    p[2] = 200;
                }
            }
        }
    }

    uint32_t width_, height_;
    std::array<std::vector<uint8_t>, 16> pictures_;
    size_t next_ = 0;
};

}  // namespace punktfunk::bench
