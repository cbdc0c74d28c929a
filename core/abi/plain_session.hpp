// One end of a data plane without a control connection (spec §9.5). One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "boundary.hpp"
#include "punktfunk/session/packetizer.hpp"
#include "punktfunk/session/reassembler.hpp"
#include "punktfunk/wire/input.hpp"
#include "transport.hpp"

namespace punktfunk::abi {

enum class Role : uint32_t { Host = 0, Client = 1 };

struct PlainConfig {
    Role role = Role::Host;
    session::SessionConfig session;
    uint32_t loopback_drop_period = 0;
};
// The rules of §9.5 and §4.6: InvalidArgument. Reads nothing behind struct_size when that is too small.
[[nodiscard]] Result<PlainConfig> read_config(const PunktfunkConfig& config);

class PlainSession {
  public:
    static Result<std::unique_ptr<PlainSession>> create(const PlainConfig& config,
                                                        std::unique_ptr<Transport> transport);

    [[nodiscard]] Role role() const { return config_.role; }
    [[nodiscard]] PunktfunkStats stats() const;

    // Host.
    Result<void> submit(ByteView access_unit, uint64_t pts_ns, uint32_t flags);
    Result<std::vector<wire::InputEvent>> receive_input();
    // Client. A frame is valid until the next poll.
    Result<std::optional<session::Frame>> poll();
    void send_input(const wire::InputEvent& event);

  private:
    PlainSession(const PlainConfig& config, std::unique_ptr<Transport> transport);
    Result<void> equip();
    void send(ByteView arena, size_t size);
    // The packet inside; nullptr-data when it is not for us.
    std::span<uint8_t> open(std::span<uint8_t> datagram);
    std::optional<session::Frame> take(std::span<uint8_t> datagram);

    PlainConfig config_;
    std::unique_ptr<Transport> transport_;
    PunktfunkStats stats_{};
    std::optional<crypto::Opener> opener_;
    std::optional<session::Packetizer> packetizer_;    // host
    std::optional<session::Reassembler> reassembler_;  // client
    std::optional<crypto::Sealer> input_sealer_;       // client

    // A batch may end behind the packet that completed a frame; the rest waits here for the next poll.
    std::vector<Bytes> backlog_;
    size_t backlog_count_ = 0, backlog_next_ = 0;
};

}  // namespace punktfunk::abi
