// Which Wayland socket belongs to the compositor behind a control socket.
#pragma once

#include <sys/types.h>

#include <string>

#include "punktfunk/base/error.hpp"

namespace punktfunk::display {

// The process that listens at a Unix socket; 0 when nobody does.
pid_t listener_of(const std::string& path);

// The wayland-* socket beside `ipc_socket` that the same process listens on.
Result<std::string> wayland_socket_of(const std::string& ipc_socket);

}  // namespace punktfunk::display
