#include "session.hpp"

#include <fmt/format.h>

#include "message.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/random.hpp"

namespace punktfunk::rtsp {

namespace {

std::string random_hex() {
    std::array<uint8_t, 8> bytes{};
    crypto::random_bytes(bytes);
    return to_hex(bytes);
}

Response refusal(int status, std::string_view reason, std::string why, Answer& answer) {
    answer.refused = std::move(why);
    return {.status = status, .reason = reason};
}

}  // namespace

SessionIds SessionIds::fresh() {
    SessionIds ids{random_hex(), random_hex(), random_hex(), 0};
    while (ids.connect_data == 0)
        crypto::random_bytes({reinterpret_cast<uint8_t*>(&ids.connect_data), sizeof ids.connect_data});
    return ids;
}

Session::Session(SessionSetup setup, MessageCipher cipher, TimePoint now, SessionIds ids)
    : setup_(std::move(setup)), cipher_(std::move(cipher)), ids_(std::move(ids)), deadline_(now + kPatience) {}

Result<Session> Session::create(SessionSetup setup, TimePoint now, SessionIds ids) {
    auto cipher = MessageCipher::create(setup.secret);
    if (!cipher) return std::unexpected(std::move(cipher.error()));
    return Session(std::move(setup), std::move(*cipher), now, std::move(ids));
}

std::optional<Request> Session::accept(const Received& received) const {
    std::string text;
    if (const auto* sealed = std::get_if<SealedMessage>(&received)) {
        if (!setup_.encrypted || (client_sequence_ && sealed->sequence <= *client_sequence_)) return std::nullopt;
        auto opened = cipher_.open(*sealed, Sender::Client);
        if (!opened) return std::nullopt;
        text = std::move(*opened);
    } else {
        if (setup_.encrypted) return std::nullopt;
        text = std::get<PlainMessage>(received).text;
    }
    auto request = parse_request(text);
    if (!request) return std::nullopt;
    if (const auto session = request->find("Session"); session && *session != ids_.session) return std::nullopt;
    return std::move(*request);
}

std::optional<Answer> Session::answer(const Received& received, TimePoint now) {
    if (expired(now)) return std::nullopt;
    const auto request = accept(received);
    if (!request) return std::nullopt;
    if (const auto* sealed = std::get_if<SealedMessage>(&received)) client_sequence_ = sealed->sequence;
    Answer answer;
    const std::string text = to_text(respond(*request, answer), request->sequence);
    if (setup_.encrypted) {
        answer.bytes = cipher_.seal(text, host_sequence_++, Sender::Host);
    } else {
        answer.bytes.assign(text.begin(), text.end());
    }
    deadline_ = now + kPatience;
    return answer;
}

Response Session::respond(const Request& request, Answer& answer) {
    const auto out_of_order = [&] {
        return refusal(455, "Method Not Valid in This State", request.method + " is out of order", answer);
    };
    if (stage_ == Stage::Playing) return out_of_order();
    if (request.method == "OPTIONS") return {};
    if (request.method == "DESCRIBE") return {.body = describe(setup_.offer)};
    if (request.method != "SETUP" && request.method != "ANNOUNCE" && request.method != "PLAY")
        return refusal(501, "Not Implemented", "there is no such method", answer);
    if (request.method == "SETUP") return respond_setup(request, answer);
    // Only the first SETUP does not know the session yet; what decides something must name it.
    if (!request.find("Session")) return refusal(454, "Session Not Found", request.method + " without Session", answer);
    if (request.method == "ANNOUNCE") {
        if (stage_ != Stage::SettingUp || !audio_ready_ || !video_ready_ || !control_ready_) return out_of_order();
        return respond_announce(request, answer);
    }
    if (stage_ != Stage::Announced) return out_of_order();
    stage_ = Stage::Playing;
    answer.play = true;
    return {};
}

Response Session::respond_setup(const Request& request, Answer& answer) {
    if (stage_ != Stage::SettingUp)
        return refusal(455, "Method Not Valid in This State", "SETUP is out of order", answer);
    const auto streams = [&](std::string_view stream) {
        return request.target.starts_with(fmt::format("streamid={}/", stream));
    };
    const auto set_up = [&](bool& ready, uint16_t port, std::string_view id_name, std::string id) {
        ready = true;
        return Response{.headers = {{"Session", ids_.session + ";timeout = 90"},
                                    {"Transport", fmt::format("server_port={}", port)},
                                    {id_name, std::move(id)}}};
    };
    if (streams("audio")) return set_up(audio_ready_, setup_.ports.audio, "X-SS-Ping-Payload", ids_.audio_ping);
    if (streams("video")) return set_up(video_ready_, setup_.ports.video, "X-SS-Ping-Payload", ids_.video_ping);
    if (streams("control")) {
        return set_up(control_ready_, setup_.ports.control, "X-SS-Connect-Data", std::to_string(ids_.connect_data));
    }
    return refusal(404, "Not Found", "SETUP of an unknown stream", answer);
}

Response Session::respond_announce(const Request& request, Answer& answer) {
    const Terms terms{setup_.offer, setup_.mandatory, setup_.fec_percentage,
                      request.find("Host").value_or("").find("0.0.0.0") != std::string_view::npos};
    auto config = read_announce(request.body, terms);
    if (!config) {
        const auto& [status, why] = config.error();
        return refusal(status, status == 403 ? "Forbidden" : "Bad Request", why, answer);
    }
    stage_ = Stage::Announced;
    config_ = answer.announced = *config;
    return {};
}

}  // namespace punktfunk::rtsp
