#include "mic_stream.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>

#include <algorithm>

namespace punktfunk::stream {

using namespace std::chrono_literals;

namespace {

constexpr auto kRetryPause = 2s;
constexpr auto kMicLookAround = 10s;  // nothing depends on it: whatever matters wakes the wait

}  // namespace

MicStream::MicStream(OpenMicrophone open, std::string label)
    : open_(std::move(open)), label_(std::move(label)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    pthread_setname_np(thread_.native_handle(), "pf-mic");
}

MicStream::~MicStream() {
    thread_.request_stop();
    (void)::eventfd_write(wake_.get(), 1);
}

void MicStream::play_into(const display::SoundTarget& target) {
    const std::lock_guard lock(mutex_);
    if (target == target_) return;
    target_ = target;
    changed_.notify_all();
    (void)::eventfd_write(wake_.get(), 1);
}

void MicStream::fall_silent() {
    const std::lock_guard lock(mutex_);
    count_ = 0;
    silenced_ = true;
    (void)::eventfd_write(wake_.get(), 1);
}

void MicStream::push(ByteView opus) {
    if (opus.empty() || opus.size() > kMaxPacket) return;
    const std::lock_guard lock(mutex_);
    if (count_ == kDepth) return;
    Packet& slot = packets_[(first_ + count_++) % kDepth];
    std::ranges::copy(opus, slot.bytes.begin());
    slot.size = opus.size();
    changed_.notify_all();
    (void)::eventfd_write(wake_.get(), 1);
}

bool MicStream::pop(Packet& packet) {
    const std::lock_guard lock(mutex_);
    if (count_ == 0) return false;
    packet = packets_[first_];
    first_ = (first_ + 1) % kDepth;
    --count_;
    return true;
}

bool MicStream::is_over(const display::SoundTarget& target) const {
    const std::lock_guard lock(mutex_);
    return silenced_ || target_ != target;
}

void MicStream::run(const std::stop_token& stop) {
    std::string last_complaint;
    while (!stop.stop_requested()) {
        display::SoundTarget target;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [&] { return count_ > 0 && !target_.pipewire_socket.empty(); })) return;
            target = target_;
            silenced_ = false;
        }
        const auto broken = play_until_broken(target, stop);
        if (broken || stop.stop_requested()) continue;
        if (std::exchange(last_complaint, broken.error().message) != broken.error().message)
            spdlog::warn("{}: microphone: {}; trying again", label_, broken.error().message);
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, kRetryPause, [&] { return target_ != target; });
        count_ = 0;  // what was said meanwhile is past
    }
}

// Without an error: stopped, silenced, or another target.
Result<void> MicStream::play_until_broken(const display::SoundTarget& target, const std::stop_token& stop) {
    auto microphone = open_(target);
    if (!microphone) return std::unexpected(microphone.error());
    spdlog::info("{}: microphone on", label_);
    Packet packet;
    while (!stop.stop_requested() && !is_over(target)) {
        while (pop(packet)) {
            if (auto played = (*microphone)->play(ByteView(packet.bytes).first(packet.size)); !played)
                spdlog::debug("{}: microphone: {}", label_, played.error().message);
        }
        if (auto served = (*microphone)->wait(kMicLookAround, wake_.get()); !served)
            return std::unexpected(served.error());
        eventfd_t drained = 0;
        (void)::eventfd_read(wake_.get(), &drained);
    }
    return {};
}

}  // namespace punktfunk::stream
