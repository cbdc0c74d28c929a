#include "pipeline.hpp"

#include <pthread.h>

namespace punktfunk::stream {

encode::EncoderConfig encoder_config(const StreamConfig& config) {
    return {.codec = config.codec,
            .width = config.mode.width,
            .height = config.mode.height,
            .refresh_hz = config.mode.refresh_hz,
            .bitrate_kbps = config.bitrate_kbps,
            .single_slice = config.single_slice};
}

Result<void> Pipeline::make_anew(Broken from, const StreamConfig& config) {
    Result<void> made;
    if (from == Broken::Display || display_ == nullptr) {
        capture_.reset();  // it looks at the display
        close_display();
        made = open_display(config.mode);
    }
    if (made && (from != Broken::Encoder || capture_ == nullptr)) made = open_capture();
    if (made) made = open_encoder(config);
    return made;
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

Result<void> Pipeline::open_encoder(const StreamConfig& config) {
    encoder_.reset();
    auto encoder = parts_.open_encoder(encoder_config(config));
    if (!encoder) return std::unexpected(std::move(encoder.error()).in("opening the encoder"));
    encoder_ = std::move(*encoder);
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
