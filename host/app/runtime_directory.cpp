#include "runtime_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace punktfunk::app {

Result<UniqueFd> claim_runtime_directory(const std::filesystem::path& directory) {
    std::error_code ec;
    const bool made = std::filesystem::create_directories(directory, ec);
    if (ec) return fail_errno(ec.value(), "creating " + directory.string());
    // The session's user, when it is another one, must reach its own directory below, and see nothing else here.
    const mode_t mode = ::geteuid() == 0 ? 0711 : 0700;
    if (made && ::chmod(directory.c_str(), mode) != 0) return fail_errno(errno, directory.string());
    const auto file = directory / "lock";
    UniqueFd lock(::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    if (!lock) return fail_errno(errno, file.string());
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(ErrorCode::Exhausted, "another host uses {}: stop it, or give this one its own --runtime-dir",
                    directory.string());
    }
    return lock;
}

}  // namespace punktfunk::app
