// Colour conversion, against libyuv (which has BT.601 only in this direction; the work is the same).
#include <libyuv/convert_from_argb.h>

#include "colour.hpp"
#include "report.hpp"

namespace punktfunk::bench {

void convert_rows(Report& report) {
    if (!report.wants("convert")) return;
    report.heading("colour conversion, one core");
    constexpr int kWidth = 1920, kHeight = 1080;
    std::vector<uint8_t> picture(size_t{kWidth} * kHeight * 4);
    uint32_t state = 1;
    for (auto& byte : picture) byte = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    std::vector<uint8_t> mine(size_t{kWidth} * kHeight * 3 / 2), theirs(mine.size());
    const size_t luma = size_t{kWidth} * kHeight;
    const auto medians = interleaved(
        [&] {
            encode::bgrx_to_yuv420(
                picture.data(), kWidth * 4, kWidth, kHeight,
                {.y = mine.data(), .u = mine.data() + luma, .y_stride = kWidth, .chroma_stride = kWidth}, {},
                encode::best_colour_kernel());
        },
        [&] {
            libyuv::ARGBToNV12(picture.data(), kWidth * 4, theirs.data(), kWidth, theirs.data() + luma, kWidth, kWidth,
                               kHeight);
        });
    report.add({.name = "convert.bgra_nv12.1080p",
                .unit = "ms",
                .ours = medians.ours_ns / 1e6,
                .reference = medians.reference_ns / 1e6,
                .reference_name = "libyuv ARGBToNV12",
                .ratio = medians.reference_ns / medians.ours_ns});
}

}  // namespace punktfunk::bench
