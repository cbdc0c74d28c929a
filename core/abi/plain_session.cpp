#include "plain_session.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::abi {

namespace {
// So that a flood of junk cannot keep a call that never waits.
constexpr int kMaxBatches = 4096;
}  // namespace

Result<PlainConfig> read_config(const PunktfunkConfig& config) {
    if (config.struct_size < sizeof(PunktfunkConfig))
        return fail(ErrorCode::InvalidArgument, "struct_size {} is too small", config.struct_size);
    if (config.role > 1 || config.phase < 1 || config.phase > 2 || config.fec_scheme > 1 || config.fec_percent > 255 ||
        config.max_data_per_block > 65535 || config.shard_payload > 65535) {
        return fail(ErrorCode::InvalidArgument, "a field is out of its range");
    }
    PlainConfig out{.role = static_cast<Role>(config.role),
                    .session = {.scheme = config.fec_scheme == 1 ? fec::Scheme::Gf16 : fec::Scheme::Gf8,
                                .fec_percent = static_cast<uint8_t>(config.fec_percent),
                                .max_data_per_block = static_cast<uint16_t>(config.max_data_per_block),
                                .shard_payload = static_cast<uint16_t>(config.shard_payload),
                                .max_frame_bytes = config.max_frame_bytes,
                                .encrypt = config.encrypt != 0,
                                .version = static_cast<uint8_t>(config.phase)},
                    .loopback_drop_period = config.loopback_drop_period};
    std::ranges::copy(config.key, out.session.key.key.begin());
    std::ranges::copy(config.salt, out.session.key.salt.begin());
    if (auto valid = out.session.validate(); !valid) return std::unexpected(std::move(valid.error()));
    // A packet says its frame's length in 32 bits.
    out.session.max_frame_bytes = std::min<uint64_t>(out.session.max_frame_bytes, std::numeric_limits<uint32_t>::max());
    return out;
}

PlainSession::PlainSession(const PlainConfig& config, std::unique_ptr<Transport> transport)
    : config_(config), transport_(std::move(transport)) {}

Result<std::unique_ptr<PlainSession>> PlainSession::create(const PlainConfig& config,
                                                           std::unique_ptr<Transport> transport) {
    std::unique_ptr<PlainSession> session(new PlainSession(config, std::move(transport)));
    if (auto equipped = session->equip(); !equipped) return std::unexpected(std::move(equipped.error()));
    return session;
}

Result<void> PlainSession::equip() {
    const session::SessionConfig& config = config_.session;
    const bool host = role() == Role::Host;
    if (host) {
        auto packetizer = session::Packetizer::create(config);
        if (!packetizer) return std::unexpected(std::move(packetizer.error()));
        packetizer_.emplace(std::move(*packetizer));
    } else {
        auto reassembler = session::Reassembler::create(config);
        if (!reassembler) return std::unexpected(std::move(reassembler.error()));
        reassembler_.emplace(std::move(*reassembler));
    }
    if (!config.encrypt) return {};
    auto opener =
        crypto::Opener::create(config.key, host ? crypto::Direction::ClientToHost : crypto::Direction::HostToClient);
    if (!opener) return std::unexpected(std::move(opener.error()));
    opener_.emplace(std::move(*opener));
    if (host) return {};
    auto sealer = crypto::Sealer::create(config.key, crypto::Direction::ClientToHost);
    if (!sealer) return std::unexpected(std::move(sealer.error()));
    input_sealer_.emplace(std::move(*sealer));
    return {};
}

PunktfunkStats PlainSession::stats() const {
    PunktfunkStats stats = stats_;
    if (reassembler_) {
        const session::ReassemblyStats& received = reassembler_->stats();
        stats.frames_completed = received.frames_completed;
        stats.frames_dropped = received.frames_dropped;
        stats.packets_received = received.packets_received;
        stats.packets_dropped = received.packets_dropped;
        stats.fec_recovered_shards = received.fec_recovered_shards;
        stats.bytes_received = received.bytes_received;
    }
    return stats;
}

void PlainSession::send(ByteView arena, size_t size) {
    const size_t count = arena.size() / size;
    stats_.packets_sent += count;
    stats_.bytes_sent += arena.size();
    stats_.packets_send_dropped += count - transport_->send(arena, size);
}

Result<void> PlainSession::submit(ByteView access_unit, uint64_t pts_ns, uint32_t flags) {
    auto batch = packetizer_->packetize(access_unit, pts_ns, flags);
    if (!batch) return std::unexpected(std::move(batch.error()));
    ++stats_.frames_submitted;
    send(batch->arena, batch->packet_bytes);
    return {};
}

void PlainSession::send_input(const wire::InputEvent& event) {
    const auto plain = wire::encode_input(event);
    if (!input_sealer_) return send(plain, plain.size());
    std::array<uint8_t, wire::kInputEventBytes + crypto::kSealOverhead> sealed{};
    std::ranges::copy(plain, sealed.begin() + crypto::kSequenceBytes);
    input_sealer_->seal_in_place(sealed);
    send(sealed, sealed.size());
}

std::span<uint8_t> PlainSession::open(std::span<uint8_t> datagram) {
    return opener_ ? opener_->open_in_place(datagram) : datagram;
}

std::optional<session::Frame> PlainSession::take(std::span<uint8_t> datagram) {
    const auto packet = open(datagram);
    if (packet.data() == nullptr) return std::nullopt;
    return reassembler_->push(packet, realtime_ns());
}

Result<std::optional<session::Frame>> PlainSession::poll() {
    std::optional<session::Frame> frame;
    while (!frame && backlog_next_ < backlog_count_) frame = take(backlog_[backlog_next_++]);
    if (frame) return frame;
    backlog_count_ = backlog_next_ = 0;
    const auto sink = [&](std::span<uint8_t> datagram) {
        if (!frame) {
            frame = take(datagram);
            return;
        }
        if (backlog_count_ == backlog_.size()) backlog_.emplace_back();
        backlog_[backlog_count_++].assign(datagram.begin(), datagram.end());
    };
    for (int batch = 0; !frame && batch < kMaxBatches; ++batch) {
        const auto received = transport_->receive(sink);
        if (!received) return std::unexpected(received.error());
        if (*received == 0) break;
    }
    return frame;
}

Result<std::vector<wire::InputEvent>> PlainSession::receive_input() {
    std::vector<wire::InputEvent> events;
    const auto sink = [&](std::span<uint8_t> datagram) {
        const auto packet = open(datagram);
        if (packet.data() == nullptr) return;
        ++stats_.packets_received;
        stats_.bytes_received += packet.size();
        if (const auto event = wire::decode_input(packet)) {
            events.push_back(*event);
        } else {
            ++stats_.packets_dropped;
        }
    };
    for (int batch = 0; batch < kMaxBatches; ++batch) {
        const auto received = transport_->receive(sink);
        if (!received) return std::unexpected(received.error());
        if (*received == 0) break;
    }
    return events;
}

}  // namespace punktfunk::abi
