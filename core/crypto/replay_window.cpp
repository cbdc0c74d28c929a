#include "punktfunk/crypto/replay_window.hpp"

#include <algorithm>

namespace punktfunk::crypto {

ReplayWindow::ReplayWindow() : bits_(kWidth / 64) {}

bool ReplayWindow::accept(uint64_t sequence) {
    if (!any_ || sequence > highest_) {
        // Slots between the old highest and the new one belong to numbers never seen.
        const uint64_t advance = any_ ? sequence - highest_ : kWidth;
        if (advance >= kWidth) {
            std::ranges::fill(bits_, 0);
        } else {
            for (uint64_t skipped = highest_ + 1; skipped < sequence; ++skipped) {
                bits_[skipped % kWidth / 64] &= ~(uint64_t{1} << (skipped % 64));
            }
        }
        any_ = true;
        highest_ = sequence;
        bits_[sequence % kWidth / 64] |= uint64_t{1} << (sequence % 64);
        return true;
    }
    if (highest_ - sequence >= kWidth) return false;
    uint64_t& word = bits_[sequence % kWidth / 64];
    const uint64_t bit = uint64_t{1} << (sequence % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
    return true;
}

}  // namespace punktfunk::crypto
