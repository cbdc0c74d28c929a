// What the management API asks of the host, in values: it knows no protocol server, and the servers know no HTTP.
// host/app implements it over them, for the API and for the control socket alike.
//
// Everything is called, and calls back, on the control thread, and nothing blocks. A callback is called once, unless
// the host stops before.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/devices/device_terms.hpp"
#include "punktfunk/http/web_socket.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::management {

using SystemTime = std::chrono::system_clock::time_point;

struct HostFacts {
    std::string hostname, unique_id;
    crypto::Fingerprint fingerprint{};
    std::vector<std::string> codecs;  // "h264", "h265", "av1"
    bool pairing_required = true, gamestream = false;
    SystemTime started;
    uint16_t native = 0, http = 0, https = 0, rtsp = 0, video = 0, control = 0, audio = 0;  // ports; 0: off
};

struct SessionView {
    std::string id, protocol;  // "punktfunk1", "gamestream", "browser"
    std::string device_name;
    std::optional<crypto::Fingerprint> fingerprint;
    std::string address, app, codec, encoder, compositor;  // encoder: empty until it is open
    bool streaming = false;
    SystemTime started;
    display::Mode mode;
    uint32_t bitrate_kbps = 0;
    devices::Rights rights;
    stream::StreamStats stats;
    std::optional<double> loss_percent;
    std::optional<uint64_t> packets_lost, recovered;
    std::optional<std::chrono::microseconds> round_trip;
    uint32_t packet_bytes = 0, min_fec_packets = 0;  // GameStream's
};

struct DeviceView {
    crypto::Fingerprint fingerprint{};
    std::string name;
    bool native = false, gamestream = false;  // paired by
    devices::Terms terms;
};

struct CertificateView {
    crypto::Fingerprint fingerprint{};
    std::optional<std::string> subject;
    std::optional<int64_t> not_before, not_after;  // seconds since the epoch
};

struct ArmedPin {
    std::string pin;
    std::chrono::seconds remaining{}, ttl{};
};
struct Knock {
    uint32_t id = 0;
    std::string name;
    crypto::Fingerprint fingerprint{};
    std::chrono::seconds age{};
    bool waiting = false;
};
struct WaitingForPin {
    uint64_t id = 0;
    std::string address, name;
};
struct PairingView {
    std::optional<ArmedPin> armed;
    std::vector<Knock> knocking;
    std::vector<WaitingForPin> waiting;
};
struct NamedDevice {
    std::string name;
    crypto::Fingerprint fingerprint{};
};

// Who opened a page that plays.
struct PageVisitor {
    std::string name;        // fit to show; empty: the host's choice
    std::string credential;  // by what it was let in
    boost::asio::ip::address address;
    std::optional<crypto::Fingerprint> fingerprint;  // of a paired device
};

struct DisplayView {
    std::string id, label, reason;
    bool available = false, chosen = false;
};
struct EncoderView {
    std::string id, codec, reason;
    bool hardware = false, available = false, chosen = false;
};
struct DisplayTest {
    stream::Picture picture;
    std::string display, encoder;
    uint32_t width = 0, height = 0;
    std::chrono::milliseconds display_time{}, first_frame{}, encode{};
    size_t encoded_bytes = 0;
};

struct SettingView {
    std::string key, type, origin, group, description;  // the contract's words
    nlohmann::json value, default_value, active, constraints;
    bool restart_required = false;
};
struct SettingFault {
    std::string key, why;
    bool fixed = false;   // by a flag or the environment: nothing is wrong with the value
    bool failed = false;  // it could not be stored
};

class HostControl {
  public:
    virtual ~HostControl() = default;
    [[nodiscard]] virtual HostFacts facts() const = 0;

    // NotAvailable: no such session (any more); Closed, or NotAvailable for pictures, when it has no picture yet.
    [[nodiscard]] virtual std::vector<SessionView> sessions() const = 0;
    virtual Result<void> stop_session(const std::string& id) = 0;
    virtual Result<void> request_keyframe(const std::string& id) = 0;
    virtual void take_thumbnail(const std::string& id, std::function<void(Result<stream::Picture>)> done) = 0;

    // Of both protocols. Changes count at once, on running sessions too; removing ends them. NotAvailable: not paired.
    [[nodiscard]] virtual std::vector<DeviceView> devices() const = 0;
    [[nodiscard]] virtual std::vector<CertificateView> gamestream_certificates() const = 0;
    virtual Result<void> change_device(const crypto::Fingerprint& device, const devices::Change& change) = 0;
    virtual Result<void> remove_device(const crypto::Fingerprint& device, bool native, bool gamestream) = 0;

    [[nodiscard]] virtual PairingView pairing() const = 0;
    virtual ArmedPin arm_pairing(std::chrono::seconds ttl) = 0;
    virtual void disarm_pairing() = 0;
    // NotAvailable: nobody of that id asks (any more). An empty name is the device's own.
    virtual Result<NamedDevice> approve(uint32_t id, const std::string& name) = 0;
    virtual Result<NamedDevice> deny(uint32_t id) = 0;
    // NotAvailable: nobody waits; InvalidArgument: no PIN, or not clear whose; Unsupported: GameStream is off.
    virtual Result<WaitingForPin> enter_pin(uint64_t client, const std::string& pin, const std::string& name) = 0;

    // Streams to a page, over a socket that was not opened yet.
    virtual void play(std::shared_ptr<http::WebSocket> socket, PageVisitor visitor) = 0;
    // Ends the streams of those who were let in by it.
    virtual void end_visits(std::string_view credential) = 0;

    [[nodiscard]] virtual std::vector<DisplayView> displays() const = 0;
    [[nodiscard]] virtual std::vector<EncoderView> encoders() const = 0;
    // Exhausted: one is running.
    virtual void test_display(const display::Mode& mode, std::function<void(Result<DisplayTest>)> done) = 0;

    [[nodiscard]] virtual std::vector<SettingView> settings() const = 0;
    // All of them or none; null brings a default back.
    virtual std::expected<void, SettingFault> change_settings(const nlohmann::json& changes) = 0;
};

}  // namespace punktfunk::management
