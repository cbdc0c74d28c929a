// The finished library from outside: what it exports, how C lays the structures out, whether C and Python programs can
// use it, and whether an installed copy is found.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/testing/fake_host.hpp"

namespace punktfunk::abi {

namespace {

struct Outcome {
    int status = -1;
    std::string output;
};

Outcome run(const std::string& command) {
    Outcome outcome;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return outcome;
    char part[4096];
    while (const size_t length = std::fread(part, 1, sizeof part, pipe)) outcome.output.append(part, length);
    const int status = ::pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

std::set<std::string> lines_of(std::istream& in) {
    std::set<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        if (!line.empty() && line[0] != '#') lines.insert(line);
    }
    return lines;
}

std::string missing_from(const std::set<std::string>& these, const std::set<std::string>& those) {
    std::string text;
    for (const auto& line : these) {
        if (!those.contains(line)) text += "  " + line + "\n";
    }
    return text;
}

}  // namespace

TEST(Surface, IsWhatTheListSays) {
    const auto symbols = run(ABI_NM " -D --defined-only -f posix '" ABI_LIBRARY "'");
    ASSERT_EQ(symbols.status, 0) << symbols.output;
    const auto layout = run("'" ABI_PROBE "'");
    ASSERT_EQ(layout.status, 0) << layout.output;
    std::istringstream layout_lines(layout.output);
    auto found = lines_of(layout_lines);
    std::istringstream symbol_lines(symbols.output);
    for (const auto& line : lines_of(symbol_lines)) found.insert("symbol " + line.substr(0, line.find(' ')));

    std::ifstream list(ABI_LIST);
    const auto listed = lines_of(list);
    EXPECT_EQ(missing_from(listed, found) + missing_from(found, listed), "")
        << "The ABI is not what " ABI_LIST " says.\nListed, but not in the library:\n"
        << missing_from(listed, found) << "In the library, but not listed:\n"
        << missing_from(found, listed)
        << "A program built against an earlier release would break on what changed or went; what came needs a line.";
}

TEST(Surface, ACProgramMovesFramesThroughIt) {
    const auto outcome = run("'" ABI_HARNESS "'");
    EXPECT_EQ(outcome.status, 0) << outcome.output;
}

TEST(Surface, ACProgramIsAClientOfAHost) {
    testing::FakeHost host;
    const Bytes opus{'o', 'p', 'u', 's'};
    host.play({.greeting = {wire::encode(wire::AudioPacket{7, 99, opus}), wire::encode(wire::Rumble{0, 0x4000, 0x8000}),
                            wire::encode(wire::HidOutput(wire::Lightbar{0, 10, 20, 30}))}});
    const auto outcome =
        run("'" ABI_HARNESS "' " + std::to_string(host.port()) + " " + to_hex(testing::host_identity().fingerprint));
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_TRUE(host.wait_until([](const auto& said) {
        return said.datagrams.size() == 3 && said.keyframe_requests == 1 && said.hello->launch == "game";
    }));
}

TEST(Surface, APythonProgramMovesFramesThroughIt) {
    if (ABI_SANITIZED) GTEST_SKIP() << "a sanitized library needs a sanitized program";
    const auto outcome = run(ABI_PYTHON " '" ABI_LIBRARY "' '" ABI_LIST "'");
    EXPECT_EQ(outcome.status, 0) << outcome.output;
}

TEST(Surface, AnInstalledCopyIsFoundByPkgConfigAndCMake) {
    if (ABI_SANITIZED) GTEST_SKIP() << "a sanitized library needs a sanitized program";
    const auto outcome = run(ABI_INSTALL);
    EXPECT_EQ(outcome.status, 0) << outcome.output;
}

}  // namespace punktfunk::abi
