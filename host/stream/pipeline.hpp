// Display, capture and encoder of one session: how they are made, and how much of them is made anew when one breaks.
#pragma once

#include <memory>
#include <thread>

#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::stream {

// The lowest part that has to be made anew; what lies above it is made with it. The display comes last: with it go the
// programs that run on it.
enum class Broken { Encoder, Capture, Display };

// An encoder's first picture takes several times as long as the others; this one has it behind it.
[[nodiscard]] Result<std::unique_ptr<encode::VideoEncoder>> open_warm_encoder(const PipelineParts& parts,
                                                                              const StreamConfig& config);

// Capture thread only.
class Pipeline {
  public:
    explicit Pipeline(const PipelineParts& parts) : parts_(parts) {}
    ~Pipeline() { close(); }
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    Result<void> build(const StreamConfig& config) { return make_anew(Broken::Display, config); }
    // Of the mode in `config`. An old display that is replaced goes in the background: one that hangs holds nobody up.
    Result<void> make_anew(Broken from, const StreamConfig& config);
    void use(std::unique_ptr<encode::VideoEncoder> encoder) { encoder_ = std::move(encoder); }

    [[nodiscard]] display::VirtualDisplay& display() { return *display_; }
    [[nodiscard]] capture::FrameSource& capture() { return *capture_; }
    [[nodiscard]] encode::VideoEncoder& encoder() { return *encoder_; }

  private:
    Result<void> open_display(const display::Mode& mode);
    Result<void> open_capture();
    void close();
    void close_display();

    const PipelineParts& parts_;
    std::unique_ptr<display::VirtualDisplay> display_;
    std::unique_ptr<capture::FrameSource> capture_;
    std::unique_ptr<encode::VideoEncoder> encoder_;
    std::jthread closing_;  // an old display
};

}  // namespace punktfunk::stream
