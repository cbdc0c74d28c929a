#include "outbox.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace punktfunk::browser {

namespace asio = boost::asio;

Result<std::shared_ptr<Outbox>> Outbox::create(asio::io_context& io, std::shared_ptr<http::WebSocket> socket) {
    UniqueFd ready(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), taken(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!ready || !taken) return fail_errno(errno, "eventfd");
    std::shared_ptr<Outbox> outbox(new Outbox(io, std::move(socket), ready.release(), taken.release()));
    outbox->await_work();
    return outbox;
}

Outbox::Outbox(asio::io_context& io, std::shared_ptr<http::WebSocket> socket, int ready_fd, int taken_fd)
    : socket_(std::move(socket)), ready_(io, ready_fd), taken_(taken_fd) {}

Result<uint64_t> Outbox::send_frame(const stream::EncodedFrame& frame, int wake_fd) {
    {
        const std::lock_guard lock(mutex_);
        if (over_) return fail(ErrorCode::Closed, "the page has gone");
        waiting_since_ = SteadyClock::now();
        frame_header_ = media_header(MediaKind::Video, frame.keyframe, frame.pts_ns);
        frame_.assign(frame.data.begin(), frame.data.end());
        slot_ = Slot::Full;
    }
    (void)::eventfd_write(ready_.native_handle(), 1);
    const auto taken = await_taken(wake_fd);
    const std::lock_guard lock(mutex_);
    count_wait();
    waiting_since_.reset();
    if (!taken) return std::unexpected(taken.error());
    if (over_ || slot_ != Slot::Free) return fail(ErrorCode::Closed, "the page has gone");
    ++load_.frames;
    return realtime_ns();
}

Result<void> Outbox::await_taken(int wake_fd) {
    std::array<pollfd, 2> watched{{{taken_.get(), POLLIN, 0}, {wake_fd, POLLIN, 0}}};
    while (::poll(watched.data(), watched.size(), -1) < 0) {
        if (errno != EINTR) return fail_errno(errno, "waiting for the page");
    }
    eventfd_t drained = 0;
    (void)::eventfd_read(taken_.get(), &drained);
    return {};
}

// With the lock held.
void Outbox::count_wait() {
    if (!waiting_since_) return;
    const auto now = SteadyClock::now();
    load_.waited += now - std::exchange(*waiting_since_, now);
}

void Outbox::send_sound(ByteView opus, uint64_t pts_ns) {
    {
        const std::lock_guard lock(mutex_);
        if (over_ || sound_count_ == kSounds || opus.size() > kMaxOpus) return;
        Sound& sound = sounds_[(first_sound_ + sound_count_++) % kSounds];
        sound.header = media_header(MediaKind::Sound, false, pts_ns);
        std::ranges::copy(opus, sound.bytes.begin());
        sound.size = opus.size();
    }
    (void)::eventfd_write(ready_.native_handle(), 1);
}

Outbox::Load Outbox::take_load() {
    const std::lock_guard lock(mutex_);
    count_wait();  // else a path that takes nothing at all would look like one without a wait
    return std::exchange(load_, {});
}

void Outbox::say(std::string text) {
    // A page that does not read its mail is cut off by the socket's own patience.
    if (closing_ || words_.size() >= kMaxWords) return;
    words_.push_back(std::move(text));
    pump();
}

void Outbox::close(uint16_t code, std::string last_words) {
    if (closing_) return;
    if (!last_words.empty()) words_.push_back(std::move(last_words));
    closing_ = true;
    close_code_ = code;
    stop();
    pump();
}

void Outbox::abandon() {
    closing_ = true;
    words_.clear();
    stop();
}

void Outbox::stop() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    (void)::eventfd_write(taken_.get(), 1);
    boost::system::error_code ignored;
    ready_.cancel(ignored);
}

void Outbox::await_work() {
    ready_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](boost::system::error_code cancelled) {
                          if (cancelled || self->closing_) return;
                          eventfd_t drained = 0;
                          (void)::eventfd_read(self->ready_.native_handle(), &drained);
                          self->pump();
                          self->await_work();
                      });
}

void Outbox::pump() {
    if (writing_) return;
    if (pump_words()) return;
    if (closing_) {
        if (close_code_ != 0) socket_->close(std::exchange(close_code_, 0), "");
        return;
    }
    if (!pump_sound()) (void)pump_frame();
}

bool Outbox::pump_words() {
    if (words_.empty()) return false;
    word_ = std::move(words_.front());
    words_.pop_front();
    writing_ = true;
    socket_->write(true, {asio::buffer(word_), asio::const_buffer()}, [self = shared_from_this()] { self->wrote(); });
    return true;
}

bool Outbox::pump_sound() {
    {
        const std::lock_guard lock(mutex_);
        if (sound_count_ == 0) return false;
        sound_ = sounds_[first_sound_];
        first_sound_ = (first_sound_ + 1) % kSounds;
        --sound_count_;
    }
    writing_ = true;
    socket_->write(false, {asio::buffer(sound_.header), asio::buffer(sound_.bytes.data(), sound_.size)},
                   [self = shared_from_this()] { self->wrote(); });
    return true;
}

bool Outbox::pump_frame() {
    {
        const std::lock_guard lock(mutex_);
        if (slot_ != Slot::Full) return false;
        slot_ = Slot::Writing;  // until it is Free the buffer is the control thread's
    }
    writing_ = true;
    socket_->write(false, {asio::buffer(frame_header_), asio::buffer(frame_)}, [self = shared_from_this()] {
        {
            const std::lock_guard lock(self->mutex_);
            self->slot_ = Slot::Free;
        }
        (void)::eventfd_write(self->taken_.get(), 1);
        self->wrote();
    });
    return true;
}

void Outbox::wrote() {
    writing_ = false;
    pump();
}

}  // namespace punktfunk::browser
