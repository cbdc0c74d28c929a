// Processor time of another process.
#pragma once

#include <fmt/core.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace punktfunk::bench {

// User and system, of all its threads so far.
inline double cpu_seconds(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string word;
    double ticks = 0;
    for (int i = 1; file >> word && i <= 15; ++i) {
        if (i >= 14) ticks += std::stod(word);
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace punktfunk::bench
