// Clients and hosts are killed again and again; nothing of them may stay.
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "host_fixture.hpp"
#include "viewer.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr int kClientRounds = 100, kHostRounds = 10;

size_t entries(const std::filesystem::path& directory) {
    std::error_code gone;
    size_t count = 0;
    for (auto at = std::filesystem::directory_iterator(directory, gone); at != std::filesystem::directory_iterator();
         ++at)
        ++count;
    return count;
}

struct Footprint {
    size_t threads = 0, descriptors = 0, files = 0, desktops = 0;
    bool operator==(const Footprint&) const = default;
};

Footprint footprint(HostFixture& host) {
    const auto proc = std::filesystem::path("/proc") / std::to_string(host.process().pid());
    return {entries(proc / "task"), entries(proc / "fd"), entries(host.directory() / "run"), host.desktops().size()};
}

std::ostream& operator<<(std::ostream& out, const Footprint& f) {
    return out << f.threads << " threads, " << f.descriptors << " descriptors, " << f.files << " files, " << f.desktops
               << " desktops";
}

bool streams(HostFixture& host) {
    const auto sessions = host.status().at("sessions");
    return sessions.size() == 1 && sessions[0].at("frames_encoded").get<int>() > 0;
}

std::unique_ptr<Process> start_client(HostFixture& host) {
    return host.client(
        {"connect", host.address(), "--tofu", "--mode", "320x180x30", "--codec", "h264", "--duration", "60"});
}

milliseconds per_round(SteadyClock::time_point start, int rounds) {
    return std::chrono::duration_cast<milliseconds>((SteadyClock::now() - start) / rounds);
}

}  // namespace

TEST(Leak, KilledClientsLeaveNothing) {
    HostFixture host({"--open"});
    {
        Viewer first({.port = host.port()});
        ASSERT_TRUE(first.picture(20s));
    }  // what is made once
    ASSERT_TRUE(eventually(20s, [&] { return host.desktops().empty(); }));
    Footprint before;
    // The lock and the control socket are what stays; a session that is on its way out still has its own.
    ASSERT_TRUE(eventually(20s, [&] {
        const Footprint now = footprint(host);
        return now.files <= 2 && host.status().at("sessions").empty() && std::exchange(before, now) == now;
    }));
    const auto start = SteadyClock::now();
    for (int round = 0; round < kClientRounds; ++round) {
        const auto client = start_client(host);
        ASSERT_TRUE(eventually(30s, [&] { return streams(host); })) << round << client->err() << host.process().err();
        client->signal(SIGKILL);
    }
    fmt::print("a client comes, streams and is killed in {} ms\n", per_round(start, kClientRounds).count());
    EXPECT_TRUE(eventually(30s, [&] { return host.desktops().empty() && host.status().at("sessions").empty(); }));
    Footprint after;
    EXPECT_TRUE(eventually(20s, [&] { return (after = footprint(host)) == before; }))
        << "before: " << before << "\nafter:  " << after << "\n"
        << host.process().err();
}

TEST(Leak, KilledHostsLeaveNothing) {
    HostFixture host({"--open"});
    const auto start = SteadyClock::now();
    for (int round = 0; round < kHostRounds; ++round) {
        const auto client = start_client(host);
        ASSERT_TRUE(eventually(30s, [&] { return streams(host); })) << round << client->err() << host.process().err();
        host.process().signal(SIGKILL);
        ASSERT_TRUE(host.process().wait(10s));
        EXPECT_TRUE(eventually(10s, [&] { return host.desktops().empty(); }));
        host.start();
    }
    fmt::print("a host starts, streams and is killed in {} ms\n", per_round(start, kHostRounds).count());
    // The lock and the control socket of the one that runs.
    EXPECT_LE(entries(host.directory() / "run"), 2u);
}

}  // namespace punktfunk::test
