#include "control_socket.hpp"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/http/acceptor.hpp"

namespace punktfunk::app {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;

namespace {

constexpr size_t kMaxLine = 65536;
constexpr std::chrono::seconds kPatience{5};

bool same_user_or_root(int fd) {
    ucred peer{};
    socklen_t length = sizeof peer;
    return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && (peer.uid == ::geteuid() || peer.uid == 0);
}

// One request, one answer, gone.
class Exchange : public std::enable_shared_from_this<Exchange> {
  public:
    Exchange(Protocol::socket socket, const CommandHandler& handler)
        : socket_(std::move(socket)), timer_(socket_.get_executor()), buffer_(kMaxLine), handler_(handler) {}

    void run() {
        timer_.expires_after(kPatience);
        timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
            if (!cancelled) self->socket_.close();
        });
        asio::async_read_until(
            socket_, buffer_, '\n', [self = shared_from_this()](boost::system::error_code ec, size_t length) {
                if (ec) return self->finish();
                const std::string line(asio::buffers_begin(self->buffer_.data()),
                                       asio::buffers_begin(self->buffer_.data()) + static_cast<ptrdiff_t>(length));
                const auto request = nlohmann::json::parse(line, nullptr, false);
                const auto answer = request.is_object() ? self->handler_(request)
                                                        : nlohmann::json{{"ok", false}, {"error", "not a JSON object"}};
                self->answer_ = answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
                asio::async_write(self->socket_, asio::buffer(self->answer_),
                                  [self](boost::system::error_code, size_t) { self->finish(); });
            });
    }

  private:
    void finish() {
        timer_.cancel();
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    Protocol::socket socket_;
    asio::steady_timer timer_;
    asio::streambuf buffer_;
    std::string answer_;
    CommandHandler handler_;
};

class Listener final : public ControlSocket {
  public:
    Listener(asio::io_context& io, std::filesystem::path path, CommandHandler handler)
        : path_(std::move(path)),
          handler_(std::move(handler)),
          acceptor_(io, "control socket", [this](auto socket) { take(std::move(socket)); }) {}
    ~Listener() override { ::unlink(path_.c_str()); }

    Result<void> open() {
        auto& socket = acceptor_.socket();
        boost::system::error_code ec;
        socket.open(Protocol(), ec);
        const mode_t before = ::umask(0177);
        if (!ec) socket.bind(Protocol::endpoint(path_.string()), ec);
        ::umask(before);
        if (!ec) socket.listen(16, ec);
        if (ec) return fail(ErrorCode::Io, "control socket {}: {}", path_.string(), ec.message());
        acceptor_.start();
        return {};
    }

  private:
    void take(Protocol::socket socket) {
        if (same_user_or_root(socket.native_handle())) std::make_shared<Exchange>(std::move(socket), handler_)->run();
    }
    std::filesystem::path path_;
    CommandHandler handler_;
    http::Acceptor<Protocol> acceptor_;
};

Result<UniqueFd> dial(const std::filesystem::path& path) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const std::string text = path.string();
    if (text.size() >= sizeof address.sun_path)
        return fail(ErrorCode::InvalidArgument, "{}: longer than a socket's path may be", text);
    text.copy(address.sun_path, text.size());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno(errno, "socket");
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno == ENOENT || errno == ECONNREFUSED) {
            return fail(ErrorCode::NotAvailable,
                        "no host is listening at {}: start `punktfunk-host serve` first (or name its --control-socket)",
                        text);
        }
        return fail_errno(errno, text);
    }
    return fd;
}

}  // namespace

Result<std::unique_ptr<ControlSocket>> ControlSocket::listen(asio::io_context& io, const std::filesystem::path& path,
                                                             CommandHandler handler) {
    if (path.string().size() >= sizeof(sockaddr_un::sun_path))
        return fail(ErrorCode::InvalidArgument, "--control-socket {}: longer than a socket's path may be",
                    path.string());
    std::error_code ec;
    std::filesystem::create_directories(path.parent_path(), ec);
    if (ec) return fail_errno(ec.value(), "creating " + path.parent_path().string());
    if (auto running = dial(path)) return fail(ErrorCode::Exhausted, "a host is already running at {}", path.string());
    if (std::filesystem::is_socket(path, ec)) ::unlink(path.c_str());
    auto listener = std::make_unique<Listener>(io, path, std::move(handler));
    if (auto opened = listener->open(); !opened) return std::unexpected(opened.error());
    return listener;
}

Result<nlohmann::json> ask_host(const std::filesystem::path& path, const nlohmann::json& request) {
    auto fd = dial(path);
    if (!fd) return std::unexpected(fd.error());
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    (void)::setsockopt(fd->get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const std::string line = request.dump() + "\n";
    if (::send(fd->get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        return fail_errno(errno, "asking the host");
    std::string answer;
    char buffer[4096];
    while (answer.find('\n') == std::string::npos && answer.size() < kMaxLine) {
        const ssize_t n = ::recv(fd->get(), buffer, sizeof buffer, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(errno == EAGAIN ? ETIMEDOUT : errno, "waiting for the host's answer");
        if (n == 0) break;
        answer.append(buffer, static_cast<size_t>(n));
    }
    auto parsed = nlohmann::json::parse(answer, nullptr, false);
    if (!parsed.is_object()) return fail(ErrorCode::ProtocolViolation, "the host's answer is not understood");
    return parsed;
}

}  // namespace punktfunk::app
