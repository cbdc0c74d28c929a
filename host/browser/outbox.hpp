// What goes to a page: made on the session's threads, written on the control thread, one message at a time. Words go
// first, then sound, then pictures.
//
// A picture's sender waits until the kernel has all of it. So nothing piles up here: a path that is too narrow holds
// the encoder up, and the page never sees a picture that is older than one in the making.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "play_messages.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/http/web_socket.hpp"
#include "punktfunk/stream/video_sink.hpp"

namespace punktfunk::browser {

class Outbox : public std::enable_shared_from_this<Outbox> {
  public:
    static Result<std::shared_ptr<Outbox>> create(boost::asio::io_context& io, std::shared_ptr<http::WebSocket> socket);

    // Send thread. Answers when the kernel has it; Closed when the connection has ended, or wake_fd is readable.
    Result<uint64_t> send_frame(const stream::EncodedFrame& frame, int wake_fd);
    // Sound thread. Never waits: what finds no room is lost.
    void send_sound(ByteView opus, uint64_t pts_ns);

    // Control thread.
    void say(std::string text);
    // Says the last words, if any, and goodbye; whoever waits in send_frame() is told.
    void close(uint16_t code, std::string last_words);
    // Nobody hears us any more.
    void abandon();

    // How long send_frame() has waited since the last call, the wait that is not over yet included, and how many
    // pictures were sent. Any thread.
    struct Load {
        std::chrono::nanoseconds waited{};
        uint32_t frames = 0;
    };
    Load take_load();

  private:
    static constexpr size_t kSounds = 16, kMaxOpus = 1500, kMaxWords = 32;
    struct Sound {
        std::array<uint8_t, kMediaHeaderBytes> header;
        std::array<uint8_t, kMaxOpus> bytes;
        size_t size = 0;
    };
    enum class Slot : uint8_t { Free, Full, Writing };

    Outbox(boost::asio::io_context& io, std::shared_ptr<http::WebSocket> socket, int ready_fd, int taken_fd);
    void await_work();
    Result<void> await_taken(int wake_fd);
    void count_wait();
    void pump();
    bool pump_words();
    bool pump_sound();
    bool pump_frame();
    void wrote();
    void stop();

    const std::shared_ptr<http::WebSocket> socket_;
    boost::asio::posix::stream_descriptor ready_;  // an eventfd: there is something to write
    const UniqueFd taken_;                         // an eventfd: the frame's slot is free again, or all is over

    std::mutex mutex_;
    Slot slot_ = Slot::Free;
    std::array<uint8_t, kMediaHeaderBytes> frame_header_{};
    Bytes frame_;
    std::array<Sound, kSounds> sounds_;
    size_t first_sound_ = 0, sound_count_ = 0;
    Load load_;
    std::optional<SteadyClock::time_point> waiting_since_;  // what of it is not counted yet
    bool over_ = false;

    // Control thread only.
    std::deque<std::string> words_;
    std::string word_;  // being written
    Sound sound_;       // being written
    bool writing_ = false, closing_ = false;
    uint16_t close_code_ = 0;
};

}  // namespace punktfunk::browser
