#include "timing_channel.hpp"

#include <sys/eventfd.h>

#include <cerrno>

namespace punktfunk::native {

Result<std::shared_ptr<TimingChannel>> TimingChannel::open(boost::asio::io_context& io,
                                                           std::function<void(const FrameTiming&)> deliver) {
    const int event_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event_fd < 0) return fail_errno(errno, "eventfd");
    std::shared_ptr<TimingChannel> channel(new TimingChannel(io, event_fd, std::move(deliver)));
    channel->wait();
    return channel;
}

void TimingChannel::push(const FrameTiming& timing) {
    {
        const std::lock_guard lock(mutex_);
        ring_[(first_ + count_) % kDepth] = timing;
        if (count_ < kDepth) {
            ++count_;
        } else {
            first_ = (first_ + 1) % kDepth;
        }
    }
    // The descriptor is open as long as the channel lives; close() only ends the waiting.
    (void)::eventfd_write(event_.native_handle(), 1);
}

void TimingChannel::close() {
    deliver_ = nullptr;
    boost::system::error_code ignored;
    event_.cancel(ignored);
}

void TimingChannel::wait() {
    event_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](boost::system::error_code cancelled) {
                          if (cancelled || !self->deliver_) return;
                          eventfd_t drained = 0;
                          (void)::eventfd_read(self->event_.native_handle(), &drained);
                          std::array<FrameTiming, kDepth> taken;
                          size_t count = 0;
                          {
                              const std::lock_guard lock(self->mutex_);
                              for (; count < self->count_; ++count)
                                  taken[count] = self->ring_[(self->first_ + count) % kDepth];
                              self->count_ = 0;
                          }
                          for (size_t i = 0; i < count && self->deliver_; ++i) self->deliver_(taken[i]);
                          if (self->deliver_) self->wait();
                      });
}

}  // namespace punktfunk::native
