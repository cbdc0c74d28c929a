#include "punktfunk/base/stop_signals.hpp"

#include <sys/signalfd.h>

#include <csignal>

namespace punktfunk {

UniqueFd stop_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGINT);
    ::sigaddset(&set, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace punktfunk
