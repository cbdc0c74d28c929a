// Frame timings on their way from a session's send thread to the control thread, without an allocation on the former.
#pragma once

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <mutex>

#include "native_video_sink.hpp"

namespace punktfunk::native {

class TimingChannel : public std::enable_shared_from_this<TimingChannel> {
  public:
    // `deliver` runs on the control thread, until close().
    static Result<std::shared_ptr<TimingChannel>> open(boost::asio::io_context& io,
                                                       std::function<void(const FrameTiming&)> deliver);
    // Send thread. When the control thread is far behind, the oldest timing is lost; frames are not.
    void push(const FrameTiming& timing);
    // Control thread.
    void close();

  private:
    TimingChannel(boost::asio::io_context& io, int event_fd, std::function<void(const FrameTiming&)> deliver)
        : event_(io, event_fd), deliver_(std::move(deliver)) {}
    void wait();

    static constexpr size_t kDepth = 64;
    boost::asio::posix::stream_descriptor event_;
    std::function<void(const FrameTiming&)> deliver_;
    std::mutex mutex_;
    std::array<FrameTiming, kDepth> ring_;
    size_t first_ = 0, count_ = 0;
};

}  // namespace punktfunk::native
