// Datagrams on their way: kept with their bytes until they are due, and handed out in the order of their times (of the
// same time: as they came). Buffers are used again. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/clock.hpp"

namespace punktfunk::impair {

class DepartureQueue {
  public:
    struct Item {
        SteadyClock::time_point when;
        uint64_t order = 0;
        uint64_t destination = 0;  // the caller's
        Bytes bytes;
    };

    // What an item counts beside its bytes.
    static constexpr size_t kItemBytes = sizeof(Item);

    explicit DepartureQueue(size_t limit_bytes) : limit_(limit_bytes) {}

    // False when that would be more than the limit.
    bool hold(SteadyClock::time_point when, uint64_t destination, ByteView bytes);
    [[nodiscard]] std::optional<SteadyClock::time_point> next() const;
    // The next item that is due, or nullptr. Valid, and the caller's to write to, until the next call.
    Item* take(SteadyClock::time_point now);

  private:
    size_t limit_, held_ = 0;
    uint64_t order_ = 0;
    std::vector<Item> heap_;
    std::vector<Bytes> spare_;
    Item taken_;
};

}  // namespace punktfunk::impair
