// A client that plays a controller, against a real host. What the kernel makes of it is tests/guest's; here is what a
// machine without /dev/uinput or /dev/uhid, such as a container, does with it.
#include <gtest/gtest.h>
#include <unistd.h>

#include "host_fixture.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

TEST(Gamepad, WithoutKernelDevicesTheSessionGoesOn) {
    for (const auto& [kind, device] : {std::pair{"xbox360", "/dev/uinput"}, {"dualsense", "/dev/uhid"}}) {
        HostFixture host;
        host.pair();
        const auto client = host.client({"connect", host.address(), "--mode", "640x360x30", "--codec", "h264",
                                         "--duration", "3", "--gamepad", kind, "--gamepad-test"});
        ASSERT_EQ(client->wait(60s), 0) << client->err() << host.process().err();
        EXPECT_NE(client->out().find(std::string("controller: ") + kind), std::string::npos) << client->out();
        const std::string log = host.process().err();
        const std::string warning = "no game controller for this session: ";
        const size_t first = log.find(warning);
        if (::access(device, R_OK | W_OK) == 0) {
            EXPECT_EQ(first, std::string::npos) << log;
        } else {
            ASSERT_NE(first, std::string::npos) << log;
            EXPECT_NE(log.find(device, first), std::string::npos) << log;
            EXPECT_EQ(log.find(warning, first + 1), std::string::npos) << "once a session: " << log;
        }
    }
}

}  // namespace punktfunk::test
