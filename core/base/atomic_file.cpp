#include "punktfunk/base/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk {

namespace {
Result<void> write_all(int fd, std::string_view content, const std::string& name) {
    while (!content.empty()) {
        const ssize_t n = ::write(fd, content.data(), content.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(errno, "writing " + name);
        content.remove_prefix(static_cast<size_t>(n));
    }
    return {};
}
}  // namespace

Result<void> write_file_atomic(const std::filesystem::path& named, std::string_view content) {
    std::error_code ec;
    // A link goes on pointing to where the text is; a device would be gone.
    const auto path = std::filesystem::is_symlink(named, ec) ? std::filesystem::weakly_canonical(named, ec) : named;
    if (std::filesystem::exists(path, ec) && !std::filesystem::is_regular_file(path, ec))
        return fail(ErrorCode::Io, "{} is no ordinary file", path.string());
    const auto parent = path.parent_path();
    if (!parent.empty() && !std::filesystem::exists(parent, ec)) {
        std::filesystem::create_directories(parent, ec);
        if (ec) return fail_errno(ec.value(), "creating " + parent.string());
        ::chmod(parent.c_str(), 0700);
    }
    std::string temporary = path.string() + ".XXXXXX";
    UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) return fail_errno(errno, "creating a file beside " + path.string());
    Result<void> result = write_all(fd.get(), content, path.string());
    if (result && ::fsync(fd.get()) != 0) result = fail_errno(errno, "writing " + path.string());
    if (result && ::rename(temporary.c_str(), path.c_str()) != 0)
        result = fail_errno(errno, "replacing " + path.string());
    if (!result) ::unlink(temporary.c_str());
    return result;
}

Result<std::string> read_file(const std::filesystem::path& path, size_t limit) {
    // Not to wait for the other end of a pipe.
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) {
        if (errno == ENOENT) return fail(ErrorCode::NotAvailable, "{} does not exist", path.string());
        return fail_errno(errno, "opening " + path.string());
    }
    struct stat facts{};
    if (::fstat(fd.get(), &facts) != 0) return fail_errno(errno, "reading " + path.string());
    if (!S_ISREG(facts.st_mode)) return fail(ErrorCode::Io, "{} is not a file", path.string());
    std::string content;
    char buffer[16384];
    for (;;) {
        const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(errno, "reading " + path.string());
        if (n == 0) return content;
        content.append(buffer, static_cast<size_t>(n));
        if (content.size() > limit) {
            return fail(ErrorCode::InvalidArgument, "{} is larger than {} bytes", path.string(), limit);
        }
    }
}

}  // namespace punktfunk
