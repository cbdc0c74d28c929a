// What the tests of this folder share.
#pragma once

#include <cstring>

#include "boundary.hpp"

namespace punktfunk::abi {

// A good configuration of a plain session.
inline PunktfunkConfig config_for(uint32_t role) {
    PunktfunkConfig config{.struct_size = sizeof(PunktfunkConfig),
                           .role = role,
                           .phase = 1,
                           .fec_scheme = 1,
                           .fec_percent = 20,
                           .max_data_per_block = 200,
                           .shard_payload = 1024,
                           .encrypt = 1,
                           .key = {},
                           .salt = {1, 2, 3, 4},
                           .loopback_drop_period = 0,
                           .max_frame_bytes = 64u << 20};
    std::memset(config.key, 42, sizeof config.key);
    return config;
}

}  // namespace punktfunk::abi
