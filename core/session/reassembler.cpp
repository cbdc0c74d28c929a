#include "punktfunk/session/reassembler.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace punktfunk::session {

namespace {

constexpr uint32_t kWindow = 16;  // frames behind the newest that may still complete (spec §4.7)
constexpr size_t kSlots = kWindow + 1;
constexpr unsigned kMaxFecPercent = 90;  // a v0.31 host adapts its percentage during the session (§11.3)
// Memory that forged headers could claim: shards are stored as they arrive, so it takes as many packets as it takes
// bytes.
constexpr size_t kMaxBufferedShards = 128 * 1024;

bool ahead(uint32_t index, uint32_t of) {
    return index - of <= 0x7fffffff;
}

struct Block {
    uint16_t k = 0, m = 0, received = 0;
    bool seen = false, done = false;
    std::vector<uint8_t> shards;   // k + m shards, in place
    std::vector<uint8_t> present;  // k + m flags

    void reset() {
        seen = done = false;
        received = 0;
    }
};

struct Slot {
    bool active = false, completed = false;
    uint32_t index = 0, frame_bytes = 0, user_flags = 0;
    uint64_t pts_ns = 0, first_packet_ns = 0;
    uint32_t blocks_done = 0, recovered = 0;
    uint16_t block_count = 0;
    size_t buffered_shards = 0;
    std::vector<Block> blocks;
};

}  // namespace

struct Reassembler::State {
    SessionConfig config;
    std::shared_ptr<const fec::ErasureCode> code;
    fec::Workspace workspace;
    ReassemblyStats stats;
    std::array<Slot, kSlots> slots;
    std::optional<uint32_t> newest;
    size_t max_parity = 0, max_total = 0, max_blocks = 1, buffered_shards = 0;
    Bytes frame;
    std::vector<uint8_t*> data;
    std::vector<const uint8_t*> parity;

    bool plausible(const PacketHeader& header, size_t packet_bytes) const;
    bool advance_to(uint32_t index);
    void retire(Slot& slot);
    Slot& slot_of(uint32_t index) { return slots[index % kSlots]; }
    bool reconstruct(Block& block, uint32_t& recovered);
    Frame assemble(Slot& slot);
};

Reassembler::Reassembler(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reassembler::Reassembler(Reassembler&&) noexcept = default;
Reassembler& Reassembler::operator=(Reassembler&&) noexcept = default;
Reassembler::~Reassembler() = default;

Result<Reassembler> Reassembler::create(const SessionConfig& config) {
    if (auto valid = config.validate(); !valid) return std::unexpected(valid.error());
    auto state = std::make_unique<State>();
    state->config = config;
    state->code = fec::erasure_code(config.scheme);
    const size_t d = config.max_data_per_block;
    state->max_parity = fec::recovery_count(d, std::max<unsigned>(config.fec_percent, kMaxFecPercent));
    state->max_total = std::min(d + state->max_parity, fec::max_total_shards(config.scheme));
    const uint64_t shards = (config.max_frame_bytes + config.shard_payload - 1) / config.shard_payload;
    state->max_blocks = static_cast<size_t>(std::max<uint64_t>(1, (shards + d - 1) / d));
    return Reassembler(std::move(state));
}

const ReassemblyStats& Reassembler::stats() const {
    return state_->stats;
}

bool Reassembler::State::plausible(const PacketHeader& h, size_t packet_bytes) const {
    const size_t k = h.data_shards, m = h.recovery_shards;
    return h.magic == kPacketMagic && h.shard_bytes == config.shard_payload &&
           packet_bytes >= kPacketHeaderBytes + h.shard_bytes && k > 0 && k <= config.max_data_per_block &&
           k + m <= max_total && h.shard_index < k + m && h.block_count > 0 && h.block_count <= max_blocks &&
           h.block_index < h.block_count && h.frame_bytes <= config.max_frame_bytes &&
           // All blocks together hold the frame: a forged length cannot make the frame read past its shards.
           h.frame_bytes <= uint64_t{h.block_count} * config.max_data_per_block * config.shard_payload;
}

void Reassembler::State::retire(Slot& slot) {
    if (slot.active && !slot.completed) ++stats.frames_dropped;
    slot.active = slot.completed = false;
    buffered_shards -= std::exchange(slot.buffered_shards, 0);
}

// Moves the window to `index` when it is newer. False when it lies behind the window.
bool Reassembler::State::advance_to(uint32_t index) {
    if (!newest || ahead(index, *newest)) {
        newest = index;
        for (Slot& slot : slots) {
            if (slot.active && *newest - slot.index > kWindow) retire(slot);
        }
        return true;
    }
    return *newest - index <= kWindow;
}

std::optional<Frame> Reassembler::push(ByteView packet, uint64_t now_ns) {
    State& s = *state_;
    ++s.stats.packets_received;
    s.stats.bytes_received += packet.size();
    const auto drop = [&] {
        ++s.stats.packets_dropped;
        return std::nullopt;
    };
    if (packet.size() < kPacketHeaderBytes) return drop();
    const PacketHeader header = load_header(packet.first<kPacketHeaderBytes>());
    if (!s.plausible(header, packet.size()) || !s.advance_to(header.frame_index)) return drop();

    Slot& slot = s.slot_of(header.frame_index);
    if (slot.active && slot.index != header.frame_index) s.retire(slot);
    if (slot.active && slot.completed) return drop();
    if (!slot.active) {
        slot.active = true;
        slot.index = header.frame_index;
        slot.block_count = header.block_count;
        slot.frame_bytes = header.frame_bytes;
        slot.pts_ns = header.pts_ns;
        slot.user_flags = header.user_flags;
        slot.first_packet_ns = now_ns;
        slot.blocks_done = slot.recovered = 0;
        if (slot.blocks.size() < header.block_count) slot.blocks.resize(header.block_count);
        for (size_t i = 0; i < header.block_count; ++i) slot.blocks[i].reset();
    } else if (slot.block_count != header.block_count || slot.frame_bytes != header.frame_bytes) {
        return drop();
    }

    Block& block = slot.blocks[header.block_index];
    if (block.done) return std::nullopt;
    const size_t shards = size_t{header.data_shards} + header.recovery_shards;
    const size_t length = header.shard_bytes;
    if (!block.seen) {
        if (s.buffered_shards + shards > kMaxBufferedShards) return drop();
        s.buffered_shards += shards;
        slot.buffered_shards += shards;
        block.seen = true;
        block.k = header.data_shards;
        block.m = header.recovery_shards;
        if (block.shards.size() < shards * length) block.shards.resize(shards * length);
        block.present.assign(shards, 0);
    } else if (block.k != header.data_shards || block.m != header.recovery_shards) {
        return drop();
    }
    if (std::exchange(block.present[header.shard_index], 1) != 0) return std::nullopt;
    std::memcpy(block.shards.data() + header.shard_index * length, packet.data() + kPacketHeaderBytes, length);
    if (++block.received < block.k) return std::nullopt;
    // Should the code ever refuse, the block waits for another shard; it is not the session's end.
    if (!s.reconstruct(block, slot.recovered)) return std::nullopt;
    block.done = true;
    if (++slot.blocks_done < slot.block_count) return std::nullopt;
    return s.assemble(slot);
}

bool Reassembler::State::reconstruct(Block& block, uint32_t& recovered) {
    const size_t length = config.shard_payload;
    const auto missing = static_cast<uint32_t>(std::count(block.present.begin(), block.present.begin() + block.k, 0));
    if (missing == 0) return true;
    data.resize(block.k);
    parity.resize(block.m);
    for (size_t i = 0; i < block.k; ++i) data[i] = block.shards.data() + i * length;
    for (size_t j = 0; j < block.m; ++j)
        parity[j] = block.present[block.k + j] != 0 ? block.shards.data() + (block.k + j) * length : nullptr;
    if (!code->reconstruct(data, std::span<const uint8_t>(block.present).first(block.k), parity, length, workspace))
        return false;
    recovered += missing;
    stats.fec_recovered_shards += missing;
    return true;
}

Frame Reassembler::State::assemble(Slot& slot) {
    if (frame.size() < slot.frame_bytes) frame.resize(slot.frame_bytes);
    size_t offset = 0;
    for (size_t i = 0; i < slot.block_count && offset < slot.frame_bytes; ++i) {
        const Block& block = slot.blocks[i];
        const size_t length = std::min<size_t>(size_t{block.k} * config.shard_payload, slot.frame_bytes - offset);
        std::memcpy(frame.data() + offset, block.shards.data(), length);
        offset += length;
    }
    slot.completed = true;
    buffered_shards -= std::exchange(slot.buffered_shards, 0);
    ++stats.frames_completed;
    // Blocks smaller than announced cannot fill the frame: what they lack must not be what an earlier frame left
    // behind.
    std::fill(frame.begin() + static_cast<ptrdiff_t>(offset), frame.begin() + slot.frame_bytes, uint8_t{0});
    return {{frame.data(), slot.frame_bytes},
            slot.index,
            slot.pts_ns,
            slot.user_flags,
            slot.recovered,
            slot.first_packet_ns};
}

}  // namespace punktfunk::session
