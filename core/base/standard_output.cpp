#include "punktfunk/base/standard_output.hpp"

#include <cerrno>
#include <cstdio>

namespace punktfunk {

Result<void> flush_standard_output() {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
    return fail_errno(errno, "writing to standard output");
}

}  // namespace punktfunk
