// What the programs say to wrong input: one line that names it, and the right exit code.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "host_fixture.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

namespace {

struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    std::string named;  // must appear in the message
};

void check(const std::string& program, const Case& wanted) {
    TempDir directory;
    std::vector<std::string> arguments{program};
    arguments.insert(arguments.end(), wanted.arguments.begin(), wanted.arguments.end());
    Process process(directory.path(), "cli", arguments);
    EXPECT_EQ(process.wait(20s), wanted.exit_code) << wanted.named << ": " << process.err();
    const std::string message = process.err();
    EXPECT_NE(message.find(wanted.named), std::string::npos) << message;
    EXPECT_EQ(std::ranges::count(message, '\n'), 1) << message;
}

}  // namespace

TEST(CommandLine, HostNamesWhatIsWrong) {
    check(PUNKTFUNK_HOST, {{"serve", "--no-such-flag"}, 2, "--no-such-flag"});
    check(PUNKTFUNK_HOST, {{"serve", "--port", "70000"}, 2, "--port"});
    check(PUNKTFUNK_HOST, {{"serve", "--port-base", "70000"}, 2, "--port-base"});
    check(PUNKTFUNK_HOST, {{"pin"}, 2, "pin"});
    check(PUNKTFUNK_HOST, {{"serve", "--fec-percent", "91"}, 2, "--fec-percent"});
    check(PUNKTFUNK_HOST, {{"serve", "--encoder", "magic"}, 2, "--encoder"});
    check(PUNKTFUNK_HOST, {{"serve", "--max-concurrent", "-1"}, 2, "--max-concurrent"});
    TempDir directory;
    const auto below = [&](const char* name) { return (directory.path() / name).string(); };
    check(PUNKTFUNK_HOST, {{"serve", "--bind", "nowhere", "--config-dir", below("config")}, 2, "--bind"});
    check(PUNKTFUNK_HOST,
          {{"serve", "--config-dir", below("config"), "--runtime-dir", below(std::string(100, 'x').c_str())},
           2,
           "--runtime-dir"});
    std::filesystem::create_directory(below("open"));
    std::filesystem::permissions(below("open"), std::filesystem::perms::all);
    check(PUNKTFUNK_HOST,
          {{"serve", "--config-dir", below("config"), "--runtime-dir", below("open")}, 1, "written by others"});
    check(PUNKTFUNK_HOST, {{"serve", "--keyboard-layout", "qwertz", "--config-dir", below("config")}, 2, "qwertz"});
    check(PUNKTFUNK_HOST, {{"approve"}, 2, "id"});
    check(PUNKTFUNK_HOST, {{"deny", "tv"}, 2, "id"});
    check(PUNKTFUNK_HOST, {{}, 2, "subcommand"});
    check(PUNKTFUNK_HOST, {{"pair", "--control-socket", "/nonexistent/control.sock"}, 1, "/nonexistent/control.sock"});
}

TEST(CommandLine, ClientNamesWhatIsWrong) {
    check(PUNKTFUNK_CLIENT, {{"connect", "127.0.0.1", "--no-such-flag"}, 2, "--no-such-flag"});
    check(PUNKTFUNK_CLIENT, {{"connect", "127.0.0.1", "--mode", "wide"}, 2, "--mode"});
    check(PUNKTFUNK_CLIENT, {{"connect", "127.0.0.1", "--mode", "1280x720x0"}, 2, "--mode"});
    check(PUNKTFUNK_CLIENT, {{"connect", "127.0.0.1", "--codec", "vp9"}, 2, "--codec"});
    check(PUNKTFUNK_CLIENT, {{"pair", "127.0.0.1", "--pin", "12x4"}, 2, "--pin"});
}

TEST(CommandLine, ToolsNameWhatIsWrong) {
    const auto impair = [](std::vector<std::string> more) {
        std::vector<std::string> arguments{"--listen", "127.0.0.2:9", "--to", "127.0.0.1:9"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    };
    check(PUNKTFUNK_IMPAIR, {{"--to", "127.0.0.1:9"}, 2, "--listen"});
    check(PUNKTFUNK_IMPAIR, {{"--listen", "9777", "--to", "127.0.0.1:9"}, 2, "--listen"});
    check(PUNKTFUNK_IMPAIR, {impair({"--loss", "101"}), 2, "--loss"});
    check(PUNKTFUNK_IMPAIR, {impair({"--down-rate", "fast"}), 2, "--down-rate"});
    check(PUNKTFUNK_IMPAIR, {impair({"--also", "5-4"}), 2, "--also"});
    check(PUNKTFUNK_IMPAIR, {impair({"--loss", "90", "--burst", "2"}), 2, "burst 2"});
    check(PUNKTFUNK_IMPAIR, {impair({"--no-such-flag"}), 2, "--no-such-flag"});
    check(LOSS_HARNESS, {{"--loss", "many"}, 2, "--loss"});
    check(LOSS_HARNESS, {{"--fec", "1.5"}, 2, "--fec"});
    check(LOSS_HARNESS, {{"--code", "gf8", "--block", "250"}, 2, "--block"});
    check(LOSS_HARNESS, {{"--frames", "1", "--code", "gf16", "--csv", "/proc/nonexistent/x"}, 1, "/proc/nonexistent"});
}

TEST(CommandLine, AConfigurationDirectoryThatCannotBeWritten) {
    TempDir directory;
    std::ofstream(directory.path() / "file") << "in the way";
    Process host(directory.path(), "host",
                 {PUNKTFUNK_HOST, "serve", "--port", "0", "--config-dir", directory.path() / "file" / "config",
                  "--runtime-dir", directory.path() / "run"});
    EXPECT_EQ(host.wait(20s), 1) << host.err();
    EXPECT_NE(host.err().find((directory.path() / "file").string()), std::string::npos) << host.err();
}

TEST(CommandLine, APortInUse) {
    HostFixture host;
    TempDir directory;
    Process second(directory.path(), "second",
                   {PUNKTFUNK_HOST, "serve", "--embedded", "--no-mdns", "--bind", "127.0.0.1", "--port",
                    std::to_string(host.port()), "--config-dir", directory.path() / "config", "--runtime-dir",
                    directory.path() / "run"});
    EXPECT_EQ(second.wait(20s), 1) << second.err();
    EXPECT_NE(second.err().find(std::to_string(host.port())), std::string::npos) << second.err();
}

TEST(CommandLine, ARuntimeDirectoryInUse) {
    HostFixture host;
    TempDir directory;
    Process second(directory.path(), "second",
                   {PUNKTFUNK_HOST, "serve", "--embedded", "--no-mdns", "--bind", "127.0.0.1", "--port", "0",
                    "--config-dir", directory.path() / "config", "--runtime-dir", host.directory() / "run",
                    "--control-socket", directory.path() / "other.sock"});
    EXPECT_EQ(second.wait(20s), 1) << second.err();
    EXPECT_NE(second.err().find("--runtime-dir"), std::string::npos) << second.err();
    EXPECT_EQ(host.status().at("sessions").size(), 0u) << "the first host lives on";
}

}  // namespace punktfunk::test
