#include "punktfunk/impair/departure_queue.hpp"

#include <algorithm>
#include <utility>

namespace punktfunk::impair {

namespace {

constexpr size_t kMaxSpare = 4096;

bool leaves_later(const DepartureQueue::Item& a, const DepartureQueue::Item& b) {
    return std::pair(a.when, a.order) > std::pair(b.when, b.order);
}

}  // namespace

bool DepartureQueue::hold(SteadyClock::time_point when, uint64_t destination, ByteView bytes) {
    const size_t cost = bytes.size() + kItemBytes;
    if (cost > limit_ - held_) return false;
    Bytes copy;
    if (!spare_.empty()) {
        copy = std::move(spare_.back());
        spare_.pop_back();
    }
    copy.assign(bytes.begin(), bytes.end());
    held_ += cost;
    heap_.push_back({when, order_++, destination, std::move(copy)});
    std::ranges::push_heap(heap_, leaves_later);
    return true;
}

std::optional<SteadyClock::time_point> DepartureQueue::next() const {
    return heap_.empty() ? std::nullopt : std::optional(heap_.front().when);
}

DepartureQueue::Item* DepartureQueue::take(SteadyClock::time_point now) {
    if (heap_.empty() || heap_.front().when > now) return nullptr;
    if (taken_.bytes.capacity() > 0 && spare_.size() < kMaxSpare) spare_.push_back(std::move(taken_.bytes));
    std::ranges::pop_heap(heap_, leaves_later);
    taken_ = std::move(heap_.back());
    heap_.pop_back();
    held_ -= taken_.bytes.size() + kItemBytes;
    return &taken_;
}

}  // namespace punktfunk::impair
