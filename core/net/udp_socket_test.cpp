#include "punktfunk/net/udp_socket.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <rapidcheck.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::net {

using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 5000ms;

// Two sockets on loopback; `sender` is connected to `receiver`.
struct Pair {
    UdpSocket sender, receiver;
};

std::optional<Pair> pair_on(const char* address, UdpOffload sending = {}, UdpOffload receiving = {}) {
    const auto any = Endpoint::parse(address, 0).value();
    auto sender = UdpSocket::bind(any, sending), receiver = UdpSocket::bind(any, receiving);
    if (!sender || !receiver || !sender->connect(receiver->local_endpoint().value())) return std::nullopt;
    return Pair{std::move(*sender), std::move(*receiver)};
}

// The next `count` datagrams, or fewer when they do not come.
std::vector<Bytes> received(UdpSocket& socket, size_t count, Endpoint* from = nullptr) {
    std::vector<Bytes> datagrams;
    while (datagrams.size() < count) {
        const auto got = socket.receive(
            kPatience, -1,
            [&](std::span<uint8_t> datagram) { datagrams.emplace_back(datagram.begin(), datagram.end()); }, from);
        if (!got || *got == 0) break;
    }
    return datagrams;
}

Bytes numbered(size_t bytes, uint8_t seed) {
    Bytes out(bytes);
    for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(seed + i * 7 + i / 251);
    return out;
}

class Udp : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        if (!pair_on(GetParam())) GTEST_SKIP() << "no " << GetParam() << " here";
    }
};

}  // namespace

TEST_P(Udp, EveryDatagramArrivesIntactWithAnyOffload) {
    for (const bool gso : {true, false}) {
        for (const bool gro : {true, false}) {
            auto pair = pair_on(GetParam(), {.send = gso}, {.receive = gro}).value();
            EXPECT_TRUE(rc::check("batches of any shape", [&](uint8_t seed) {
                std::vector<Bytes> sent;
                // Two batches are under way at a time: what the smallest socket buffer holds.
                for (int batch = 0; batch < 2; ++batch) {
                    const size_t size = *rc::gen::inRange<size_t>(1, UdpSocket::kMaxDatagram + 1);
                    const size_t bytes = *rc::gen::inRange<size_t>(1, std::min<size_t>(100 * size, 70'000));
                    const Bytes arena = numbered(bytes, static_cast<uint8_t>(seed + batch));
                    const size_t count = (bytes + size - 1) / size;
                    RC_ASSERT(pair.sender.send_contiguous(arena, size) == count);
                    for (size_t at = 0; at < bytes; at += size) {
                        const auto part = ByteView(arena).subspan(at, std::min(size, bytes - at));
                        sent.emplace_back(part.begin(), part.end());
                    }
                }
                RC_ASSERT(received(pair.receiver, sent.size()) == sent);
            }));
            EXPECT_EQ(pair.sender.send_stats().dropped_by_kernel, 0u);
        }
    }
}

TEST_P(Udp, ABatchCrossesTheKernelAsOneMessage) {
    const UniqueFd probe(::socket(AF_INET, SOCK_DGRAM, 0));
    const int on = 1;
    if (::setsockopt(probe.get(), SOL_UDP, UDP_GRO, &on, sizeof on) != 0) GTEST_SKIP() << "a kernel without UDP_GRO";
    // A read that tells the source is of one message.
    const auto per_message = [](Pair pair) {
        EXPECT_EQ(pair.sender.send_contiguous(numbered(1472 * 40, 1), 1472), 40u);
        Endpoint from;
        return pair.receiver.receive(kPatience, -1, [](std::span<uint8_t>) {}, &from).value();
    };
    EXPECT_EQ(per_message(pair_on(GetParam()).value()), 40u);
    EXPECT_EQ(per_message(pair_on(GetParam(), {.send = false}).value()), 1u);
    EXPECT_EQ(per_message(pair_on(GetParam(), {}, {.receive = false}).value()), 1u);
}

TEST_P(Udp, TooLongDatagramsAreDroppedAndTheirNeighboursAreNot) {
    for (const bool gro : {true, false}) {
        auto pair = pair_on(GetParam(), {}, {.receive = gro}).value();
        const size_t too_long = UdpSocket::kMaxDatagram + 1;
        const Bytes longest = numbered(UdpSocket::kMaxDatagram, 3), last = numbered(10, 4);
        EXPECT_TRUE(pair.sender.send(longest));
        EXPECT_EQ(pair.sender.send_contiguous(numbered(3 * too_long + 5, 1), too_long), 4u);
        EXPECT_EQ(pair.sender.send_contiguous(numbered(2 * 40'000, 1), 40'000), 2u);
        EXPECT_TRUE(pair.sender.send({}));
        EXPECT_TRUE(pair.sender.send(last));
        const auto datagrams = received(pair.receiver, 4);
        ASSERT_EQ(datagrams.size(), 4u) << gro;
        EXPECT_EQ(datagrams[0], longest);
        EXPECT_EQ(datagrams[1].size(), 5u) << "the short end of a batch of too long ones";
        EXPECT_EQ(datagrams[2].size(), 0u);
        EXPECT_EQ(datagrams[3], last);
    }
}

TEST_P(Udp, ABatchWithASourceIsOfThatSource) {
    auto pair = pair_on(GetParam()).value();
    auto other = UdpSocket::bind(Endpoint::parse(GetParam(), 0).value()).value();
    ASSERT_TRUE(other.connect(pair.receiver.local_endpoint().value()));
    for (int round = 0; round < 5; ++round) {
        EXPECT_EQ(pair.sender.send_contiguous(Bytes(7 * 100, 1), 100), 7u);
        EXPECT_EQ(other.send_contiguous(Bytes(5 * 100, 2), 100), 5u);
    }
    const auto a = pair.sender.local_endpoint().value(), b = other.local_endpoint().value();
    Endpoint from;
    size_t count = 0;
    while (count < 60) {
        const auto got = pair.receiver.receive(
            kPatience, -1,
            [&](std::span<uint8_t> datagram) {
                EXPECT_TRUE(from.same_address(a));
                EXPECT_EQ(from.port(), datagram[0] == 1 ? a.port() : b.port());
            },
            &from);
        ASSERT_TRUE(got);
        ASSERT_GT(*got, 0u);
        count += *got;
    }
}

TEST_P(Udp, WaitingEndsWhenWoken) {
    auto pair = pair_on(GetParam()).value();
    const UniqueFd wake(::eventfd(1, EFD_CLOEXEC));
    const auto nothing = [](std::span<uint8_t>) { FAIL(); };
    EXPECT_EQ(pair.receiver.receive(kPatience, wake.get(), nothing).value(), 0u);
    EXPECT_EQ(pair.receiver.receive(0ms, -1, nothing).value(), 0u);
}

TEST_P(Udp, NobodyListeningIsNotAnError) {
    auto pair = pair_on(GetParam()).value();
    auto gone = std::move(pair.receiver);
    {
        const auto closed = std::move(gone);
    }
    for (int i = 0; i < 10; ++i) (void)pair.sender.send_contiguous(Bytes(4 * 1000), 1000);
    EXPECT_GT(pair.sender.send_stats().refused, 0u);
    EXPECT_TRUE(pair.sender.receive(0ms, -1, [](std::span<uint8_t>) {}));
}

// What a peer's own socket reads of the marks on what it is sent.
int traffic_class_at(const UdpSocket& socket) {
    Bytes datagram(64);
    alignas(cmsghdr) std::array<char, 256> control{};
    iovec part{datagram.data(), datagram.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    pollfd ready{socket.fd(), POLLIN, 0};
    if (::poll(&ready, 1, 5000) <= 0 || ::recvmsg(socket.fd(), &message, 0) < 0) return -1;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
        const bool four = header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TOS;
        const bool six = header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_TCLASS;
        if (four || six) return *CMSG_DATA(header);
    }
    return -1;
}

// A host of many addresses: who asked at one of them takes no answer from another.
TEST(UdpAnswers, ComeFromWhereTheyWereAskedAndMarked) {
    struct Case {
        const char *bound, *asked, *asks;
    };
    for (const auto& [bound, asked, asks] :
         {Case{"0.0.0.0", "127.0.0.2", "127.0.0.1"}, Case{"::", "127.0.0.2", "127.0.0.1"}, Case{"::", "::1", "::1"}}) {
        SCOPED_TRACE(std::string(bound) + " at " + asked);
        auto host = UdpSocket::bind(Endpoint::parse(bound, 0).value());
        auto peer = UdpSocket::bind(Endpoint::parse(asks, 0).value(), {.receive = false});
        if (!host || !peer) continue;  // no such family here
        host->note_destinations();
        const int on = 1;
        (void)::setsockopt(peer->fd(), IPPROTO_IP, IP_RECVTOS, &on, sizeof on);
        (void)::setsockopt(peer->fd(), IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof on);
        // Connected: from anywhere else nothing comes through.
        ASSERT_TRUE(peer->connect(Endpoint::parse(asked, host->local_endpoint()->port()).value()));
        ASSERT_TRUE(peer->send(Bytes(3)));
        Endpoint from, to;
        ASSERT_EQ(host->receive(kPatience, -1, [&](auto) { to = host->destination(); }, &from).value(), 1u);
        ASSERT_NE(to.length, 0u);
        host->aim(from, to, 0xA0);
        EXPECT_TRUE(host->send(Bytes(4)));
        EXPECT_EQ(traffic_class_at(*peer), 0xA0);
        EXPECT_EQ(host->send_contiguous(Bytes(3000), 1000), 3u);  // segmented by the kernel
        EXPECT_EQ(traffic_class_at(*peer), 0xA0);
        host->aim(from, to);
        ASSERT_EQ(received(*peer, 2).size(), 2u);
        EXPECT_TRUE(host->send(Bytes(4)));
        EXPECT_EQ(traffic_class_at(*peer), 0);
    }
}

INSTANTIATE_TEST_SUITE_P(Loopback, Udp, testing::Values("127.0.0.1", "::1"));

}  // namespace punktfunk::net
