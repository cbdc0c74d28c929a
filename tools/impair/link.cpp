#include "punktfunk/impair/link.hpp"

#include <algorithm>

namespace punktfunk::impair {

namespace {

// Generators of one seed that have nothing to do with each other.
Random generator(uint64_t seed, uint64_t purpose) {
    return Random(Random(seed).next() ^ Random(purpose).next());
}

bool is_share(double value) {
    return value >= 0 && value <= 1;
}

}  // namespace

Result<void> LinkSettings::validate() const {
    constexpr std::chrono::nanoseconds kLongest = std::chrono::minutes(1);
    if (!is_share(loss)) return fail(ErrorCode::InvalidArgument, "loss {} is not a share of 0 to 1", loss);
    if (!LossChain::possible(loss, burst)) {
        return fail(ErrorCode::InvalidArgument,
                    "burst {}: a mean run of losses is at least 1, with a loss of {} {:.1f}", burst, loss,
                    std::max(1.0, loss / (1 - loss)));
    }
    if (!is_share(reorder)) return fail(ErrorCode::InvalidArgument, "reorder {} is not a share of 0 to 1", reorder);
    if (!is_share(duplicate))
        return fail(ErrorCode::InvalidArgument, "duplicate {} is not a share of 0 to 1", duplicate);
    for (const auto& [name, value] :
         {std::pair{"delay", delay}, {"jitter", jitter}, {"reorder_delay", reorder_delay}}) {
        if (value < value.zero() || value > kLongest)
            return fail(ErrorCode::InvalidArgument, "{} is not a time of 0 to 60 s", name);
    }
    return {};
}

Link::Link(const LinkSettings& settings, uint64_t seed)
    : settings_(settings),
      chain_(LossChain::of(settings.loss, settings.burst)),
      loss_random_(generator(seed, 1)),
      duplicate_random_(generator(seed, 2)),
      reorder_random_(generator(seed, 3)),
      jitter_random_(generator(seed, 4)),
      bad_(loss_random_.chance(settings.loss)) {}

Departures Link::push(size_t bytes, TimePoint now) {
    ++stats_.offered;
    stats_.offered_bytes += bytes;
    Departures departures;
    if (!pass_bottleneck(bytes + kHeaderBytes, now)) {
        ++stats_.queue_dropped;
        return departures;
    }
    if (lose()) {
        ++stats_.lost;
        return departures;
    }
    departures.add(travel(now));
    if (duplicate_random_.chance(settings_.duplicate)) {
        ++stats_.duplicated;
        departures.add(travel(now));
    }
    return departures;
}

// Moves `now` to when the datagram's last bit is through. False when the queue is full.
bool Link::pass_bottleneck(size_t bytes, TimePoint& now) {
    if (settings_.rate_bps == 0) return true;
    while (!queue_.empty() && queue_.front().sent <= now) {
        queued_bytes_ -= queue_.front().bytes;
        queue_.pop_front();
    }
    const bool full = (settings_.queue_packets > 0 && queue_.size() >= settings_.queue_packets) ||
                      (settings_.queue_bytes > 0 && queued_bytes_ + bytes > settings_.queue_bytes);
    if (full) return false;
    const auto sending = std::chrono::nanoseconds(bytes * 8 * 1'000'000'000 / settings_.rate_bps);
    now = (queue_.empty() ? now : queue_.back().sent) + sending;
    queue_.push_back({now, bytes});
    queued_bytes_ += bytes;
    return true;
}

bool Link::lose() {
    const bool lost = bad_;
    bad_ = loss_random_.chance(bad_ ? 1 - chain_.bad_to_good : chain_.good_to_bad);
    return lost;
}

TimePoint Link::travel(TimePoint from) {
    const auto jitter = static_cast<double>(settings_.jitter.count()) * jitter_random_.unit();
    from += settings_.delay + std::chrono::nanoseconds(static_cast<int64_t>(jitter));
    if (reorder_random_.chance(settings_.reorder)) {
        ++stats_.held_back;
        from += settings_.reorder_delay;
    }
    return from;
}

}  // namespace punktfunk::impair
