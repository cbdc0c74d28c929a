#include "mode_switch.hpp"

#include <pthread.h>
#include <sys/eventfd.h>

#include "pipeline.hpp"

namespace punktfunk::stream {

ModeSwitch::ModeSwitch(const PipelineParts& parts, const StreamConfig& config, display::VirtualDisplay& display,
                       int wake_fd)
    : mode_(config.mode) {
    thread_ = std::jthread([this, &parts, config, &display, wake_fd] {
        // First what can be refused without a trace.
        encoder_ = open_warm_encoder(parts, config);
        if (encoder_) {
            if (auto set = display.set_mode(mode_); !set) encoder_ = std::unexpected(std::move(set.error()));
        }
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
