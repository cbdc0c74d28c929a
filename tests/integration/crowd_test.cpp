// Sixteen clients at once on one host: each has a desktop, a picture and an input of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <thread>

#include "host_fixture.hpp"
#include "punktfunk/latency_probe/barcode.hpp"
#include "punktfunk/net/udp_socket.hpp"
#include "viewer.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr unsigned kClients = 16;

// How many clicks the surface on this client's desktop has seen, as its decoded picture says.
std::optional<unsigned> clicks_seen(const media::VideoDecoder& decoder) {
    const auto luma = decoder.luma();
    if (!luma || luma->width < probe::kBarcodeWidth || luma->height < probe::kBarcodeHeight) return std::nullopt;
    const auto answer = probe::read([&](uint32_t x, uint32_t y) { return luma->pixels[y * luma->stride + x]; });
    if (!answer) return std::nullopt;
    return answer->sequence;
}

void click(Viewer& viewer) {
    auto& connection = viewer.connection();
    connection.send_input({.kind = wire::InputKind::MouseMoveAbs, .x = 2, .y = 3, .flags = 4u << 16 | 4});
    connection.send_input({.kind = wire::InputKind::MouseButtonDown, .code = 1});
    connection.send_input({.kind = wire::InputKind::MouseButtonUp, .code = 1});
}

// Clicks one after the other until the picture shows so many; the answer is what it shows in the end.
unsigned click_until(Viewer& viewer, unsigned wanted) {
    unsigned seen = 0;
    const auto shows = [&](unsigned count) {
        return [&seen, count](bool, const auto& decoder) {
            const auto clicks = clicks_seen(decoder);
            if (clicks) seen = *clicks;
            return clicks && *clicks >= count;
        };
    };
    if (!viewer.watch(30s, shows(0))) return 0;
    for (int tries = 0; seen < wanted && tries < 100; ++tries) {
        click(viewer);
        (void)viewer.watch(5s, shows(seen + 1));
    }
    return seen;
}

}  // namespace

TEST(Crowd, SixteenClientsHaveADesktopEach) {
    const TempDir directory;
    const auto surface = directory.path() / "surface";  // the build may lie where the session's user cannot look
    std::filesystem::copy_file(PUNKTFUNK_SURFACE, surface);
    HostFixture host(
        {"--open", "--no-demo-desktop", "--startup", surface.string(), "--max-concurrent", std::to_string(kClients)});
    std::array<unsigned, kClients> clicked{}, later{};
    std::array<milliseconds, kClients> first{};
    std::array<bool, kClients> own_size{};
    std::barrier all_have_clicked(kClients);
    {
        std::vector<std::jthread> clients;
        for (unsigned i = 0; i < kClients; ++i) {
            clients.emplace_back([&, i] {
                std::unique_ptr<Viewer> viewer;
                const wire::Mode mode{672 + 2 * i, 96 + 2 * i, 10 + i};
                const auto start = SteadyClock::now();
                try {
                    viewer = std::make_unique<Viewer>(ViewerOptions{.port = host.port(), .mode = mode});
                } catch (const std::runtime_error& refused) {
                    ADD_FAILURE() << "client " << i << ": " << refused.what();
                }
                own_size[i] = viewer && viewer->shows(mode.width, mode.height, 30s);
                first[i] = std::chrono::duration_cast<milliseconds>(SteadyClock::now() - start);
                if (viewer) clicked[i] = click_until(*viewer, i + 1);
                all_have_clicked.arrive_and_wait();
                if (i == 0) {
                    EXPECT_EQ(host.desktops().size(), kClients);
                    try {
                        Viewer one_too_many({.port = host.port()});
                        ADD_FAILURE() << "a seventeenth client was let in";
                    } catch (const std::runtime_error& refused) {
                        EXPECT_NE(std::string(refused.what()).find("in use"), std::string::npos) << refused.what();
                    }
                }
                all_have_clicked.arrive_and_wait();
                // Whatever went astray has arrived by now. The keep-alive shows the picture again.
                if (viewer) {
                    (void)viewer->watch(10s, [&](bool, const auto& decoder) {
                        later[i] = clicks_seen(decoder).value_or(0);
                        return true;
                    });
                }
                all_have_clicked.arrive_and_wait();
            });
        }
    }
    for (unsigned i = 0; i < kClients; ++i) {
        EXPECT_TRUE(own_size[i]) << "client " << i;
        EXPECT_EQ(clicked[i], i + 1) << "client " << i;
        EXPECT_EQ(later[i], i + 1) << "client " << i;
    }
    std::ranges::sort(first);
    fmt::print("{} clients at once: {} ms from connecting to the first picture, {} at most\n", kClients,
               first[kClients / 2].count(), first.back().count());
    EXPECT_TRUE(eventually(20s, [&] { return host.desktops().empty(); }));
}

// A firewall has been opened for ports from a number on.
TEST(Crowd, DataPortsFollowEachOtherWithoutALimitOfSessions) {
    const auto first = net::UdpSocket::bind(*net::Endpoint::parse("127.0.0.1", 0))->local_endpoint()->port();
    HostFixture host({"--open", "--max-concurrent", "0", "--data-port", std::to_string(first)});
    Viewer one({.port = host.port()}), other({.port = host.port()});
    EXPECT_GE(one.connection().welcome().udp_port, first);
    EXPECT_GT(other.connection().welcome().udp_port, one.connection().welcome().udp_port);
}

TEST(Crowd, FirstPicture) {
    HostFixture host({"--open"});
    std::vector<milliseconds> times;
    for (int i = 0; i < 10; ++i) {
        const auto start = SteadyClock::now();
        Viewer viewer({.port = host.port(), .mode = {1280, 720, 60}});
        ASSERT_TRUE(viewer.picture(20s));
        times.push_back(std::chrono::duration_cast<milliseconds>(SteadyClock::now() - start));
    }
    std::ranges::sort(times);
    fmt::print("one client: {} ms from connecting to the first picture (p50 of 10, {} at most)\n", times[5].count(),
               times.back().count());
}

}  // namespace punktfunk::test
