#include <fcntl.h>

#include <cerrno>

#include "devices.hpp"

namespace punktfunk::gamepad {

Result<UniqueFd> open_kernel_device(const char* path, const char* module) {
    UniqueFd fd(::open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (fd) return fd;
    const int why = errno;
    if (why == ENOENT || why == ENODEV || why == ENXIO) {
        return fail(ErrorCode::NotAvailable,
                    "{} is not there: load the kernel module {} (modprobe {}); some containers have none", path, module,
                    module);
    }
    if (why == EACCES || why == EPERM) {
        return fail(ErrorCode::PermissionDenied,
                    "no permission for {}: install packaging/udev/60-punktfunk.rules into /etc/udev/rules.d, then "
                    "udevadm control --reload && udevadm trigger {}",
                    path, path);
    }
    return fail_errno(why, path);
}

}  // namespace punktfunk::gamepad
