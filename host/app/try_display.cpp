#include "try_display.hpp"

namespace punktfunk::app {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

constexpr auto kFirstPicture = 5s;
constexpr auto kSettle = 1s;  // for the desktop's programs to show themselves
constexpr uint32_t kLongestSide = 1280;
constexpr int kNoWake = -1;

Result<std::unique_ptr<encode::VideoEncoder>> open_encoder(const stream::PipelineParts& parts,
                                                           const capture::Frame& picture, uint32_t refresh_hz) {
    encode::EncoderConfig config{
        .codec = encode::Codec::H264, .width = picture.width, .height = picture.height, .refresh_hz = refresh_hz};
    auto encoder = parts.open_encoder(config);
    if (encoder) return encoder;
    config.codec = encode::Codec::Hevc;
    auto other = parts.open_encoder(config);
    return other ? std::move(other) : std::move(encoder);
}

}  // namespace

Result<management::DisplayTest> run_display_test(const stream::PipelineParts& parts, const display::Mode& mode) {
    const auto began = SteadyClock::now();
    auto display = parts.display->create(mode);
    if (!display) return std::unexpected(std::move(display.error()).in("making a display"));
    const auto made = SteadyClock::now();
    auto source = parts.open_capture((*display)->target());
    if (!source) return std::unexpected(std::move(source.error()).in("opening capture"));
    auto frame = (*source)->next_frame(kFirstPicture, kNoWake);
    if (!frame) return std::unexpected(std::move(frame.error()).in("capturing a picture"));
    const auto captured = SteadyClock::now();
    const capture::Frame* picture = *frame;
    const auto until = captured + kSettle;
    for (auto now = captured; now < until; now = SteadyClock::now()) {
        auto next = (*source)->next_frame(std::chrono::ceil<milliseconds>(until - now), kNoWake);
        if (!next && next.error().code != ErrorCode::Timeout)
            return std::unexpected(std::move(next.error()).in("capturing a picture"));
        if (next) picture = *next;
    }
    auto encoder = open_encoder(parts, *picture, mode.refresh_hz);
    if (!encoder) return std::unexpected(std::move(encoder.error()).in("opening an encoder"));
    auto unit = (*encoder)->encode(*picture, true);
    if (!unit) return std::unexpected(std::move(unit.error()).in("encoding the picture"));
    management::DisplayTest test{
        .picture = {},
        .display = parts.display->description(),
        .encoder = std::string((*encoder)->name()),
        .width = picture->width,
        .height = picture->height,
        .display_time = duration_cast<milliseconds>(made - began),
        .first_frame = duration_cast<milliseconds>(captured - made),
        .encode = duration_cast<milliseconds>(std::chrono::nanoseconds(unit->convert_ns + unit->encode_ns)),
        .encoded_bytes = unit->data.size()};
    stream::scale_down(*picture, test.picture, kLongestSide);
    return test;
}

}  // namespace punktfunk::app
