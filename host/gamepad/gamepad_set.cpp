#include "punktfunk/gamepad/gamepad_set.hpp"

#include <poll.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>

#include <algorithm>

namespace punktfunk::gamepad {

using namespace std::chrono_literals;

namespace {

constexpr auto kRefresh = 500ms;
constexpr size_t kBound = 1024;  // of the queue, for what can be left out; four times that for everything

// "punktfunk/<session>/<index>", of characters that udev rules and shells take as they are.
std::string phys_of(std::string_view session, uint8_t pad) {
    std::string name(session.substr(0, 32));
    std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '.'; }, '_');
    return fmt::format("punktfunk/{}/{}", name, pad);
}

}  // namespace

GamepadSet::GamepadSet(std::string session, FeedbackHandler feedback)
    : session_(std::move(session)), feedback_(std::move(feedback)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

GamepadSet::~GamepadSet() {
    thread_.request_stop();
    (void)::eventfd_write(wake_.get(), 1);
}

void GamepadSet::push(uint8_t pad, const Change& change) {
    if (pad >= kMaxPads) return;
    {
        const std::lock_guard lock(mutex_);
        if (!thread_.joinable()) {
            if (!std::holds_alternative<Plug>(change)) return;
            thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
            pthread_setname_np(thread_.native_handle(), "pf-pads");
        }
        if (queue_.size() >= kBound) {
            const auto* touch = std::get_if<Touch>(&change);
            if (std::holds_alternative<Motion>(change) || (touch != nullptr && touch->active)) return;
            const auto last =
                std::ranges::find(queue_.rbegin(), queue_.rend(), pad, [](const Addressed& item) { return item.pad; });
            if (last != queue_.rend() && std::holds_alternative<State>(last->change) &&
                std::holds_alternative<State>(change)) {
                last->change = change;
                return;
            }
            if (queue_.size() >= 4 * kBound) return;
        }
        queue_.push_back({pad, change});
    }
    (void)::eventfd_write(wake_.get(), 1);
}

void GamepadSet::run(const std::stop_token& stop) {
    std::vector<Addressed> taken;
    while (!stop.stop_requested()) {
        {
            const std::lock_guard lock(mutex_);
            std::swap(taken, queue_);
        }
        // Making and removing devices takes its time: what is left when the session ends is not worth it.
        for (size_t i = 0; i < taken.size() && !stop.stop_requested(); ++i) carry_out(taken[i]);
        taken.clear();
        service(SteadyClock::now());
        wait(stop);
    }
    for (Slot& slot : slots_) slot.device.reset();
}

void GamepadSet::wait(const std::stop_token& stop) {
    std::array<pollfd, kMaxPads + 1> fds{};
    std::optional<TimePoint> wake_up;
    size_t count = 0;
    fds[count++] = {.fd = wake_.get(), .events = POLLIN, .revents = 0};
    for (const Slot& slot : slots_) {
        if (!slot.device) continue;
        fds[count++] = {.fd = slot.device->fd(), .events = POLLIN, .revents = 0};
        if (const auto due = slot.device->due()) wake_up = std::min(wake_up.value_or(*due), *due);
        if (slot.rumble) wake_up = std::min(wake_up.value_or(slot.next_refresh), slot.next_refresh);
    }
    timespec timeout{};
    if (wake_up) {
        const auto left = std::max(std::chrono::nanoseconds(0),
                                   std::chrono::duration_cast<std::chrono::nanoseconds>(*wake_up - SteadyClock::now()));
        timeout = {.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000),
                   .tv_nsec = static_cast<long>(left.count() % 1'000'000'000)};
    }
    if (stop.stop_requested()) return;
    (void)::ppoll(fds.data(), count, wake_up ? &timeout : nullptr, nullptr);
    eventfd_t drained = 0;
    (void)::eventfd_read(wake_.get(), &drained);
}

void GamepadSet::carry_out(const Addressed& item) {
    const auto& [pad, change] = item;
    if (const auto* wanted = std::get_if<Plug>(&change)) return plug(pad, wanted->kind);
    if (std::holds_alternative<Unplug>(change)) return unplug(pad);
    Gamepad* device = slots_[pad].device.get();
    if (device == nullptr) return;
    if (const auto* state = std::get_if<State>(&change)) check(pad, device->apply(*state));
    if (const auto* touch = std::get_if<Touch>(&change)) check(pad, device->touch(*touch));
    if (const auto* motion = std::get_if<Motion>(&change)) check(pad, device->move(*motion));
}

void GamepadSet::plug(uint8_t pad, Kind kind) {
    Slot& slot = slots_[pad];
    if (slot.device && slot.kind == kind) return;
    unplug(pad);
    auto made = make_gamepad(kind, phys_of(session_, pad));
    if (!made) return complain(made.error().message);
    slot.device = std::move(*made);
    slot.kind = kind;
    spdlog::info("{}: game controller {} is there ({})", session_, pad, to_string(kind));
}

void GamepadSet::unplug(uint8_t pad) {
    Slot& slot = slots_[pad];
    if (!slot.device) return;
    if (slot.rumble && *slot.rumble != Rumble{}) tell(pad, Rumble{});
    slot = {};
    spdlog::info("{}: game controller {} is gone", session_, pad);
}

void GamepadSet::service(TimePoint now) {
    for (uint8_t pad = 0; pad < kMaxPads; ++pad) {
        Slot& slot = slots_[pad];
        if (!slot.device) continue;
        check(pad, slot.device->service(now, [&](const Feedback& feedback) { tell(pad, feedback); }));
        if (slot.rumble && now >= slot.next_refresh) tell(pad, Rumble(*slot.rumble));
    }
}

void GamepadSet::tell(uint8_t pad, const Feedback& feedback) {
    if (const auto* rumble = std::get_if<Rumble>(&feedback)) {
        slots_[pad].rumble = *rumble;
        slots_[pad].next_refresh = SteadyClock::now() + kRefresh;
    }
    feedback_(pad, feedback);
}

void GamepadSet::check(uint8_t pad, const Result<void>& outcome) {
    if (outcome) return;
    complain(outcome.error().message);
    unplug(pad);
}

void GamepadSet::complain(std::string_view what) {
    if (std::exchange(complained_, true)) {
        spdlog::debug("{}: game controllers: {}", session_, what);
    } else {
        spdlog::warn("{}: no game controller for this session: {}", session_, what);
    }
}

}  // namespace punktfunk::gamepad
