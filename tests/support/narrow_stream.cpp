#include "narrow_stream.hpp"

#include <atomic>
#include <thread>

#include "process.hpp"
#include "punktfunk/impair/relay.hpp"
#include "punktfunk/session/video_receiver.hpp"
#include "punktfunk/session/video_sender.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

namespace {

net::Endpoint loopback() {
    return net::Endpoint::parse("127.0.0.1", 0).value();
}

}  // namespace

NarrowOutcome run(const NarrowStream& stream) {
    const session::SessionConfig config{.scheme = fec::Scheme::Gf16,
                                        .fec_percent = stream.fec_percent,
                                        .max_data_per_block = 4096,
                                        .shard_payload = 1408,
                                        .encrypt = true,
                                        .key = crypto::random_session_key()};
    auto out = net::UdpSocket::bind(loopback()).value(), in = net::UdpSocket::bind(loopback()).value();
    const auto relay =
        impair::Relay::start({.routes = {{loopback(), out.local_endpoint().value()}}, .to_client = stream.link})
            .value();
    auto receiver = session::VideoReceiver::create(config, std::move(in), relay.listening()[0]).value();
    std::atomic<uint64_t> frames{0};
    const std::jthread reader([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) (void)receiver.poll(20ms, -1, [&](const session::Frame&) { ++frames; });
    });
    if (!session::await_punch(out, loopback(), 5s, -1)) return {};
    auto sender = session::VideoSender::create(config, std::move(out)).value();
    sender.set_pace(stream.pace);
    const size_t ordinary = size_t{stream.kbps} * 125 / static_cast<size_t>(stream.hz);
    const Bytes bytes(2 * ordinary, 0x5A);  // a keyframe: the most that the rate control allows
    const int total = stream.hz * stream.seconds;
    NarrowOutcome outcome;
    const auto start = SteadyClock::now();
    for (int i = 0; i < total; ++i) {
        std::this_thread::sleep_until(start + i * 1'000'000us / stream.hz);
        const bool key = i % stream.hz == stream.hz / 2;
        const auto sent = sender.send(ByteView(bytes).first(key ? 2 * ordinary : ordinary), static_cast<uint64_t>(i),
                                      key ? session::kKeyframe : session::kDeltaFrame);
        if (!sent) return outcome;
        outcome.packets += sent->packets;
        if (!key) outcome.spread_ms += static_cast<double>(sent->last_packet_ns - sent->first_packet_ns) / 1e6;
    }
    outcome.spread_ms /= total - stream.seconds;
    (void)eventually(5s, [&] {
        const auto way = relay.stats().to_client;
        return way.link.offered >= outcome.packets && way.delivered == way.link.departures();
    });
    outcome.lost = relay.stats().to_client.link.queue_dropped;
    outcome.frames = frames;
    return outcome;
}

}  // namespace punktfunk::test
