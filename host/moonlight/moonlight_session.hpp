// A GameStream session from PLAY on (spec §5 to §8): desktop, video, sound, control, input and feedback of one client.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <functional>
#include <memory>
#include <string>

#include "control_server.hpp"
#include "live_pads.hpp"
#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/nvhttp/calls.hpp"
#include "punktfunk/rtsp/session.hpp"
#include "punktfunk/stream/reaper.hpp"
#include "punktfunk/stream/stream_session.hpp"
#include "stream_ports.hpp"

namespace punktfunk::moonlight {

// What the sessions of a host share. All of it outlives them.
struct SessionContext {
    boost::asio::io_context& io;
    StreamPorts& ports;
    ControlServer& control;
    stream::Reaper& reaper;
};

struct SessionRequest {
    nvhttp::LaunchCall launch;
    rtsp::StreamConfig config;
    rtsp::SessionIds ids;
    std::string client_name;  // fit to show
    devices::Rights rights;
    boost::asio::ip::address peer;
};

struct SessionStatus {
    std::string client;
    boost::asio::ip::address peer;
    display::Mode mode;
    std::string encoder;  // empty until the desktop is there
    bool streaming = false;
    uint32_t bitrate_kbps = 0;  // of the encoder, now
    uint8_t fec_percent = 0;
    std::optional<double> loss_percent;  // of the latest seconds, before recovery; of clients that tell
    stream::StreamStats stream;
    encode::Codec codec{};
    uint32_t packet_bytes = 0, min_fec_packets = 0;
    std::optional<uint64_t> packets_lost, packets_recovered;  // of clients that tell; they leave out some
    std::optional<std::chrono::microseconds> round_trip;      // of the control stream
    std::chrono::system_clock::time_point started;
    devices::Rights rights;
    // Filled in by the lobby.
    uint64_t id = 0;
    crypto::Fingerprint fingerprint{};
    std::string app;
};

// Control thread, like everything it calls. The display is being made when the constructor returns, and the client's
// datagrams are awaited: PLAY can be answered.
class MoonlightSession {
  public:
    // The caller may keep `pads` for the next session; the last to let go of them must be the reaper.
    // `ended` is called at most once, never from inside a call to this object, when the session has come to its end by
    // itself: destroy it then, from inside the call or later.
    static Result<std::unique_ptr<MoonlightSession>> start(const SessionContext& context, stream::PipelineParts parts,
                                                           SessionRequest request, std::shared_ptr<LivePads> pads,
                                                           std::function<void(std::string why)> ended);
    ~MoonlightSession();  // everything stops at once; the desktop goes to the reaper
    MoonlightSession(const MoonlightSession&) = delete;

    // Tells the client why. The session is over: destroy it, `ended` is not called any more. The message still goes
    // out.
    void terminate(gs_control::TerminationCode code);
    [[nodiscard]] SessionStatus status() const;
    // From now on; what is held of the rest is released.
    void set_rights(const devices::Rights& rights);
    Result<void> request_keyframe();
    void take_thumbnail(stream::ThumbnailRequests::Done done);

  private:
    struct State;
    explicit MoonlightSession(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;  // what is posted from the session's threads holds it too
};

}  // namespace punktfunk::moonlight
