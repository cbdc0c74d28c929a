#include "runtime_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

namespace punktfunk::app {

Result<UniqueFd> claim_runtime_directory(const std::filesystem::path& directory) {
    // Under it lie <directory>/desktop-XXXXXX/pipewire-0-manager and the like.
    constexpr size_t kLongestBelow = 40;
    if (directory.string().size() + kLongestBelow > sizeof(sockaddr_un::sun_path)) {
        return fail(ErrorCode::InvalidArgument, "--runtime-dir {}: too long for the paths of sockets",
                    directory.string());
    }
    std::error_code ec;
    const bool made = std::filesystem::create_directories(directory, ec);
    if (ec) return fail_errno(ec.value(), "creating " + directory.string());
    // The session's user, when it is another one, must reach its own directory below, and see nothing else here.
    const mode_t mode = ::geteuid() == 0 ? 0711 : 0700;
    if (made && ::chmod(directory.c_str(), mode) != 0) return fail_errno(errno, directory.string());
    // Whoever else could write here could put a configuration, and so a program, of his own into the desktops.
    struct stat status{};
    if (::stat(directory.c_str(), &status) != 0) return fail_errno(errno, directory.string());
    if (status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return fail(
            ErrorCode::PermissionDenied,
            "{} belongs to another user or can be written by others: remove it, or choose another --runtime-dir",
            directory.string());
    }
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
