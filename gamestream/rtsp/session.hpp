// One launched session's RTSP handshake (spec §4, Appendix B). Bytes in, bytes out; one thread; times are passed in.
//
//   OPTIONS, DESCRIBE, SETUP audio, SETUP video, SETUP control, ANNOUNCE, PLAY: each on a connection of its own
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "announce.hpp"
#include "message.hpp"
#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/error.hpp"
#include "request_reader.hpp"
#include "sealed_message.hpp"

namespace punktfunk::rtsp {

using TimePoint = SteadyClock::time_point;

// By which the client's datagrams are known on the shared ports. Fresh for every session, and hard to guess.
struct SessionIds {
    std::string session;                 // the Session header
    std::string audio_ping, video_ping;  // exactly 16 characters: the payload of the client's pings
    uint32_t connect_data = 0;           // ENet's connect data; never 0
    [[nodiscard]] static SessionIds fresh();
};

// UDP, all bound before SETUP is answered: clients send to them at once.
struct Ports {
    uint16_t video = 47998, control = 47999, audio = 48000;
};

struct SessionSetup {
    nvhttp::SessionSecret secret;
    // What sessionUrl0 said: LaunchCall::encrypts_rtsp().
    bool encrypted = true;
    Ports ports;
    Offer offer;
    Encryption mandatory;
    uint32_t fec_percentage = 20;  // of the data, as parity
};

// Send all of `bytes`, then shut down the write side; clients read to the end.
struct Answer {
    Bytes bytes;
    std::optional<StreamConfig> announced;  // ANNOUNCE was accepted
    bool play = false;                      // PLAY was accepted: start the session before sending `bytes`
    std::string refused;                    // why the status is not 200; for the log
};

class Session {
  public:
    static constexpr std::chrono::seconds kPatience{10};  // from the launch to the first request, and between two

    static Result<Session> create(SessionSetup setup, TimePoint now, SessionIds ids = SessionIds::fresh());

    // nullopt: the message is none of this session's, and is not to be answered: sealed with another key, replayed,
    // plain where it must be sealed or the other way round, for another Session, or no RTSP at all.
    [[nodiscard]] std::optional<Answer> answer(const Received& received, TimePoint now);

    // Only while PLAY has not come.
    [[nodiscard]] bool expired(TimePoint now) const { return !playing() && now >= deadline_; }
    [[nodiscard]] bool playing() const { return stage_ == Stage::Playing; }
    [[nodiscard]] bool encrypted() const { return setup_.encrypted; }
    [[nodiscard]] const SessionIds& ids() const { return ids_; }
    // What ANNOUNCE agreed on, from then on.
    [[nodiscard]] const std::optional<StreamConfig>& config() const { return config_; }
    [[nodiscard]] const nvhttp::SessionSecret& secret() const { return setup_.secret; }

  private:
    enum class Stage { SettingUp, Announced, Playing };

    Session(SessionSetup setup, MessageCipher cipher, TimePoint now, SessionIds ids);
    [[nodiscard]] std::optional<Request> accept(const Received& received) const;
    [[nodiscard]] Response respond(const Request& request, Answer& answer);
    [[nodiscard]] Response respond_setup(const Request& request, Answer& answer);
    [[nodiscard]] Response respond_announce(const Request& request, Answer& answer);

    SessionSetup setup_;
    MessageCipher cipher_;
    SessionIds ids_;
    TimePoint deadline_;
    Stage stage_ = Stage::SettingUp;
    bool audio_ready_ = false, video_ready_ = false, control_ready_ = false;
    std::optional<uint32_t> client_sequence_;  // the latest; they grow, but begin anywhere
    uint32_t host_sequence_ = 1;
    std::optional<StreamConfig> config_;
};

}  // namespace punktfunk::rtsp
