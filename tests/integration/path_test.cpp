// The way to a client breaks, or changes under its stream.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "bad_path.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

milliseconds since(SteadyClock::time_point start) {
    return std::chrono::duration_cast<milliseconds>(SteadyClock::now() - start);
}

size_t sessions(HostFixture& host) {
    return host.status().at("sessions").size();
}

// Pretends to be a client, from another address than its own.
void punch_from(const char* ip, uint16_t data_port) {
    const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM, 0));
    const auto from = loopback(ip, 0), to = loopback("127.0.0.1", data_port);
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&from.storage), from.length), 0);
    EXPECT_EQ(::sendto(fd.get(), "PFpunch1", 8, 0, reinterpret_cast<const sockaddr*>(&to.storage), to.length), 8);
}

}  // namespace

TEST(Path, TheSameDeviceTakesItsPlaceBackAtOnce) {
    HostBehindRelay there({"--max-concurrent", "1"});
    const auto identity = *crypto::generate_identity(crypto::IdentityKind::Client);
    auto far = there.far(), near = there.near();
    far.identity = near.identity = identity;
    Viewer cut_off(far);
    ASSERT_TRUE(cut_off.flows(10, 20s));
    there.relay().cut(true);
    const auto start = SteadyClock::now();
    Viewer again(near);
    ASSERT_TRUE(again.picture(20s)) << there.host().process().err();
    fmt::print("the same device is back after {} ms (bound 5000)\n", since(start).count());
    EXPECT_TRUE(eventually(20s, [&] { return there.host().desktops().size() == 1; }));
}

TEST(Path, APulledCableEndsTheSessionAndNobodyElseIsHeldUp) {
    HostBehindRelay there({"--max-concurrent", "2"});
    Viewer cut_off(there.far());
    ASSERT_TRUE(cut_off.flows(10, 20s));
    Viewer other(there.near());
    ASSERT_TRUE(other.flows(10, 20s));
    there.relay().cut(true);
    const auto start = SteadyClock::now();
    while (sessions(there.host()) == 2 && since(start) < 45s) ASSERT_TRUE(other.flows(5, 20s));
    fmt::print("a client whose cable was pulled is given up after {} ms (bound 25000)\n", since(start).count());
    EXPECT_EQ(sessions(there.host()), 1u);
    EXPECT_TRUE(eventually(20s, [&] { return there.host().desktops().size() == 1; }));
    EXPECT_TRUE(other.flows(10, 20s));
}

TEST(Path, TheDeadMakeRoomForTheLiving) {
    HostBehindRelay there({"--max-concurrent", "1"});
    Viewer cut_off(there.far());
    ASSERT_TRUE(cut_off.flows(10, 20s));
    EXPECT_THROW(Viewer(there.near()), std::runtime_error);  // it is alive, so its place is taken
    there.relay().cut(true);
    const auto start = SteadyClock::now();
    std::unique_ptr<Viewer> other;
    EXPECT_TRUE(eventually(30s, [&] {
        try {
            other = std::make_unique<Viewer>(there.near());
        } catch (const std::runtime_error&) {
        }
        return other != nullptr;
    })) << there.host().process().err();
    fmt::print("a dead client's place is given away after {} ms (bound 8000)\n", since(start).count());
    ASSERT_TRUE(other);
    EXPECT_TRUE(other->picture(20s));
}

TEST(Path, VideoFollowsAClientThatRoams) {
    HostBehindRelay there({"--max-concurrent", "1"});
    Viewer viewer(there.far());
    ASSERT_TRUE(viewer.flows(10, 20s));
    for (const char* ip : {"127.0.0.1", "127.0.0.7"}) {
        there.relay().rebind(loopback(ip, 0));
        // What is still under way arrives; then nothing does, until the host has followed.
        (void)viewer.watch(200ms, [](bool, const auto&) { return false; });
        const auto start = SteadyClock::now();
        punch_from("127.0.0.9", there.data_port());  // is no client of this host
        ASSERT_TRUE(viewer.picture(20s)) << ip << "\n" << there.host().process().err();
        fmt::print("video follows to another {} after {} ms (bound 5000)\n",
                   std::string_view(ip) == "127.0.0.1" ? "port" : "address", since(start).count() + 200);
        punch_from("127.0.0.9", there.data_port());
        EXPECT_TRUE(viewer.flows(30, 20s));
    }
    EXPECT_EQ(sessions(there.host()), 1u);
}

}  // namespace punktfunk::test
