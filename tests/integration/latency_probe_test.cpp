// latency-probe against a real host: clicks reach the surface, and its answers are read from decoded pictures.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host_fixture.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

TEST(LatencyProbe, EveryClickIsAnsweredAndTheStagesAddUp) {
    const TempDir directory;
    const auto surface = directory.path() / "surface";  // the build may lie where the session user cannot look
    std::filesystem::copy_file(PUNKTFUNK_SURFACE, surface);
    HostFixture host({"--open", "--no-demo-desktop", "--startup", surface});
    Process probe(host.directory(), "probe",
                  {PUNKTFUNK_PROBE, host.address(), "--tofu", "--config-dir", host.directory() / "client", "--clicks",
                   "20", "--json"});
    ASSERT_EQ(probe.wait(60s), 0) << probe.err() << host.process().err();
    const auto report = nlohmann::json::parse(probe.out());
    EXPECT_EQ(report["clicks"], 20);
    EXPECT_EQ(report["unanswered"], 0);
    const auto& stages = report["stages"];
    EXPECT_EQ(stages["click_to_pixel"]["samples"], 20);
    for (const char* stage :
         {"surface_to_painted", "painted_to_presented", "presented_to_sent", "reassembled_to_decoded"})
        EXPECT_GT(stages[stage]["p50_us"].get<int64_t>(), 0) << stage << report.dump(1);
    EXPECT_GT(stages["click_to_pixel"]["p50_us"].get<int64_t>(), stages["presented_to_sent"]["p50_us"].get<int64_t>());
    EXPECT_GT(report["clock"]["error_bound_ns"].get<int64_t>(), 0);
}

TEST(LatencyProbe, WrongUseIsToldInOneLine) {
    const TempDir directory;
    for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
             {}, {"127.0.0.1:1", "--mode", "wide"}, {"127.0.0.1:1", "--clicks", "0"}, {"127.0.0.1:0"}}) {
        std::vector<std::string> arguments{PUNKTFUNK_PROBE, "--config-dir", directory.path() / "client"};
        arguments.insert(arguments.end(), wrong.begin(), wrong.end());
        Process probe(directory.path(), "probe", arguments);
        EXPECT_EQ(probe.wait(10s), 2) << probe.err();
        EXPECT_EQ(std::ranges::count(probe.err(), '\n'), 1) << probe.err();
    }
}

}  // namespace punktfunk::test
