// A client's microphone on its way into the session: decoded and played on a thread of its own (spec §5.2). The source
// appears with the first packet, and goes when the client may not be heard any more.
#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::stream {

class MicStream {
  public:
    MicStream(OpenMicrophone open, std::string label);
    ~MicStream();
    MicStream(const MicStream&) = delete;

    // Any thread; neither blocks.
    void play_into(const display::SoundTarget& target);  // again when the display was made anew
    void fall_silent();        // what waits to be played is lost, and the source goes until there is a next packet
    void push(ByteView opus);  // bounded: past it, and when there is no sound to play into, packets are lost

  private:
    static constexpr size_t kDepth = 32, kMaxPacket = 1500;
    struct Packet {
        std::array<uint8_t, kMaxPacket> bytes;
        size_t size = 0;
    };

    void run(const std::stop_token& stop);
    Result<void> play_until_broken(const display::SoundTarget& target, const std::stop_token& stop);
    bool pop(Packet& packet);
    [[nodiscard]] bool is_over(const display::SoundTarget& target) const;

    const OpenMicrophone open_;
    const std::string label_;
    const UniqueFd wake_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    display::SoundTarget target_;
    std::array<Packet, kDepth> packets_;
    size_t first_ = 0, count_ = 0;
    bool silenced_ = false;
    std::jthread thread_;
};

}  // namespace punktfunk::stream
