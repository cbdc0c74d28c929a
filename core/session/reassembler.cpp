#include "punktfunk/session/reassembler.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "buffer_pool.hpp"

namespace punktfunk::session {

namespace {

constexpr uint32_t kWindow = 16;  // frames behind the newest that may still complete (spec §4.7)
// A power of two above the window: the slot of an index stays its own when the index wraps.
constexpr size_t kSlots = 32;
constexpr unsigned kMaxFecPercent = 90;  // a v0.31 host adapts its percentage during the session (§11.3)
// What all frames, unfinished or not given back, may take, whatever their headers claim.
constexpr size_t kMaxBufferedBytes = size_t{256} << 20;

bool ahead(uint32_t index, uint32_t of) {
    return index - of <= 0x7fffffff;
}

struct Block {
    uint16_t k = 0, m = 0;
    uint32_t received = 0, data_received = 0;
    bool seen = false, done = false;
    BufferPool::Buffer parity;  // m shards, then m flags

    [[nodiscard]] uint8_t* parity_present(size_t shard_bytes) const { return parity.data + m * shard_bytes; }
};

// A frame under way. Its buffer holds the data shards of all blocks, each where the frame wants it, then the blocks'
// state and a flag per data shard: the finished frame is read where its packets were written.
struct Slot {
    bool active = false, completed = false;
    uint32_t index = 0, frame_bytes = 0, user_flags = 0;
    uint64_t pts_ns = 0, first_packet_ns = 0;
    uint32_t blocks_done = 0, recovered = 0;
    uint16_t block_count = 0;
    BufferPool::Buffer buffer;
    Block* blocks = nullptr;
    uint8_t* present = nullptr;
};

}  // namespace

struct Reassembler::State {
    SessionConfig config;
    std::shared_ptr<const fec::ErasureCode> code;
    fec::Workspace workspace;
    ReassemblyStats stats;
    std::array<Slot, kSlots> slots;
    std::optional<uint32_t> newest;
    size_t max_total = 0, max_blocks = 1;
    std::shared_ptr<BufferPool> pool = std::make_shared<BufferPool>(kMaxBufferedBytes);
    std::vector<uint8_t*> data;
    std::vector<const uint8_t*> parity;

    ~State() {
        for (Slot& slot : slots) release(slot);
    }
    [[nodiscard]] size_t data_shards_of(uint32_t frame_bytes) const {
        return std::max<size_t>(1, (size_t{frame_bytes} + config.shard_payload - 1) / config.shard_payload);
    }
    [[nodiscard]] bool plausible(const PacketHeader& header, size_t packet_bytes) const;
    bool advance_to(uint32_t index);
    bool open(Slot& slot, const PacketHeader& header, uint64_t now_ns);
    void release(Slot& slot);
    void retire(Slot& slot);
    Slot& slot_of(uint32_t index) { return slots[index % kSlots]; }
    bool reconstruct(Slot& slot, size_t block_index);
};

Reassembler::Reassembler(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reassembler::Reassembler(Reassembler&&) noexcept = default;
Reassembler& Reassembler::operator=(Reassembler&&) noexcept = default;
Reassembler::~Reassembler() = default;

FrameBuffer::~FrameBuffer() {
    BufferPool::Buffer buffer{data_, size_class_};
    if (pool_) pool_->give(buffer);
}

Result<Reassembler> Reassembler::create(const SessionConfig& config) {
    if (auto valid = config.validate(); !valid) return std::unexpected(valid.error());
    auto state = std::make_unique<State>();
    state->config = config;
    state->code = fec::erasure_code(config.scheme);
    const size_t d = config.max_data_per_block;
    const size_t parity = fec::recovery_count(d, std::max<unsigned>(config.fec_percent, kMaxFecPercent));
    state->max_total = std::min(d + parity, fec::max_total_shards(config.scheme));
    state->max_blocks = static_cast<size_t>(config.max_blocks());
    return Reassembler(std::move(state));
}

const ReassemblyStats& Reassembler::stats() const {
    return state_->stats;
}

size_t Reassembler::buffered_bytes() const {
    return state_->pool->held_bytes();
}

bool Reassembler::State::plausible(const PacketHeader& h, size_t packet_bytes) const {
    const size_t k = h.data_shards, m = h.recovery_shards, d = config.max_data_per_block;
    if (h.magic != kPacketMagic || h.shard_bytes != config.shard_payload ||
        packet_bytes < kPacketHeaderBytes + h.shard_bytes || k == 0 || k > d || k + m > max_total ||
        h.shard_index >= k + m || h.block_count == 0 || h.block_count > max_blocks || h.block_index >= h.block_count ||
        h.frame_bytes > config.max_frame_bytes) {
        return false;
    }
    // A frame's length says how it was split (§4.5); what disagrees was not made by a sender.
    const size_t total = data_shards_of(h.frame_bytes), first = size_t{h.block_index} * d;
    return h.block_count == (total + d - 1) / d && k == std::min(d, total - first);
}

void Reassembler::State::release(Slot& slot) {
    if (!slot.buffer) return;
    for (size_t i = 0; i < slot.block_count; ++i) pool->give(slot.blocks[i].parity);
    pool->give(slot.buffer);
}

void Reassembler::State::retire(Slot& slot) {
    if (slot.active && !slot.completed) ++stats.frames_dropped;
    slot.active = slot.completed = false;
    release(slot);
}

// Moves the window to `index` when it is newer. False when it lies behind the window.
bool Reassembler::State::advance_to(uint32_t index) {
    if (newest == index) return true;
    if (!newest || ahead(index, *newest)) {
        newest = index;
        for (Slot& slot : slots) {
            if (slot.active && *newest - slot.index > kWindow) retire(slot);
        }
        return true;
    }
    return *newest - index <= kWindow;
}

// False when the frame does not fit into what may be buffered.
bool Reassembler::State::open(Slot& slot, const PacketHeader& h, uint64_t now_ns) {
    const size_t total = data_shards_of(h.frame_bytes);
    const size_t blocks_at = (total * config.shard_payload + alignof(Block) - 1) / alignof(Block) * alignof(Block);
    const size_t present_at = blocks_at + h.block_count * sizeof(Block);
    slot.buffer = pool->take(present_at + total);
    if (!slot.buffer) return false;
    slot.active = true;
    slot.index = h.frame_index;
    slot.block_count = h.block_count;
    slot.frame_bytes = h.frame_bytes;
    slot.pts_ns = h.pts_ns;
    slot.user_flags = h.user_flags;
    slot.first_packet_ns = now_ns;
    slot.blocks_done = slot.recovered = 0;
    slot.blocks = reinterpret_cast<Block*>(slot.buffer.data + blocks_at);
    std::uninitialized_value_construct_n(slot.blocks, h.block_count);
    slot.present = slot.buffer.data + present_at;
    std::memset(slot.present, 0, total);
    return true;
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
    if (slot.active && slot.completed) return drop();
    if (!slot.active) {
        if (!s.open(slot, header, now_ns)) return drop();
    } else if (slot.block_count != header.block_count || slot.frame_bytes != header.frame_bytes) {
        return drop();
    }

    Block& block = slot.blocks[header.block_index];
    if (block.done) return std::nullopt;
    if (!block.seen) {
        block.seen = true;
        block.k = header.data_shards;
        block.m = header.recovery_shards;
    } else if (block.m != header.recovery_shards) {
        return drop();
    }
    const size_t length = header.shard_bytes;
    const size_t first = size_t{header.block_index} * s.config.max_data_per_block;
    const bool is_data = header.shard_index < block.k;
    if (!is_data && !block.parity) {
        block.parity = s.pool->take(size_t{block.m} * (length + 1));
        if (!block.parity) return drop();
        std::memset(block.parity_present(length), 0, block.m);
    }
    const size_t shard = is_data ? first + header.shard_index : size_t{header.shard_index} - block.k;
    uint8_t& present = is_data ? slot.present[shard] : block.parity_present(length)[shard];
    if (std::exchange(present, 1) != 0) return std::nullopt;
    uint8_t* to = (is_data ? slot.buffer.data : block.parity.data) + shard * length;
    std::memcpy(to, packet.data() + kPacketHeaderBytes, length);
    block.data_received += is_data ? 1 : 0;
    if (++block.received < block.k) return std::nullopt;
    // Should the code ever refuse, the block waits for another shard; it is not the session's end.
    if (block.data_received < block.k && !s.reconstruct(slot, header.block_index)) return std::nullopt;
    block.done = true;
    s.pool->give(block.parity);
    if (++slot.blocks_done < slot.block_count) return std::nullopt;
    slot.completed = true;
    ++s.stats.frames_completed;
    const auto buffer = std::exchange(slot.buffer, {});
    return Frame{{s.pool, buffer.data, buffer.size_class, slot.frame_bytes},
                 slot.index,
                 slot.pts_ns,
                 slot.user_flags,
                 slot.recovered,
                 slot.first_packet_ns};
}

bool Reassembler::State::reconstruct(Slot& slot, size_t block_index) {
    const Block& block = slot.blocks[block_index];
    const size_t length = config.shard_payload, first = block_index * config.max_data_per_block;
    data.resize(block.k);
    parity.resize(block.m);
    for (size_t i = 0; i < block.k; ++i) data[i] = slot.buffer.data + (first + i) * length;
    for (size_t j = 0; j < block.m; ++j)
        parity[j] = block.parity_present(length)[j] != 0 ? block.parity.data + j * length : nullptr;
    if (!code->reconstruct(data, {slot.present + first, block.k}, parity, length, workspace)) return false;
    const uint32_t missing = block.k - block.data_received;
    slot.recovered += missing;
    stats.fec_recovered_shards += missing;
    return true;
}

}  // namespace punktfunk::session
