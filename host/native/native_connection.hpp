// One client's control connection, from its first message to its close (spec §2.9).
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "native_sound_sink.hpp"
#include "native_video_sink.hpp"
#include "negotiation.hpp"
#include "pairing_ceremony.hpp"
#include "peer_route.hpp"
#include "punktfunk/gamepad/gamepad_channel.hpp"
#include "punktfunk/net/udp_socket.hpp"
#include "punktfunk/rate/send_policy.hpp"
#include "punktfunk/session/session_config.hpp"
#include "punktfunk/wire/control.hpp"
#include "server_context.hpp"

namespace punktfunk::native {

using TimingChannel = ControlChannel<FrameTiming, 64>;

class NativeConnection : public std::enable_shared_from_this<NativeConnection> {
  public:
    NativeConnection(ServerContext& context, std::shared_ptr<quic::Connection> connection);

    void start();
    void refuse(const Refusal& refusal);
    [[nodiscard]] bool holds_session() const { return session_ != nullptr; }
    [[nodiscard]] uint64_t session_id() const { return session_id_; }
    // Of its device, as they are from now on.
    void set_terms(const PairedClient& client);
    // The session's, while it holds one.
    Result<void> request_keyframe();
    void take_thumbnail(stream::ThumbnailRequests::Done done) { session_->take_thumbnail(std::move(done)); }
    [[nodiscard]] std::optional<crypto::Fingerprint> fingerprint() const { return connection_->peer_fingerprint(); }
    [[nodiscard]] boost::asio::ip::address address() const { return connection_->remote().address(); }
    // For somebody at the host to approve its device; then resume() takes it from the Hello on.
    [[nodiscard]] bool is_waiting() const { return phase_ == Phase::Waiting; }
    void resume();
    [[nodiscard]] SessionInfo info() const;

  private:
    enum class Phase { AwaitFirst, Pairing, Waiting, Building, AwaitStart, Streaming, Over };

    void on_message(ByteView payload);
    void on_first(ByteView payload);
    void on_hello(const wire::Hello& hello);
    void on_stranger(const wire::Hello& hello);
    void on_ready(Result<std::string> encoder_name);
    void on_start(ByteView payload);
    void on_moved(const boost::asio::ip::udp::endpoint& remote);
    void make_room();
    [[nodiscard]] stream::PipelineParts parts_for(const std::optional<display::Program>& program);
    void on_gap(std::chrono::milliseconds gap);
    void on_control(ByteView payload);
    void on_datagram(ByteView datagram);
    void on_refused();
    void on_probe_request(const wire::ProbeRequest& request);
    void on_burst_over(const wire::ProbeResult& result);
    [[nodiscard]] SinkEvents sink_events();
    Result<void> open_timings();
    void open_gamepads();
    Result<void> open_sound();
    void on_closed(const quic::CloseInfo& info);
    void release_session(std::string_view why);
    void arm_timer(std::chrono::milliseconds timeout, Refusal refusal);
    void send(ByteView payload) { connection_->send_message(payload); }
    [[nodiscard]] stream::StreamCallbacks callbacks();
    [[nodiscard]] Result<net::UdpSocket> bind_data_socket() const;
    void warn_of_small_buffer(size_t granted);

    ServerContext& context_;
    std::shared_ptr<quic::Connection> connection_;
    boost::asio::steady_timer timer_;
    Phase phase_ = Phase::AwaitFirst;
    std::string name_ = "client";
    std::unique_ptr<PairingCeremony> ceremony_;
    std::optional<wire::Hello> waiting_hello_;
    std::optional<Negotiated> terms_;
    uint8_t video_caps_ = 0;
    bool sends_tail_ = false;
    wire::Gamepad gamepad_ = wire::Gamepad::Xbox360;
    std::string encoder_, app_;
    display::Mode mode_;
    std::optional<session::SessionConfig> data_plane_;
    std::optional<net::UdpSocket> socket_;  // reserved for the data plane until the sink takes it
    std::shared_ptr<PeerRoute> route_ = std::make_shared<PeerRoute>();
    std::shared_ptr<TimingChannel> timings_;  // to clients that asked for them
    std::shared_ptr<SoundChannel> sound_;
    devices::Rights rights_;
    std::chrono::system_clock::time_point session_started_;
    uint64_t session_id_ = 0;
    uint32_t encoder_kbps_ = 0;
    std::optional<uint32_t> loss_ppm_;
    std::optional<uint64_t> recovered_;  // shards, of clients that tell
    std::shared_ptr<SinkControls> controls_ = std::make_shared<SinkControls>();
    std::optional<rate::SendPolicy> policy_;  // while streaming
    boost::asio::steady_timer refusal_timer_;
    bool checking_refusal_ = false, probing_ = false, has_declined_probe_ = false;
    std::unique_ptr<stream::StreamSession> session_;
    std::unique_ptr<gamepad::GamepadChannel> gamepads_;  // while it streams
};

}  // namespace punktfunk::native
