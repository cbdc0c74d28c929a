// A session as the host's Welcome describes it. One that is accepted works: a frame goes through it whole although as
// many packets are lost as there is parity.
#include "punktfunk/session/session_config.hpp"

#include <algorithm>

#include "punktfunk/session/packetizer.hpp"
#include "punktfunk/session/reassembler.hpp"
#include "punktfunk/wire/control.hpp"
#include "require.hpp"

using namespace punktfunk;

namespace {

constexpr size_t kWelcomeBytes = 60, kMaxShards = 300;

void check_session(const session::SessionConfig& config, ByteView frame) {
    auto packetizer = session::Packetizer::create(config);
    auto reassembler = session::Reassembler::create(config);
    REQUIRE(packetizer && reassembler);
    auto opener = crypto::Opener::create(config.key, crypto::Direction::HostToClient);
    REQUIRE(opener || !config.encrypt);
    const auto batch = packetizer->packetize(frame, 7, session::kKeyframe);
    REQUIRE(batch && batch->packet_bytes == config.wire_bytes());
    REQUIRE(batch->arena.size() == batch->count * batch->packet_bytes);

    size_t completed = 0;
    for (size_t i = 0; i < batch->count; ++i) {
        const auto sent = batch->arena.subspan(i * batch->packet_bytes, batch->packet_bytes);
        Bytes datagram(sent.begin(), sent.end());
        const std::span<const uint8_t> packet = config.encrypt ? opener->open_in_place(datagram) : datagram;
        REQUIRE(packet.size() == config.packet_bytes());
        const auto header = session::load_header(packet.first<session::kPacketHeaderBytes>());
        if (header.shard_index < header.recovery_shards) continue;  // lost
        const auto made = reassembler->push(packet, i);
        if (!made) continue;
        ++completed;
        REQUIRE(std::ranges::equal(made->data, frame) && made->pts_ns == 7 && made->user_flags == session::kKeyframe);
    }
    REQUIRE(completed == 1 && reassembler->stats().packets_dropped == 0);
}

}  // namespace

// The first 60 bytes are the Welcome, the rest is the frame.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < kWelcomeBytes) return 0;
    const auto welcome = wire::decode_welcome({data, kWelcomeBytes});
    if (!welcome) return 0;
    const session::SessionConfig config{.scheme = welcome->fec_scheme == 1 ? fec::Scheme::Gf16 : fec::Scheme::Gf8,
                                        .fec_percent = welcome->fec_percent,
                                        .max_data_per_block = welcome->max_data_per_block,
                                        .shard_payload = welcome->shard_payload,
                                        .encrypt = welcome->encrypt,
                                        .key = {welcome->key, welcome->salt}};
    if (const auto valid = config.validate(); !valid) {
        REQUIRE(valid.error().code == ErrorCode::InvalidArgument);
        REQUIRE(!session::Packetizer::create(config) && !session::Reassembler::create(config));
        return 0;
    }
    const ByteView frame(data + kWelcomeBytes, size - kWelcomeBytes);
    check_session(config, frame.first(std::min<size_t>(frame.size(), kMaxShards * config.shard_payload)));
    return 0;
}
