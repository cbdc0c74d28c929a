// Sealing of data-plane datagrams: AES-128-GCM with the nonce rule of spec §4.2.
//
//   datagram = sequence (u64 BE, 8 bytes) || ciphertext (n bytes) || tag (16 bytes)
//   nonce    = salt with the direction in the top bit of byte 0 (4 bytes) || sequence (BE);  AAD = the 8 sequence bytes
//
// Both classes work in place on one caller-owned buffer and allocate nothing per datagram. One thread at a time.
// The cipher is the fastest that this build and this CPU have; keys are expanded once and wiped in the end.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/replay_window.hpp"

namespace punktfunk::crypto {

inline constexpr size_t kSequenceBytes = 8;
inline constexpr size_t kTagBytes = 16;
inline constexpr size_t kSealOverhead = kSequenceBytes + kTagBytes;

enum class Direction : uint8_t { HostToClient = 0, ClientToHost = 1 };

struct SessionKey {
    std::array<uint8_t, 16> key{};
    std::array<uint8_t, 4> salt{};
    ~SessionKey();  // wipes the key
};

// Fresh key and salt from the system's CSPRNG; one per session, so that a nonce can never be used twice.
[[nodiscard]] SessionKey random_session_key();

class Sealer {
  public:
    static Result<Sealer> create(const SessionKey& key, Direction direction);
    Sealer(Sealer&&) noexcept;
    Sealer& operator=(Sealer&&) noexcept;
    ~Sealer();

    // `datagram` is 8 + n + 16 bytes with the plaintext at [8, 8+n). Writes sequence, ciphertext and tag.
    // The sequence starts at 0 and grows by one per call.
    void seal_in_place(std::span<uint8_t> datagram);
    [[nodiscard]] uint64_t next_sequence() const;

  private:
    struct State;
    explicit Sealer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

class Opener {
  public:
    // `direction` is the direction of the datagrams to open (a client opens HostToClient).
    static Result<Opener> create(const SessionKey& key, Direction direction);
    Opener(Opener&&) noexcept;
    Opener& operator=(Opener&&) noexcept;
    ~Opener();

    // Decrypts in place and returns the plaintext's place inside `datagram`. Empty-data span with nullptr on failure:
    // too short, bad tag, or a sequence already seen (replay window checked after authentication).
    [[nodiscard]] std::span<uint8_t> open_in_place(std::span<uint8_t> datagram);

  private:
    struct State;
    explicit Opener(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::crypto
