// The encrypted packets that ENet carries (spec §5.3): a sequence number, a tag, and one message (messages.hpp).
//
//   packet = 0x0001 (LE16) | length (LE16) of what follows | sequence (LE32) | tag 16 | AES-128-GCM of the message
//
// Messages travel on many channels that are ordered only in themselves, so sequence numbers arrive in any order; none
// is taken twice.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/gs_media/stream_key.hpp"

namespace punktfunk::gs_control {

inline constexpr size_t kControlOverhead = 24;
inline constexpr size_t kMaxControlBytes = 512;  // of a packet that is taken

enum class Sender : uint8_t { Client, Host };

// What a client chose in ANNOUNCE. Legacy is for clients too old to set encryptionEnabled bit 0: both directions share
// its 256 IVs, so it keeps nothing secret from whoever listens for long, and it authenticates only the lowest byte of
// the number, so that whoever can write to the wire can repeat packets. Such clients cannot do better.
enum class Scheme : uint8_t { V2, Legacy };

// One direction's end. One thread, and one for the whole of a launch: a second one would use its IVs again.
class Sealer {
  public:
    static Result<Sealer> create(const gs_media::StreamKey& key, Sender self, Scheme scheme);
    Sealer(Sealer&&) noexcept;
    Sealer& operator=(Sealer&&) noexcept;
    ~Sealer();

    // Sequence numbers begin at 0. InvalidArgument for a message that does not fit a packet; Exhausted after 2^32,
    // because an IV would come again.
    [[nodiscard]] Result<Bytes> seal(ByteView message);

  private:
    struct State;
    explicit Sealer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

class Opener {
  public:
    static Result<Opener> create(const gs_media::StreamKey& key, Sender from, Scheme scheme);
    Opener(Opener&&) noexcept;
    Opener& operator=(Opener&&) noexcept;
    ~Opener();

    // Decrypts in place; the message lies inside `packet`. ProtocolViolation for what is no such packet, Crypto for one
    // that was not sealed with this key, or was opened before. Allocates nothing for a good packet.
    [[nodiscard]] Result<ByteView> open(std::span<uint8_t> packet);

  private:
    struct State;
    explicit Opener(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::gs_control
