#include "wayland_socket.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <filesystem>

#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::display {

pid_t listener_of(const std::string& path) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    if (path.size() >= sizeof address.sun_path) return 0;
    path.copy(address.sun_path, path.size());
    const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{.tv_sec = 5, .tv_usec = 0};  // of one that hangs the queue may be full
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    ucred peer{};
    socklen_t length = sizeof peer;
    if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 0;
    return ::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? peer.pid : 0;
}

Result<std::string> wayland_socket_of(const std::string& ipc_socket) {
    const pid_t compositor = listener_of(ipc_socket);
    const auto directory = std::filesystem::path(ipc_socket).parent_path();
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator(directory, ec)) {
        const std::string name = entry.path().filename();
        if (name.starts_with("wayland-") && !name.ends_with(".lock") && compositor != 0 &&
            listener_of(entry.path()) == compositor)
            return entry.path();
    }
    return fail(ErrorCode::NotAvailable, "no Wayland socket of the sway at {} in {}", ipc_socket, directory.string());
}

}  // namespace punktfunk::display
