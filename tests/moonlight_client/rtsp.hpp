// The RTSP handshake, plain or sealed (spec §4.1 to §4.5), as a stock client goes through it. Blocking; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "host_api.hpp"
#include "sdp.hpp"

namespace punktfunk::moonlight_client {

struct RtspAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;
    std::string body;
};
// As the client's parser takes it: the protocol to the letter, a header at least, each with exactly one space and a
// value. ProtocolViolation otherwise.
Result<RtspAnswer> parse_rtsp_answer(std::string_view text);

struct RtspTarget {
    std::string ip;
    std::string session_url;
    StreamSecret key{};
    // Of this client's process: the counter of sealed requests goes on from one session to the next.
    uint32_t first_sequence = 1;
};

struct Handshake {
    uint16_t video_port = 0, audio_port = 0, control_port = 0;
    std::string video_ping, audio_ping;  // 16 characters
    uint32_t connect_data = 0;
    HostOffer offer;
    uint32_t encryption = 0;
    bool high_quality = false;
    OpusStreams sound;
};

// OPTIONS to PLAY. `audio_ready` is called when the host's audio port is known, before ANNOUNCE: pings begin there.
// Rejected when a status is not 200.
Result<Handshake> shake_hands(const RtspTarget& target, const StreamWish& wish,
                              const std::function<void(const Handshake&)>& audio_ready);

}  // namespace punktfunk::moonlight_client
