// UDP over loopback: what a packet costs the sender, and a paced stream from end to end.
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <atomic>
#include <ctime>
#include <thread>

#include "narrow_stream.hpp"
#include "punktfunk/net/udp_socket.hpp"
#include "punktfunk/rate/pace_controller.hpp"
#include "punktfunk/session/video_receiver.hpp"
#include "punktfunk/session/video_sender.hpp"
#include "report.hpp"

namespace punktfunk::bench {

namespace {

using namespace std::chrono_literals;

constexpr size_t kDatagram = 1472;
constexpr size_t kBatch = 64;

double thread_cpu_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

net::UdpSocket loopback_socket() {
    return net::UdpSocket::bind(net::Endpoint::parse("127.0.0.1", 0).value()).value();
}

void send_with_sendmmsg(int fd, std::vector<uint8_t>& arena) {
    std::array<mmsghdr, kBatch> messages{};
    std::array<iovec, kBatch> parts{};
    for (size_t i = 0; i < kBatch; ++i) {
        parts[i] = {arena.data() + i * kDatagram, kDatagram};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    (void)::sendmmsg(fd, messages.data(), kBatch, MSG_DONTWAIT);
}

void cost_of_sending(Report& report) {
    auto drain = loopback_socket(), mine = loopback_socket(), theirs = loopback_socket();
    const auto to = drain.local_endpoint().value();
    if (!mine.connect(to) || !theirs.connect(to)) return;
    std::atomic<uint64_t> bytes{0};  // touched by the reader, so that it really reads
    const std::jthread reader([&](const std::stop_token& stop) {
        while (!stop.stop_requested())
            (void)drain.receive(20ms, -1, [&](std::span<uint8_t> datagram) { bytes += datagram.size(); });
    });
    std::vector<uint8_t> arena(kBatch * kDatagram, 7);
    const auto cost = [&](auto send) {
        const double before = thread_cpu_ns();
        size_t packets = 0;
        for (const auto start = SteadyClock::now(); SteadyClock::now() - start < 40ms; packets += kBatch) send();
        return (thread_cpu_ns() - before) / static_cast<double>(packets);
    };
    std::vector<double> ours, reference;
    for (int round = 0; round < 15; ++round) {
        ours.push_back(cost([&] { (void)mine.send_contiguous(arena, kDatagram); }));
        reference.push_back(cost([&] { send_with_sendmmsg(theirs.fd(), arena); }));
    }
    const double mine_ns = median(std::move(ours)), theirs_ns = median(std::move(reference));
    report.add({.name = "udp.send.cpu_ns_per_packet",
                .unit = "ns",
                .ours = mine_ns,
                .reference = theirs_ns,
                .reference_name = "sendmmsg(64)",
                .ratio = theirs_ns / mine_ns,
                .wanted_ratio = 3});
}

// Frames of 5 MiB, 60 a second, with 20 % of parity: 3 Gb/s on the wire, each spread over most of its sixtieth of a
// second.
void paced_stream(Report& report) {
    constexpr size_t kFrame = 5 << 20;
    constexpr int kFrames = 180;
    const session::SessionConfig config{.scheme = fec::Scheme::Gf16,
                                        .fec_percent = 20,
                                        .max_data_per_block = 4096,
                                        .shard_payload = 1408,
                                        .encrypt = true,
                                        .key = crypto::random_session_key()};
    auto out = loopback_socket(), in = loopback_socket();
    const auto host = out.local_endpoint().value();
    if (!out.connect(in.local_endpoint().value())) return;
    auto sender = session::VideoSender::create(config, std::move(out)).value();
    auto receiver = session::VideoReceiver::create(config, std::move(in), host).value();

    std::atomic<uint64_t> frames{0}, packets{0};
    std::atomic<double> receiver_cpu{0};
    std::jthread reader([&](const std::stop_token& stop) {
        const double before = thread_cpu_ns();
        while (!stop.stop_requested()) {
            (void)receiver.poll(10ms, -1, [&](const session::Frame&) { ++frames; });
            packets = receiver.stats().packets_received;
        }
        receiver_cpu = thread_cpu_ns() - before;
    });
    const Bytes frame(kFrame, 0x5A);
    // Parity and cipher take a third of a frame's time on this thread; what is left of it is for sending.
    sender.set_pace(static_cast<uint64_t>(kFrame * 60 * sender.wire_for_payload(config.fec_percent) * 1.6));
    const double before = thread_cpu_ns();
    const auto start = SteadyClock::now();
    uint64_t sent = 0, bytes = 0;
    for (int i = 0; i < kFrames; ++i) {
        const auto deadline = start + std::chrono::nanoseconds(1'000'000'000ll * (i + 1) / 60);
        const auto one = sender.send(frame, static_cast<uint64_t>(i), session::kDeltaFrame);
        if (!one) return;
        sent += one->packets;
        bytes += one->wire_bytes;
        std::this_thread::sleep_until(deadline);
    }
    const double seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
    const double sender_cpu = thread_cpu_ns() - before;
    for (int i = 0; i < 100 && packets < sent; ++i) std::this_thread::sleep_for(10ms);
    reader.request_stop();
    reader.join();
    const double gbps = static_cast<double>(bytes) * 8 / seconds / 1e9;
    report.add(
        {.name = "udp.paced_stream.gbps",
         .unit = "Gb/s",
         .ours = gbps,
         .reference = 3.0,
         .reference_name = "wanted",
         .ratio = gbps / 3.0,
         .wanted_ratio = 1,
         .note = fmt::format("{} of {} packets lost, {} of {} frames; sender {:.0f} %, receiver {:.0f} % of a core",
                             sent - packets, sent, frames.load(), kFrames, 100 * sender_cpu / seconds / 1e9,
                             100 * receiver_cpu / seconds / 1e9)});
}

// What a stream loses in front of a short queue by its own doing, and what it takes to lose nothing.
void pacing(Report& report) {
    rate::PaceController pace;
    const test::NarrowStream stream;
    pace.stream_is(stream.kbps, stream.fec_percent);
    const auto paced = test::run({.pace = pace.bytes_per_second(SteadyClock::now())});
    const auto unpaced = test::run({.pace = 0});
    report.add({.name = "udp.pacing.lost",
                .unit = "% of packets",
                .ours = paced.lost_percent(),
                .reference = unpaced.lost_percent(),
                .reference_name = "not paced",
                .note = fmt::format("60 Mbit/s through 100 Mbit/s with a queue of 32 packets, {} of {}; bound 0.01",
                                    paced.lost, paced.packets)});
    report.add({.name = "udp.pacing.spread",
                .unit = "ms",
                .ours = paced.spread_ms,
                .reference = 1000.0 / stream.hz,
                .reference_name = "frame interval",
                .note = "an ordinary frame of that stream, first packet to last, nothing known of the path"});
    pace.path_reported(1'000'000);
    const auto fast = test::run(
        {.link = {.rate_bps = 1'000'000'000, .queue_packets = 256}, .pace = pace.bytes_per_second(SteadyClock::now())});
    report.add({.name = "udp.pacing.spread.measured_path",
                .unit = "ms",
                .ours = fast.spread_ms,
                .reference = 1000.0 / stream.hz,
                .reference_name = "frame interval",
                .note = fmt::format("the same once the client has measured a path of 1 Gbit/s; {} of {} lost",
                                    fast.lost, fast.packets)});
}

}  // namespace

void udp_rows(Report& report) {
    if (!report.wants("udp")) return;
    report.heading("UDP over loopback");
    cost_of_sending(report);
    paced_stream(report);
    pacing(report);
}

}  // namespace punktfunk::bench
