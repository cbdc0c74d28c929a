// What both ends of a data plane agree on (spec §4.6), from Welcome or from the C ABI.
#pragma once

#include <cstdint>

#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/aead.hpp"
#include "punktfunk/fec/erasure_code.hpp"

namespace punktfunk::session {

struct SessionConfig {
    fec::Scheme scheme = fec::Scheme::Gf8;
    uint8_t fec_percent = 15;
    uint16_t max_data_per_block = 200;
    uint16_t shard_payload = 1024;
    uint64_t max_frame_bytes = 64ull << 20;
    bool encrypt = false;
    crypto::SessionKey key;
    uint8_t version = 1;  // header version byte

    // Every rule of §4.6; InvalidArgument names the field.
    [[nodiscard]] Result<void> validate() const;
    [[nodiscard]] size_t packet_bytes() const;  // 40 + shard_payload
    [[nodiscard]] size_t wire_bytes() const;    // + 24 when sealed
    [[nodiscard]] uint64_t max_blocks() const;  // of a frame of max_frame_bytes, at least 1
};

}  // namespace punktfunk::session
