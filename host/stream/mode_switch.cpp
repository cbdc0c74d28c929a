#include "mode_switch.hpp"

#include <pthread.h>
#include <sys/eventfd.h>

#include "pipeline.hpp"

namespace punktfunk::stream {

namespace {

// An encoder's first picture takes several times as long as the others: it is one that nobody waits for.
Result<void> warm_up(encode::VideoEncoder& encoder, const display::Mode& mode) {
    const std::vector<uint8_t> black(size_t{4} * mode.width * mode.height);
    const capture::Frame picture{
        .pixels = black.data(), .width = mode.width, .height = mode.height, .stride = 4 * mode.width};
    auto unit = encoder.encode(picture, false);
    return unit ? Result<void>() : std::unexpected(std::move(unit.error()));
}

}  // namespace

ModeSwitch::ModeSwitch(const PipelineParts& parts, const StreamConfig& config, display::VirtualDisplay& display,
                       int wake_fd)
    : mode_(config.mode) {
    thread_ = std::jthread([this, &parts, wanted = encoder_config(config), &display, wake_fd] {
        // First what can be refused without a trace.
        encoder_ = parts.open_encoder(wanted);
        Result<void> done = encoder_ ? warm_up(**encoder_, mode_) : Result<void>();
        if (encoder_ && done) done = display.set_mode(mode_);
        if (!done) encoder_ = std::unexpected(std::move(done.error()));
        ready_ = true;
        (void)::eventfd_write(wake_fd, 1);
    });
    ::pthread_setname_np(thread_.native_handle(), "pf-mode");
}

Result<std::unique_ptr<encode::VideoEncoder>> ModeSwitch::take() {
    if (thread_.joinable()) thread_.join();
    return std::move(encoder_);
}

}  // namespace punktfunk::stream
