#include "pipewire_connection.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::audio {

namespace {

constexpr std::chrono::milliseconds kAskAgain{100};

Result<UniqueFd> dial(const std::string& socket) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    if (socket.size() >= sizeof address.sun_path)
        return fail(ErrorCode::InvalidArgument, "{}: longer than a socket's path may be", socket);
    socket.copy(address.sun_path, socket.size());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno(errno, "socket");
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno == ENOENT)
            return fail(ErrorCode::NotAvailable, "no PipeWire at {}: is it running in that session?", socket);
        return fail_errno(errno, socket);
    }
    return fd;
}

}  // namespace

Result<std::unique_ptr<PipeWireConnection>> PipeWireConnection::open(const std::string& socket,
                                                                     std::chrono::milliseconds patience) {
    std::unique_ptr<PipeWireConnection> made(new PipeWireConnection);
    if (auto started = made->start(socket, patience); !started) return std::unexpected(started.error());
    return made;
}

Result<void> PipeWireConnection::start(const std::string& socket, std::chrono::milliseconds patience) {
    ::pw_init(nullptr, nullptr);
    auto fd = dial(socket);
    if (!fd) return std::unexpected(fd.error());
    loop_ = ::pw_loop_new(nullptr);
    if (loop_ == nullptr) return fail_errno(errno, "PipeWire's loop");
    context_ = ::pw_context_new(loop_, nullptr, 0);
    if (context_ == nullptr) return fail_errno(errno, "PipeWire's context");
    core_ = ::pw_context_connect_fd(context_, fd->release(), nullptr, 0);
    if (core_ == nullptr) return fail_errno(errno, "connecting to " + socket);

    static constexpr pw_core_events kEvents{
        .version = PW_VERSION_CORE_EVENTS,
        .done = [](void* self, uint32_t, int) { static_cast<PipeWireConnection*>(self)->answered_ = true; },
        .error =
            [](void* self, uint32_t id, int, int result, const char* message) {
                if (id == PW_ID_CORE)
                    static_cast<PipeWireConnection*>(self)->fail_with(
                        {result == -EPIPE ? ErrorCode::Closed : ErrorCode::Io, fmt::format("PipeWire: {}", message)});
            }};
    pw_core_add_listener(core_, &listener_, &kEvents, this);
    // A daemon that is just starting lets a client in some time after it has read its first messages, and may look at
    // what it had not worked off only when more of it comes.
    const auto deadline = SteadyClock::now() + patience;
    while (!answered_) {
        if (SteadyClock::now() >= deadline) return fail(ErrorCode::Timeout, "PipeWire at {} does not answer", socket);
        pw_core_sync(core_, PW_ID_CORE, 0);
        if (auto waited = wait(kAskAgain, -1, -1); !waited) return waited;
    }
    return {};
}

PipeWireConnection::~PipeWireConnection() {
    if (core_ != nullptr) ::pw_core_disconnect(core_);
    if (context_ != nullptr) ::pw_context_destroy(context_);
    if (loop_ != nullptr) ::pw_loop_destroy(loop_);
    ::pw_deinit();
}

void PipeWireConnection::fail_with(Error error) {
    if (!error_) error_ = std::move(error);
}

void PipeWireConnection::iterate() {
    pw_loop_enter(loop_);
    while (pw_loop_iterate(loop_, 0) > 0) {
    }
    pw_loop_leave(loop_);
}

Result<void> PipeWireConnection::wait(std::chrono::milliseconds timeout, int one_fd, int other_fd) {
    iterate();
    if (error_) return std::unexpected(*error_);
    std::array<pollfd, 3> waiting{{{pw_loop_get_fd(loop_), POLLIN, 0}, {one_fd, POLLIN, 0}, {other_fd, POLLIN, 0}}};
    (void)::poll(waiting.data(), waiting.size(), static_cast<int>(timeout.count()));
    if (waiting[0].revents != 0) iterate();
    if (error_) return std::unexpected(*error_);
    return {};
}

}  // namespace punktfunk::audio
