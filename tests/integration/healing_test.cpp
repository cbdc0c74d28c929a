// What can break does, for real, while a client watches: the picture must come back, and this says after how long.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "host_fixture.hpp"
#include "punktfunk/client/pairing_client.hpp"
#include "viewer.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

int rebuilds(HostFixture& host) {
    const auto status = host.status();
    return status.at("sessions").empty() ? -1 : status["sessions"][0].at("rebuilds").get<int>();
}

// What is made anew begins with a keyframe; pictures follow it.
void expect_back(HostFixture& host, Viewer& viewer, const char* fault, milliseconds bound) {
    const auto took = viewer.keyframe(bound);
    ASSERT_TRUE(took) << fault << ": no picture within " << bound.count() << " ms\n" << host.process().err();
    EXPECT_TRUE(viewer.flows(20, 20s)) << host.process().err();
    EXPECT_GE(rebuilds(host), 1) << fault;
    EXPECT_TRUE(eventually(20s, [&] { return viewer.connection().pipeline_gaps().count >= 1; }));
    fmt::print("{}: the picture is back after {} ms (bound {})\n", fault, took->count(), bound.count());
}

}  // namespace

TEST(Healing, ACompositorThatIsKilledStartsAgain) {
    HostFixture host({"--open"});
    Viewer viewer({.port = host.port()});
    ASSERT_TRUE(viewer.flows(10, 20s));
    const auto before = host.compositors();
    ASSERT_EQ(before.size(), 1u);
    ::kill(before[0], SIGKILL);
    expect_back(host, viewer, "compositor killed", 20s);
    EXPECT_TRUE(eventually(20s, [&] { return host.compositors().size() == 1; }));
    EXPECT_NE(host.compositors(), before);
}

TEST(Healing, ACompositorThatHangsIsReplaced) {
    HostFixture host({"--open"});
    Viewer viewer({.port = host.port()});
    ASSERT_TRUE(viewer.flows(10, 20s));
    const auto before = host.compositors();
    ASSERT_EQ(before.size(), 1u);
    ::kill(before[0], SIGSTOP);
    expect_back(host, viewer, "compositor hangs", 30s);
    ::kill(before[0], SIGCONT);
    EXPECT_TRUE(eventually(20s, [&] { return host.compositors().size() == 1; }));
    EXPECT_NE(host.compositors(), before);
    EXPECT_TRUE(viewer.flows(10, 20s));
    EXPECT_EQ(rebuilds(host), 1);
}

TEST(Healing, AnOutputThatIsRemovedIsMadeAnew) {
    HostFixture host({"--open"});
    Viewer viewer({.port = host.port()});
    ASSERT_TRUE(viewer.flows(10, 20s));
    const std::string socket = *host.desktops().begin() + "/sway.sock";
    Process unplug(host.directory(), "swaymsg",
                   {"/usr/bin/env", "swaymsg", "-s", socket, "output", "HEADLESS-1", "unplug"});
    const auto code = unplug.wait(10s);
    if (code != 0) GTEST_SKIP() << "this sway cannot remove an output (1.8 and later can): " << unplug.err();
    expect_back(host, viewer, "output removed", 20s);
    EXPECT_TRUE(eventually(20s, [&] { return host.compositors().size() == 1; }));
}

TEST(Healing, AStillDesktopIsNotTakenForOneThatHangs) {
    HostFixture host({"--open", "--no-demo-desktop"});
    Viewer viewer({.port = host.port()});
    ASSERT_TRUE(viewer.picture(10s));
    (void)viewer.watch(7s, [](bool, const auto&) { return false; });
    EXPECT_EQ(rebuilds(host), 0);
    EXPECT_TRUE(viewer.picture(5s));  // the keep-alive
}

// A file system of its own for everything a host writes, small enough to be filled.
class SmallDisk {
  public:
    SmallDisk() : mounted_(::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, "size=8m,mode=0711") == 0) {
        if (mounted_) ::setenv("TMPDIR", directory_.path().c_str(), 1);
    }
    ~SmallDisk() {
        ::unsetenv("TMPDIR");
        if (mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
    }
    [[nodiscard]] bool mounted() const { return mounted_; }
    void fill() const {
        std::ofstream file(directory_.path() / "filler", std::ios::binary);
        const std::string block(4096, 'x');
        while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void empty() const { std::filesystem::remove(directory_.path() / "filler"); }

  private:
    TempDir directory_;
    bool mounted_;
};

TEST(Healing, AFullDiskIsSaidAndCostsNothingThatWasThere) {
    const SmallDisk disk;
    if (!disk.mounted()) GTEST_SKIP() << "needs to mount a file system (root)";
    HostFixture host;
    host.pair("first");
    const auto stream = [&](const char* seconds) {
        return host.client(
            {"connect", host.address(), "--mode", "640x360x30", "--codec", "h264", "--duration", seconds}, "first");
    };
    const auto running = stream("20");
    // A desktop that is still starting would give room back.
    ASSERT_TRUE(eventually(15s, [&] {
        const auto status = host.status();
        return !status.at("sessions").empty() && status["sessions"][0].at("frames_encoded").get<int>() > 30;
    })) << running->err();

    const std::string pin = host.arm_pairing();
    disk.fill();
    const auto second = *crypto::generate_identity(crypto::IdentityKind::Client);
    Result<crypto::Fingerprint> paired = fail(ErrorCode::Timeout, "not tried");
    ASSERT_TRUE(eventually(10s, [&] {  // a ceremony may begin two seconds after the last one
        paired = client::pair("127.0.0.1", host.port(), second, pin, "second", 10s);
        return paired || paired.error().message.find("two seconds") == std::string::npos;
    }));
    ASSERT_FALSE(paired);
    EXPECT_EQ(paired.error().code, ErrorCode::Rejected);
    EXPECT_NE(paired.error().message.find("No space left"), std::string::npos) << paired.error().message;

    disk.empty();  // the client, too, has something to write when it ends
    EXPECT_EQ(running->wait(60s), 0) << "client: " << running->err() << running->out() << host.process().err();
    EXPECT_EQ(host.status().at("paired").size(), 1u) << "the second was told that it is not";
    EXPECT_EQ(stream("1")->wait(30s), 0) << host.process().err();
}

TEST(Healing, ADesktopThatFindsNoRoomIsRefusedInWords) {
    const SmallDisk disk;
    if (!disk.mounted()) GTEST_SKIP() << "needs to mount a file system (root)";
    HostFixture host({"--open"});
    disk.fill();
    try {
        Viewer viewer({.port = host.port()});
        ADD_FAILURE() << "a desktop on a full disk";
    } catch (const std::runtime_error& refused) {
        EXPECT_NE(std::string(refused.what()).find("No space left"), std::string::npos) << refused.what();
    }
    disk.empty();
    Viewer viewer({.port = host.port()});
    EXPECT_TRUE(viewer.flows(10, 20s));
}

TEST(Healing, ARecordingOnAFullDiskDoesNotEndTheStream) {
    HostFixture host({"--open"});
    const auto client = host.client({"connect", host.address(), "--tofu", "--mode", "640x360x30", "--codec", "h264",
                                     "--duration", "4", "--record", "/dev/full", "--json"});
    EXPECT_EQ(client->wait(30s), 1);
    EXPECT_NE(client->err().find("/dev/full: No space left"), std::string::npos) << client->err();
    const auto report = nlohmann::json::parse(client->out());
    EXPECT_GT(report.at("duration_s").get<double>(), 3.5);
    EXPECT_EQ(report.at("frames_received"), report.at("frames_decoded"));
}

}  // namespace punktfunk::test
