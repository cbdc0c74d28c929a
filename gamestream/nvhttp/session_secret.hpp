// The key a client makes for one session (rikey, rikeyid): RTSP, control, video and audio are sealed with it (spec
// §2.8).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "punktfunk/gs_media/stream_key.hpp"

namespace punktfunk::nvhttp {

struct SessionSecret {
    gs_media::StreamKey key;
    uint32_t key_id = 0;  // the first four bytes of the client's IV, big-endian; audio IVs count from it
};

// Every counter begins anew with a session, so a key that comes twice would repeat its nonces: such a launch is refused
// (Appendix B). Remembers digests of the latest kCapacity keys, never the keys.
class UsedKeys {
  public:
    static constexpr size_t kCapacity = 1024;
    // false when the key was used before.
    [[nodiscard]] bool insert(const SessionSecret& secret);

  private:
    std::deque<std::array<uint8_t, 32>> digests_;
};

}  // namespace punktfunk::nvhttp
