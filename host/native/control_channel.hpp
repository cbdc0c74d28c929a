// Small values on their way from one of a session's threads to the control thread, without an allocation on the former.
#pragma once

#include <sys/eventfd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <functional>
#include <memory>
#include <mutex>

#include "punktfunk/base/error.hpp"

namespace punktfunk::native {

template <typename T, size_t Depth>
class ControlChannel : public std::enable_shared_from_this<ControlChannel<T, Depth>> {
  public:
    // `deliver` runs on the control thread, until close().
    static Result<std::shared_ptr<ControlChannel>> open(boost::asio::io_context& io,
                                                        std::function<void(const T&)> deliver) {
        const int event_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (event_fd < 0) return fail_errno(errno, "eventfd");
        std::shared_ptr<ControlChannel> channel(new ControlChannel(io, event_fd, std::move(deliver)));
        channel->wait();
        return channel;
    }

    // The session's thread: `fill` writes the next value in place. When the control thread is far behind, the oldest
    // value is lost.
    template <typename Fill>
    void push(Fill&& fill) {
        {
            const std::lock_guard lock(mutex_);
            fill(ring_[(first_ + count_) % Depth]);
            if (count_ < Depth) {
                ++count_;
            } else {
                first_ = (first_ + 1) % Depth;
            }
        }
        // The descriptor is open as long as the channel lives; close() only ends the waiting.
        (void)::eventfd_write(event_.native_handle(), 1);
    }

    // Control thread.
    void close() {
        deliver_ = nullptr;
        boost::system::error_code ignored;
        event_.cancel(ignored);
    }

  private:
    ControlChannel(boost::asio::io_context& io, int event_fd, std::function<void(const T&)> deliver)
        : event_(io, event_fd), deliver_(std::move(deliver)) {}

    void wait() {
        event_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [self = this->shared_from_this()](boost::system::error_code cancelled) {
                              if (cancelled || !self->deliver_) return;
                              eventfd_t drained = 0;
                              (void)::eventfd_read(self->event_.native_handle(), &drained);
                              T taken;
                              while (self->deliver_ && self->pop(taken)) self->deliver_(taken);
                              if (self->deliver_) self->wait();
                          });
    }

    bool pop(T& taken) {
        const std::lock_guard lock(mutex_);
        if (count_ == 0) return false;
        taken = ring_[first_];
        first_ = (first_ + 1) % Depth;
        --count_;
        return true;
    }

    boost::asio::posix::stream_descriptor event_;
    std::function<void(const T&)> deliver_;
    std::mutex mutex_;
    std::array<T, Depth> ring_{};
    size_t first_ = 0, count_ = 0;
};

}  // namespace punktfunk::native
