// The table that the preloaded counter fills and the benchmark reads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>

namespace punktfunk::bench {

struct AllocationTable {
    struct Entry {
        std::atomic<uint32_t> taken;
        bool sound;
        char library[60];
        std::atomic<uint64_t> calls;
    };
    std::array<Entry, 64> entries;

    void count(bool sound, const char* library) {
        for (Entry& entry : entries) {
            uint32_t free = 0;
            if (entry.taken.compare_exchange_strong(free, 1)) {
                entry.sound = sound;
                std::strncpy(entry.library, library, sizeof entry.library - 1);
                entry.taken = 2;
            }
            while (entry.taken == 1) {
            }
            if (entry.sound == sound && std::strncmp(entry.library, library, sizeof entry.library - 1) == 0) {
                ++entry.calls;
                return;
            }
        }
    }
};

}  // namespace punktfunk::bench
