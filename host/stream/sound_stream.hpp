// A session's desktop sound: its sink -> Opus -> SoundSink, on a thread of its own, and how it heals (spec §5.1). The
// encoder and the sink outlive the capture, so that the client's numbering goes on when PipeWire comes back.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/opus/opus_codec.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::stream {

class SoundStream {
  public:
    SoundStream(OpenSound open, std::string label, const opus::EncoderConfig& format, bool send_silence);
    ~SoundStream();
    SoundStream(const SoundStream&) = delete;

    // Any thread; none of them blocks. Nothing is captured before both were called once.
    void begin(std::unique_ptr<SoundSink> sink);
    void capture_from(const display::SoundTarget& target);  // again when the display was made anew
    [[nodiscard]] uint64_t packets() const { return packets_; }

  private:
    void run(const std::stop_token& stop);
    Result<void> capture_until_broken(const display::SoundTarget& target, opus::Encoder& encoder,
                                      const std::stop_token& stop);
    [[nodiscard]] bool moved_from(const display::SoundTarget& target) const;

    const OpenSound open_;
    const std::string label_;
    const opus::EncoderConfig format_;
    const bool send_silence_;
    const UniqueFd wake_;  // a new target, or the end
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::unique_ptr<SoundSink> sink_;
    display::SoundTarget target_;
    std::atomic<uint64_t> packets_{0};
    std::jthread thread_;
};

}  // namespace punktfunk::stream
