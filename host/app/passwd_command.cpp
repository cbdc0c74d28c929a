#include "passwd_command.hpp"

#include <termios.h>
#include <unistd.h>

#include <string>

#include "punktfunk/management/password.hpp"

namespace punktfunk::app {

namespace {

// What is typed is not shown while this exists.
class NoEcho {
  public:
    NoEcho() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        on_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    ~NoEcho() {
        if (on_) (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

  private:
    termios before_{};
    bool on_ = false;
};

Result<std::string> read_line() {
    std::string line;
    for (char c = 0; line.size() <= management::kMaxPassword;) {
        const ssize_t n = ::read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(errno, "reading the password");
        if (n == 0 || c == '\n') break;
        line += c;
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

Result<std::string> ask(const char* question) {
    const NoEcho quiet;
    fmt::print(stderr, "{}: ", question);
    auto line = read_line();
    fmt::print(stderr, "\n");
    return line;
}

Result<std::string> ask_twice() {
    auto first = ask("New password for the console");
    if (!first) return first;
    if (auto good = management::check_new_password(*first); !good) return std::unexpected(good.error());
    auto again = ask("Once more");
    if (again && *again != *first)
        return fail(ErrorCode::InvalidArgument, "the two are not the same: nothing was changed");
    return again;
}

}  // namespace

Result<void> set_password(const std::filesystem::path& config_dir) {
    const auto password = ::isatty(STDIN_FILENO) == 1 ? ask_twice() : read_line();
    if (!password) return std::unexpected(password.error());
    if (auto good = management::check_new_password(*password); !good) return good;
    const auto hash = management::hash_password(*password);
    if (!hash) return std::unexpected(hash.error());
    return management::PasswordFile(config_dir).store(*hash);
}

}  // namespace punktfunk::app
