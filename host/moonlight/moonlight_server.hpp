// The GameStream host: what stock Moonlight clients connect to. Everything here runs on the control thread's
// io_context; slow work is the sessions' and desktops' own threads'.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/encode/video_encoder.hpp"
#include "punktfunk/moonlight/library_app.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::moonlight {

struct MoonlightConfig {
    boost::asio::ip::address bind;  // an IPv6 wildcard takes IPv4 as well
    uint16_t port_base = 47989;     // HTTP; the others as spec §1.1 says. 0: any free ports
    crypto::Identity identity;      // shared with the host's other protocol
    std::string hostname, unique_id;
    std::filesystem::path config_dir;                  // gs-paired.json, apps.json
    bool all_codecs = false;                           // HEVC and AV1 even where they are encoded in software
    size_t max_concurrent = 4;                         // streaming sessions of both protocols; 0 = no limit
    std::function<size_t()> other_sessions;            // of the other protocol
    std::function<std::vector<LibraryApp>()> library;  // may be empty
    // Sessions or pairing have changed. May be empty; never called from inside a call.
    std::function<void()> changed;
};

struct Ports {
    uint16_t http = 0, https = 0, rtsp = 0, video = 0, control = 0, audio = 0;
};

struct ClientInfo {
    std::string name;
    crypto::Fingerprint fingerprint{};
    devices::Terms terms;
    Bytes certificate_der;
};

struct SessionInfo {
    uint64_t id = 0;  // of one run of the host
    std::string client_name, encoder, app;
    crypto::Fingerprint fingerprint{};
    boost::asio::ip::address address;
    std::chrono::system_clock::time_point started;
    bool streaming = false;
    encode::Codec codec{};
    devices::Rights rights;
    uint32_t packet_bytes = 0, min_fec_packets = 0;
    std::optional<uint64_t> packets_lost, packets_recovered;  // of clients that tell; they leave out some
    display::Mode mode;
    uint32_t bitrate_kbps = 0;           // of the encoder, now
    std::optional<double> loss_percent;  // of the latest seconds, before recovery; of clients that tell
    std::optional<std::chrono::microseconds> round_trip;  // of the control stream
    stream::StreamStats stats;
};

// A client that waits for its PIN.
struct WaitingInfo {
    uint64_t id = 0;
    std::string address, name;
};

class MoonlightServer {
  public:
    // What `parts` points to must outlive the server. Errors name the port or the file that is at fault.
    static Result<std::unique_ptr<MoonlightServer>> start(boost::asio::io_context& io, MoonlightConfig config,
                                                          stream::PipelineParts parts,
                                                          const std::vector<encode::ProbeResult>& encoders);
    virtual ~MoonlightServer() = default;  // ends every session and waits for their desktops to be gone
    [[nodiscard]] virtual Ports ports() const = 0;

    [[nodiscard]] virtual std::vector<SessionInfo> sessions() const = 0;
    // What counts against max_concurrent: those sessions, and the ones that were launched and will begin.
    [[nodiscard]] virtual size_t occupied() const = 0;
    [[nodiscard]] virtual std::vector<ClientInfo> paired() const = 0;
    // NotAvailable when it is not paired. What it may do counts at once.
    virtual Result<void> change(const crypto::Fingerprint& fingerprint, const devices::Change& change) = 0;
    // NotAvailable when there is no such session (any more); Closed when it has no picture yet.
    virtual Result<void> stop_session(uint64_t id) = 0;
    virtual Result<void> request_keyframe(uint64_t id) = 0;
    virtual void take_thumbnail(uint64_t id, stream::ThumbnailRequests::Done done) = 0;
    virtual void set_max_concurrent(size_t most) = 0;
    // NotAvailable when it is not paired. Its session ends at once.
    virtual Result<void> unpair(const crypto::Fingerprint& fingerprint) = 0;
    [[nodiscard]] virtual std::vector<WaitingInfo> waiting() const = 0;
    // The PIN that a client shows, typed at the host. `client` as waiting() says, 0 for the only one; an empty name is
    // the client's own. NotAvailable: nobody waits; InvalidArgument: no PIN, or not clear whose.
    virtual Result<WaitingInfo> enter_pin(uint64_t client, std::string_view pin, std::string_view name) = 0;
};

}  // namespace punktfunk::moonlight
