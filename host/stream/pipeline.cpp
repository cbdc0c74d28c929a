#include "pipeline.hpp"

#include <pthread.h>

#include <algorithm>
#include <future>

namespace punktfunk::stream {

Result<std::unique_ptr<encode::VideoEncoder>> open_warm_encoder(const PipelineParts& parts,
                                                                const StreamConfig& config) {
    const display::Mode& mode = config.mode;
    auto encoder = parts.open_encoder({.codec = config.codec,
                                       .width = mode.width,
                                       .height = mode.height,
                                       .refresh_hz = mode.refresh_hz,
                                       .bitrate_kbps = config.bitrate_kbps,
                                       .slices = config.slices,
                                       .more_slices = config.more_slices,
                                       .colour = config.colour,
                                       .max_unit_bytes = std::min(config.max_unit_bytes, config.aim_unit_bytes)});
    if (!encoder) return std::unexpected(std::move(encoder.error()).in("opening the encoder"));
    const std::vector<uint8_t> black(size_t{4} * mode.width * mode.height);
    const capture::Frame picture{
        .pixels = black.data(), .width = mode.width, .height = mode.height, .stride = 4 * mode.width};
    if (auto unit = (*encoder)->encode(picture, false); !unit) return std::unexpected(std::move(unit.error()));
    return encoder;
}

Result<void> Pipeline::make_anew(Broken from, const StreamConfig& config) {
    encoder_.reset();
    // While the compositor starts.
    auto encoder = std::async(std::launch::async, [this, &config] {
        ::pthread_setname_np(::pthread_self(), "pf-encoder");
        return open_warm_encoder(parts_, config);
    });
    Result<void> made;
    if (from == Broken::Display || display_ == nullptr) {
        capture_.reset();  // it looks at the display
        close_display();
        made = open_display(config.mode);
    }
    if (made && (from != Broken::Encoder || capture_ == nullptr)) made = open_capture();
    auto opened = encoder.get();
    if (!made) return made;
    if (!opened) return std::unexpected(std::move(opened.error()));
    encoder_ = std::move(*opened);
    return {};
}

Result<void> Pipeline::open_display(const display::Mode& mode) {
    auto display = parts_.display->create(mode);
    if (!display) return std::unexpected(std::move(display.error()).in("creating the virtual display"));
    display_ = std::move(*display);
    return {};
}

Result<void> Pipeline::open_capture() {
    capture_.reset();
    auto capture = parts_.open_capture(display_->target());
    if (!capture) return std::unexpected(std::move(capture.error()).in("opening capture"));
    capture_ = std::move(*capture);
    return {};
}

void Pipeline::close() {
    encoder_.reset();
    capture_.reset();
    display_.reset();
}

void Pipeline::close_display() {
    if (display_ == nullptr) return;
    closing_ = std::jthread([old = std::move(display_)]() mutable { old.reset(); });
    ::pthread_setname_np(closing_.native_handle(), "pf-closing");
}

}  // namespace punktfunk::stream
