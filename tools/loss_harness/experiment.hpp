// One cell of the sweep: frames through the real packetizer, sealing, a bad link, opening and reassembly.
#pragma once

#include <cstdint>

#include "punktfunk/fec/erasure_code.hpp"
#include "punktfunk/impair/link.hpp"
#include "survival.hpp"

namespace punktfunk::loss_harness {

enum class Transport : uint8_t {
    InProcess,  // in virtual time
    Udp,        // real sockets on loopback and a relay in between
};

struct Cell {
    fec::Scheme scheme = fec::Scheme::Gf16;
    size_t frame_packets = 192;  // data packets of a frame, of kShardPayload bytes
    size_t per_block = 192;      // data packets of a block, at most
    unsigned fec_percent = 20;
    impair::LinkSettings link;
    Transport transport = Transport::InProcess;
    size_t frames = 1000;
};
inline constexpr uint16_t kShardPayload = 1408;

// Some block shapes are more than GF(2^8) can do, and short bursts cannot lose much.
[[nodiscard]] bool possible(const Cell& cell);
// Of the cell's link and block shape: cells that differ in nothing else (code, order of arrival, transport) meet the
// same losses, and must lose the same frames.
[[nodiscard]] uint64_t cell_seed(const Cell& cell, uint64_t seed);

struct Outcome {
    uint64_t packets = 0, lost = 0;
    uint64_t survived = 0, recovered_shards = 0;
    uint64_t corrupt = 0;  // frames that came out with other bytes than went in: never
    Expectation expected;

    // Survivors away from the expected number, in standard errors. A frame is added to the variance: where hardly any
    // frame is expected to fail, a single one would otherwise count as many.
    [[nodiscard]] double deviation(size_t frames) const;
};

// Deterministic in the cell and the seed, the UDP transport included: its datagrams are sent a few at a time, so that
// the kernel has no reason to lose any; Timeout should it do so all the same.
Result<Outcome> run(const Cell& cell, uint64_t seed);

}  // namespace punktfunk::loss_harness
