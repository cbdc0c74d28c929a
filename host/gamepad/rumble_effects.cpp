#include "rumble_effects.hpp"

#include <algorithm>

namespace punktfunk::gamepad {

bool RumbleEffects::upload(size_t id, const Effect& effect, TimePoint now) {
    if (id >= kSlots) return false;
    auto& slot = slots_[id];
    if (!slot) slot.emplace();
    slot->effect = effect;
    if (slot->times > 0) begin(*slot, now);
    return true;
}

bool RumbleEffects::erase(size_t id) {
    if (id >= kSlots) return false;
    slots_[id].reset();
    return true;
}

void RumbleEffects::play(size_t id, uint32_t times, TimePoint now) {
    if (id >= kSlots || !slots_[id]) return;
    slots_[id]->times = times;
    if (times > 0) begin(*slots_[id], now);
}

void RumbleEffects::begin(Slot& slot, TimePoint now) {
    constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24);  // a game may ask for thousands of years
    slot.start = now + slot.effect.delay;
    slot.end = slot.effect.length.count() == 0
                   ? TimePoint::max()
                   : slot.start + std::min(slot.effect.length * int64_t{slot.times}, kLongest);
}

Rumble RumbleEffects::mix(TimePoint now) const {
    uint32_t strong = 0, weak = 0;
    for (const auto& slot : slots_) {
        if (!slot || slot->times == 0 || now < slot->start || now >= slot->end) continue;
        strong += slot->effect.strong;
        weak += slot->effect.weak;
    }
    const auto level = [&](uint32_t sum) {
        return static_cast<uint16_t>((uint32_t{std::min<uint32_t>(sum, 0xffff)} * gain_) >> 16);
    };
    return {level(strong), level(weak)};
}

std::optional<RumbleEffects::TimePoint> RumbleEffects::next_change(TimePoint now) const {
    std::optional<TimePoint> next;
    for (const auto& slot : slots_) {
        if (!slot || slot->times == 0) continue;
        const TimePoint change = now < slot->start ? slot->start : slot->end;
        if (change > now && change != TimePoint::max()) next = std::min(next.value_or(change), change);
    }
    return next;
}

}  // namespace punktfunk::gamepad
