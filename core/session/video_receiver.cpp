#include "punktfunk/session/video_receiver.hpp"

#include <algorithm>

#include "punch.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/net/pacer.hpp"
#include "punktfunk/session/packet_header.hpp"

namespace punktfunk::session {

using namespace std::chrono_literals;

namespace {
constexpr int kQuickPunches = 15;
constexpr auto kQuickInterval = 200ms;
constexpr auto kSlowInterval = 2000ms;
// Longer than a still desktop keeps quiet. The way to here may have changed: a host that looks for us hears of it soon.
constexpr auto kSilence = 700ms;
constexpr auto kBurstApart = 100ms;  // filler after such a pause is of a new burst
}  // namespace

struct VideoReceiver::State {
    State(net::UdpSocket s, Reassembler r, std::optional<crypto::Opener> o)
        : socket(std::move(s)), reassembler(std::move(r)), opener(std::move(o)) {}
    net::UdpSocket socket;
    Reassembler reassembler;
    std::optional<crypto::Opener> opener;
    std::optional<Reassembler> filler_reassembler;  // when filler is numbered apart
    FillerArrivals filler;
    ArrivalMeter meter;
    int punches = 0;
    SteadyClock::time_point next_punch = SteadyClock::now(), last_punch;
    SteadyClock::time_point last_packet = SteadyClock::now();
    bool punching = true;

    std::optional<Frame> take(ByteView packet, size_t datagram_bytes);
    void punch() {
        const auto now = SteadyClock::now();
        const bool quick = punches < kQuickPunches || now - last_packet > kSilence;
        if (quick) next_punch = std::min(next_punch, last_punch + kQuickInterval);
        if (!punching || now < next_punch) return;
        (void)socket.send({reinterpret_cast<const uint8_t*>(kPunch.data()), kPunch.size()});
        ++punches;
        last_punch = now;
        next_punch = now + (quick ? kQuickInterval : kSlowInterval);
    }
};

std::optional<Frame> VideoReceiver::State::take(ByteView packet, size_t datagram_bytes) {
    if (packet.size() < kPacketHeaderBytes) return std::nullopt;
    const PacketHeader header = load_header(packet.first<kPacketHeaderBytes>());
    const auto now = socket.arrived();
    meter.add(header, datagram_bytes, now);
    if ((header.user_flags & kFlagProbe) == 0) return reassembler.push(packet, realtime_ns());
    if (filler.packets == 0 || now - filler.last > kBurstApart) filler = {.first = now};
    ++filler.packets;
    filler.wire_bytes += datagram_bytes + net::Pacer::kHeaderBytes;
    filler.last = now;
    return (filler_reassembler ? *filler_reassembler : reassembler).push(packet, realtime_ns());
}

VideoReceiver::VideoReceiver(std::unique_ptr<State> state) : state_(std::move(state)) {}
VideoReceiver::VideoReceiver(VideoReceiver&&) noexcept = default;
VideoReceiver& VideoReceiver::operator=(VideoReceiver&&) noexcept = default;
VideoReceiver::~VideoReceiver() = default;

Result<VideoReceiver> VideoReceiver::create(const SessionConfig& config, net::UdpSocket socket,
                                            const net::Endpoint& host, bool filler_apart) {
    auto reassembler = Reassembler::create(config);
    if (!reassembler) return std::unexpected(reassembler.error());
    std::optional<crypto::Opener> opener;
    if (config.encrypt) {
        auto made = crypto::Opener::create(config.key, crypto::Direction::HostToClient);
        if (!made) return std::unexpected(made.error());
        opener.emplace(std::move(*made));
    }
    if (auto connected = socket.connect(host); !connected) return std::unexpected(connected.error());
    socket.stamp_arrivals();
    auto state = std::make_unique<State>(std::move(socket), std::move(*reassembler), std::move(opener));
    if (filler_apart) {
        auto apart = Reassembler::create(config);
        if (!apart) return std::unexpected(apart.error());
        state->filler_reassembler.emplace(std::move(*apart));
    }
    return VideoReceiver(std::move(state));
}

Result<void> VideoReceiver::poll(std::chrono::milliseconds timeout, int wake_fd,
                                 const std::function<void(Frame)>& on_frame) {
    State& s = *state_;
    s.punch();
    const auto until_punch =
        std::max(std::chrono::ceil<std::chrono::milliseconds>(s.next_punch - SteadyClock::now()), 1ms);
    auto received = s.socket.receive(std::min(timeout, until_punch), wake_fd, [&](std::span<uint8_t> datagram) {
        const std::span<uint8_t> packet = s.opener ? s.opener->open_in_place(datagram) : datagram;
        if (packet.data() == nullptr) return;
        s.last_packet = SteadyClock::now();
        if (auto frame = s.take(packet, datagram.size())) on_frame(std::move(*frame));
    });
    if (!received) return std::unexpected(received.error());
    return {};
}

ReassemblyStats VideoReceiver::stats() const {
    return state_->reassembler.stats();
}
const FillerArrivals& VideoReceiver::filler() const {
    return state_->filler;
}
ArrivalMeter& VideoReceiver::meter() {
    return state_->meter;
}

}  // namespace punktfunk::session
