#include "sway_ipc.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

namespace punktfunk::display {

namespace {

constexpr std::string_view kMagic = "i3-ipc";
constexpr size_t kHeaderBytes = 14;
constexpr uint32_t kMaxAnswer = 16 << 20;
constexpr uint32_t kRunCommand = 0, kSubscribe = 2, kGetOutputs = 3, kGetVersion = 7;
constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};

Result<void> read_exactly(int fd, char* out, size_t length) {
    while (length > 0) {
        const ssize_t n = ::recv(fd, out, length, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(errno == EAGAIN ? ETIMEDOUT : errno, "sway's control socket");
        if (n == 0) return fail(ErrorCode::Closed, "sway has closed its control socket");
        out += n;
        length -= static_cast<size_t>(n);
    }
    return {};
}

const nlohmann::json& member(const nlohmann::json& object, const char* key) {
    static const nlohmann::json kNothing;
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() ? *found : kNothing;
}

int number(const nlohmann::json& object, const char* key) {
    const auto& value = member(object, key);
    if (!value.is_number_integer()) return 0;
    return static_cast<int>(std::clamp<int64_t>(value.get<int64_t>(), INT_MIN, INT_MAX));
}

std::string text(const nlohmann::json& object, const char* key) {
    const auto& value = member(object, key);
    return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace

Result<SwayIpc> SwayIpc::connect(const std::string& socket_path) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    if (socket_path.size() >= sizeof address.sun_path)
        return fail(ErrorCode::InvalidArgument, "{}: longer than a socket's path may be", socket_path);
    socket_path.copy(address.sun_path, socket_path.size());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno(errno, "socket");
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno(errno, socket_path);
    return SwayIpc(std::move(fd));
}

Result<nlohmann::json> SwayIpc::request(uint32_t type, const std::string& payload) {
    std::string message(kHeaderBytes, '\0');
    const auto length = static_cast<uint32_t>(payload.size());
    kMagic.copy(message.data(), kMagic.size());
    std::memcpy(message.data() + 6, &length, sizeof length);
    std::memcpy(message.data() + 10, &type, sizeof type);
    message += payload;
    if (::send(fd_.get(), message.data(), message.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(message.size()))
        return fail_errno(errno, "sway's control socket");
    return read_message();
}

Result<nlohmann::json> SwayIpc::read_message() {
    std::array<char, kHeaderBytes> header{};
    if (auto read = read_exactly(fd_.get(), header.data(), header.size()); !read) return std::unexpected(read.error());
    uint32_t answer_length = 0;
    std::memcpy(&answer_length, header.data() + 6, sizeof answer_length);
    if (std::string_view(header.data(), kMagic.size()) != kMagic || answer_length > kMaxAnswer)
        return fail(ErrorCode::ProtocolViolation, "sway's answer is not i3-ipc");
    std::string answer(answer_length, '\0');
    if (auto read = read_exactly(fd_.get(), answer.data(), answer.size()); !read) return std::unexpected(read.error());
    auto parsed = nlohmann::json::parse(answer, nullptr, false);
    if (parsed.is_discarded()) return fail(ErrorCode::ProtocolViolation, "sway's answer is not JSON");
    return parsed;
}

Result<void> SwayIpc::command(const std::string& line) {
    auto answer = request(kRunCommand, line);
    if (!answer) return std::unexpected(answer.error());
    for (const auto& part : *answer) {
        const auto& success = member(part, "success");
        if (success.is_boolean() && success.get<bool>()) continue;
        const std::string reason = text(part, "error");
        return fail(ErrorCode::Unsupported, "sway: {}: {}", line, reason.empty() ? "refused" : reason);
    }
    return {};
}

Result<void> SwayIpc::subscribe_to_windows() {
    const auto answer = request(kSubscribe, R"(["window"])");
    if (!answer) return std::unexpected(answer.error());
    const auto& success = member(*answer, "success");
    if (!success.is_boolean() || !success.get<bool>()) return fail(ErrorCode::Unsupported, "sway tells of no windows");
    return {};
}

Result<SwayWindow> SwayIpc::next_new_window() {
    const auto event = read_message();
    if (!event) return std::unexpected(event.error());
    if (text(*event, "change") != "new") return SwayWindow{};
    const auto& container = member(*event, "container");
    return SwayWindow{.container = number(container, "id"), .pid = number(container, "pid")};
}

Result<std::vector<SwayOutput>> SwayIpc::outputs() {
    const auto answer = request(kGetOutputs, "");
    if (!answer) return std::unexpected(answer.error());
    if (!answer->is_array()) return fail(ErrorCode::ProtocolViolation, "sway's outputs are no list");
    std::vector<SwayOutput> outputs;
    for (const auto& output : *answer) {
        const auto &rect = member(output, "rect"), &mode = member(output, "current_mode");
        outputs.push_back({.name = text(output, "name"),
                           .x = number(rect, "x"),
                           .y = number(rect, "y"),
                           .width = number(rect, "width"),
                           .height = number(rect, "height"),
                           .mode_width = static_cast<uint32_t>(std::max(number(mode, "width"), 0)),
                           .mode_height = static_cast<uint32_t>(std::max(number(mode, "height"), 0))});
    }
    return outputs;
}

Result<SwayVersion> SwayIpc::version() {
    const auto answer = request(kGetVersion, "");
    if (!answer) return std::unexpected(answer.error());
    return SwayVersion{number(*answer, "major"), number(*answer, "minor")};
}

}  // namespace punktfunk::display
