// The punktfunk/1 host: QUIC control connections, pairing, and one StreamSession per client (spec §2.9, §3, §8.2).
// Everything here runs on the control thread's io_context; slow work is the session's own threads'.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/encode/video_encoder.hpp"
#include "punktfunk/native/paired_store.hpp"
#include "punktfunk/native/pairing_window.hpp"
#include "punktfunk/quic/quic.hpp"
#include "punktfunk/stream/stream_session.hpp"
#include "punktfunk/wire/control.hpp"

namespace punktfunk::native {

struct NativeConfig {
    boost::asio::ip::udp::endpoint bind;
    crypto::Identity identity;
    bool require_pairing = true;
    size_t max_concurrent = 4;               // streaming sessions; 0 = no limit
    std::function<size_t()> other_sessions;  // those of the host's other protocol count too; may be empty
    uint8_t fec_percent = 20;
    uint16_t data_port = 0;                       // first UDP port for video, one port a session; 0 = any free one
    wire::Gamepad gamepad = wire::Gamepad::Auto;  // for clients that leave the choice to the host
    // What a client's launch id stands for (spec §8.9): nothing for one that is not known. May be empty.
    std::function<std::optional<display::Program>(std::string_view launch_id)> find_program;
    // Sessions, pairing or who waits to be let in have changed. May be empty; never called from inside a call.
    std::function<void()> changed;
};

// What can be changed while the host runs; counts for clients that come from then on.
struct NativeSettings {
    bool require_pairing = true;
    size_t max_concurrent = 4;
    uint8_t fec_percent = 20;
    wire::Gamepad gamepad = wire::Gamepad::Auto;
};

struct SessionInfo {
    uint64_t id = 0;                        // of one run of the host
    std::string client_name, encoder, app;  // app: empty for the desktop
    std::optional<crypto::Fingerprint> fingerprint;
    boost::asio::ip::address address;
    std::chrono::system_clock::time_point started;
    bool streaming = false;
    display::Mode mode;
    encode::Codec codec{};
    uint32_t bitrate_kbps = 0;  // of the encoder, now
    devices::Rights rights;
    std::optional<double> loss_percent;  // as the client reported it last, before recovery
    std::optional<uint64_t> recovered;   // shards, as the client reported it last
    std::chrono::microseconds round_trip{};
    stream::StreamStats stats;
};

// A device that is not paired and asked to be let in.
struct PendingClient {
    uint32_t id = 0;
    std::string name;
    crypto::Fingerprint fingerprint{};
    std::chrono::seconds age{};  // since it asked last
    bool waiting = false;        // on an open connection
};

class NativeServer {
  public:
    // `paired`, `window` and what `parts` and `encoders` point to must outlive the server.
    static Result<std::unique_ptr<NativeServer>> start(boost::asio::io_context& io, NativeConfig config,
                                                       PairedStore& paired, PairingWindow& window,
                                                       stream::PipelineParts parts,
                                                       std::vector<encode::ProbeResult> encoders);
    virtual ~NativeServer() = default;  // ends every session and waits for their displays to be gone
    [[nodiscard]] virtual boost::asio::ip::udp::endpoint local() const = 0;
    [[nodiscard]] virtual std::vector<SessionInfo> sessions() const = 0;
    // Ends the running session of an unpaired client.
    virtual void drop_client(const crypto::Fingerprint& fingerprint) = 0;
    // The paired client's entry was changed: what it may do counts at once.
    virtual void follow_terms(const crypto::Fingerprint& fingerprint) = 0;
    virtual void configure(const NativeSettings& settings) = 0;

    // NotAvailable when there is no such session (any more); Closed when it has no picture yet.
    virtual Result<void> stop_session(uint64_t id) = 0;
    virtual Result<void> request_keyframe(uint64_t id) = 0;
    virtual void take_thumbnail(uint64_t id, stream::ThumbnailRequests::Done done) = 0;

    // Delegated approval. Approving pairs a device and lets it in if it waits; an empty name is the device's own.
    // NotAvailable for an id that is not pending.
    [[nodiscard]] virtual std::vector<PendingClient> pending() const = 0;
    virtual Result<PairedClient> approve(uint32_t id, const std::string& name) = 0;
    virtual Result<PairedClient> deny(uint32_t id) = 0;
};

}  // namespace punktfunk::native
