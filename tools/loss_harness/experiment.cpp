#include "experiment.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "punktfunk/impair/departure_queue.hpp"
#include "punktfunk/impair/relay.hpp"
#include "punktfunk/session/packetizer.hpp"
#include "punktfunk/session/video_receiver.hpp"
#include "punktfunk/session/video_sender.hpp"

namespace punktfunk::loss_harness {

using namespace std::chrono_literals;
using impair::TimePoint;

namespace {

constexpr auto kFrameInterval = 16667us;
constexpr auto kPacketInterval = 10us;
constexpr size_t kHeldBytes = size_t{1} << 30;
// What is sent over UDP before it is waited for. The smallest receive buffer a Linux has holds three times that.
constexpr size_t kUdpWindow = 48;
constexpr auto kUdpPatience = 5s;

session::SessionConfig session_config(const Cell& cell, uint64_t seed) {
    session::SessionConfig config{.scheme = cell.scheme,
                                  .fec_percent = static_cast<uint8_t>(cell.fec_percent),
                                  .max_data_per_block = static_cast<uint16_t>(cell.per_block),
                                  .shard_payload = kShardPayload,
                                  .encrypt = true};
    impair::Random random(seed);
    for (uint8_t& byte : config.key.key) byte = static_cast<uint8_t>(random.next());
    for (uint8_t& byte : config.key.salt) byte = static_cast<uint8_t>(random.next());
    return config;
}

// Frames of noise, every shard of which names its frame: a shard of another one would show.
class Pictures {
  public:
    Pictures(size_t packets, uint64_t seed) : bytes_(packets * kShardPayload - 5) {
        impair::Random random(seed);
        for (uint8_t& byte : bytes_) byte = static_cast<uint8_t>(random.next());
    }
    ByteView frame(uint32_t index) {
        for (size_t at = 0; at + sizeof index <= bytes_.size(); at += kShardPayload)
            store_le<uint32_t>(&bytes_[at], index);
        return bytes_;
    }

  private:
    Bytes bytes_;
};

class Judge {
  public:
    Judge(const Cell& cell, uint64_t seed) : pictures_(cell.frame_packets, seed) {}
    void see(const session::Frame& frame, Outcome& outcome) {
        const ByteView sent = pictures_.frame(frame.frame_index);
        if (std::ranges::equal(frame.data, sent)) {
            ++outcome.survived;
            outcome.recovered_shards += frame.recovered_shards;
        } else {
            ++outcome.corrupt;
        }
    }

  private:
    Pictures pictures_;
};

Result<void> run_in_process(const Cell& cell, uint64_t seed, Outcome& outcome) {
    const auto config = session_config(cell, seed);
    auto packetizer = session::Packetizer::create(config);
    if (!packetizer) return std::unexpected(packetizer.error());
    auto opener = crypto::Opener::create(config.key, crypto::Direction::HostToClient);
    if (!opener) return std::unexpected(opener.error());
    auto reassembler = session::Reassembler::create(config);
    if (!reassembler) return std::unexpected(reassembler.error());
    Pictures pictures(cell.frame_packets, seed);
    Judge judge(cell, seed);
    impair::Link link(cell.link, seed);
    impair::DepartureQueue air(kHeldBytes);
    const auto arrive = [&](TimePoint until) {
        while (auto* item = air.take(until)) {
            const auto packet = opener->open_in_place(item->bytes);
            if (packet.data() == nullptr) continue;
            if (const auto frame = reassembler->push(packet, 0)) judge.see(*frame, outcome);
        }
    };
    TimePoint now{};
    for (uint32_t index = 0; index < cell.frames; ++index) {
        const auto batch = packetizer->packetize(pictures.frame(index), index, session::kDeltaFrame);
        if (!batch) return std::unexpected(batch.error());
        now = std::max(now, TimePoint{} + index * kFrameInterval);
        for (size_t i = 0; i < batch->count; ++i, now += kPacketInterval) {
            const auto datagram = batch->arena.subspan(i * batch->packet_bytes, batch->packet_bytes);
            for (const TimePoint when : link.push(datagram.size(), now)) {
                if (!air.hold(when, 0, datagram)) return fail(ErrorCode::Exhausted, "too much on its way at once");
            }
        }
        arrive(now);
    }
    arrive(TimePoint::max());
    outcome.packets = link.stats().offered;
    outcome.lost = link.stats().lost + link.stats().queue_dropped;
    return {};
}

Result<void> run_over_udp(const Cell& cell, uint64_t seed, Outcome& outcome) {
    const auto config = session_config(cell, seed);
    const auto loopback = net::Endpoint::parse("127.0.0.1", 0).value();
    auto host = net::UdpSocket::bind(loopback), client = net::UdpSocket::bind(loopback);
    if (!host) return std::unexpected(host.error());
    if (!client) return std::unexpected(client.error());
    const auto host_at = host->local_endpoint();
    if (!host_at) return std::unexpected(host_at.error());
    const auto relay = impair::Relay::start({.routes = {{loopback, *host_at}}, .to_client = cell.link, .seed = seed});
    if (!relay) return std::unexpected(relay.error());
    auto packetizer = session::Packetizer::create(config);
    if (!packetizer) return std::unexpected(packetizer.error());
    auto receiver = session::VideoReceiver::create(config, std::move(*client), relay->listening()[0]);
    if (!receiver) return std::unexpected(receiver.error());
    Judge judge(cell, seed);
    const auto see = [&](const session::Frame& frame) { judge.see(frame, outcome); };
    if (auto punched = receiver->poll(1ms, -1, see); !punched) return punched;
    if (auto peer = session::await_punch(*host, loopback, kUdpPatience, -1); !peer)
        return std::unexpected(peer.error());

    Pictures pictures(cell.frame_packets, seed);
    for (uint32_t index = 0; index < cell.frames; ++index) {
        const auto batch = packetizer->packetize(pictures.frame(index), index, session::kDeltaFrame);
        if (!batch) return std::unexpected(batch.error());
        for (size_t first = 0; first < batch->count; first += kUdpWindow) {
            const size_t count = std::min(kUdpWindow, batch->count - first);
            outcome.packets += host->send_contiguous(
                batch->arena.subspan(first * batch->packet_bytes, count * batch->packet_bytes), batch->packet_bytes);
            const auto give_up = SteadyClock::now() + kUdpPatience;
            // Doubles end at the opener, so that what the receiver counts is what the link did not lose.
            for (auto link = relay->stats().to_client.link;
                 link.offered < outcome.packets ||
                 receiver->stats().packets_received < link.offered - link.lost - link.queue_dropped;
                 link = relay->stats().to_client.link) {
                if (SteadyClock::now() > give_up)
                    return fail(ErrorCode::Timeout, "the kernel lost datagrams; is the machine overloaded?");
                if (auto polled = receiver->poll(1ms, -1, see); !polled) return polled;
            }
            outcome.lost = relay->stats().to_client.link.lost + relay->stats().to_client.link.queue_dropped;
        }
    }
    return {};
}

}  // namespace

bool possible(const Cell& cell) {
    return cell.frame_packets > 0 && session_config(cell, 1).validate().has_value() && cell.link.validate().has_value();
}

uint64_t cell_seed(const Cell& cell, uint64_t seed) {
    const auto mix = [&](uint64_t value) { seed = impair::Random(seed ^ value).next(); };
    mix(std::bit_cast<uint64_t>(cell.link.loss));
    mix(std::bit_cast<uint64_t>(cell.link.burst));
    mix(cell.frame_packets);
    mix(std::min(cell.per_block, cell.frame_packets));
    mix(cell.fec_percent);
    return seed;
}

double Outcome::deviation(size_t frames) const {
    const double off = static_cast<double>(survived) - expected.survival * static_cast<double>(frames);
    return off / std::sqrt(expected.frames_sd * expected.frames_sd + 1);
}

Result<Outcome> run(const Cell& cell, uint64_t seed) {
    if (!possible(cell)) return fail(ErrorCode::InvalidArgument, "no link or no code is like that");
    Outcome outcome;
    const uint64_t own = cell_seed(cell, seed);
    auto ran = cell.transport == Transport::Udp ? run_over_udp(cell, own, outcome) : run_in_process(cell, own, outcome);
    if (!ran) return std::unexpected(ran.error());
    outcome.expected = expect(impair::LossChain::of(cell.link.loss, cell.link.burst),
                              split(cell.frame_packets, cell.per_block, cell.fec_percent), cell.frames);
    return outcome;
}

}  // namespace punktfunk::loss_harness
