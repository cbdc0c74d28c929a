#include "punktfunk/stream/thumbnail.hpp"

#include <gtest/gtest.h>

#include "sent_meter.hpp"

namespace punktfunk::stream {

using namespace std::chrono_literals;

namespace {

// Left half red, right half blue; rows are longer than the picture.
struct Halves {
    std::vector<uint8_t> pixels;
    capture::Frame frame;
    Halves(uint32_t width, uint32_t height) {
        const uint32_t stride = width * 4 + 64;
        pixels.assign(size_t{stride} * height, 0x77);
        for (uint32_t y = 0; y < height; ++y) {
            for (uint32_t x = 0; x < width; ++x) {
                uint8_t* p = pixels.data() + size_t{y} * stride + size_t{x} * 4;
                p[0] = x < width / 2 ? 0 : 255;
                p[1] = 0;
                p[2] = x < width / 2 ? 255 : 0;
            }
        }
        frame = {.pixels = pixels.data(), .width = width, .height = height, .stride = stride};
    }
};

}  // namespace

TEST(Thumbnail, IsSmallAndShowsThePicture) {
    for (const auto& [width, height, thumb_width, thumb_height] : {std::array{1280u, 720u, 320u, 180u},
                                                                   {720u, 1280u, 180u, 320u},
                                                                   {8192u, 16u, 320u, 1u},
                                                                   {100u, 50u, 100u, 50u},
                                                                   {1u, 1u, 1u, 1u},
                                                                   {1366u, 768u, 320u, 179u}}) {
        const Halves halves(width, height);
        Picture picture = make_thumbnail_buffer();
        const auto* storage = picture.rgb.data();
        scale_down(halves.frame, picture);
        EXPECT_EQ(picture.width, thumb_width);
        EXPECT_EQ(picture.height, thumb_height);
        ASSERT_EQ(picture.rgb.size(), size_t{thumb_width} * thumb_height * 3);
        EXPECT_EQ(picture.rgb.data(), storage) << "nothing was allocated";
        if (thumb_width < 2) continue;
        EXPECT_EQ(picture.rgb[0], 255) << "red";
        EXPECT_EQ(picture.rgb[2], 0);
        EXPECT_EQ(picture.rgb[picture.rgb.size() - 3], 0);
        EXPECT_EQ(picture.rgb.back(), 255) << "blue";
    }
}

TEST(Thumbnail, EveryoneWhoAskedIsAnswered) {
    const Halves halves(64, 64);
    ThumbnailRequests requests;
    int pictures = 0;
    std::vector<ErrorCode> errors;
    const auto done = [&](Result<Picture> picture) {
        picture ? void(++pictures) : errors.push_back(picture.error().code);
    };
    requests.ask(done);
    requests.ask(done);
    EXPECT_EQ(pictures, 0);
    requests.serve(halves.frame);
    EXPECT_EQ(pictures, 2);
    for (size_t i = 0; i <= ThumbnailRequests::kMost; ++i) requests.ask(done);
    EXPECT_EQ(errors, (std::vector{ErrorCode::Exhausted}));
    requests.close();
    EXPECT_EQ(errors.size(), 1 + ThumbnailRequests::kMost);
    EXPECT_EQ(errors.back(), ErrorCode::Closed);
    requests.ask(done);
    EXPECT_EQ(errors.size(), 2 + ThumbnailRequests::kMost);
    EXPECT_EQ(pictures, 2);
}

TEST(SentMeter, CountsTheLastSecond) {
    SentMeter meter;
    SteadyClock::time_point now{1000s};
    for (int i = 0; i < 180; ++i) {
        meter.add(1000, now);
        now += 16667us;
    }
    EXPECT_NEAR(meter.read(now).fps, 60, 1);
    EXPECT_NEAR(meter.read(now).kbps, 480, 8);
    EXPECT_EQ(meter.read(now + 5s).fps, 0) << "nothing comes any more";
    meter.add(1, now + 100s);
    EXPECT_EQ(meter.read(now + 100s + 250ms).fps, 1);
}

}  // namespace punktfunk::stream
