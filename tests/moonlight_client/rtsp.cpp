#include "rtsp.hpp"

#include <algorithm>
#include <charconv>

#include "punktfunk/crypto/aes_gcm.hpp"
#include "tcp.hpp"

namespace punktfunk::moonlight_client {

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr size_t kSealHeader = 24;
constexpr uint32_t kSealed = 0x80000000;
constexpr std::chrono::seconds kPatience{15};

template <typename T>
std::optional<T> number_at(std::string_view text) {
    T value{};
    return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc() ? std::optional(value)
                                                                                            : std::nullopt;
}

crypto::Nonce nonce_of(uint32_t sequence, char direction) {
    crypto::Nonce nonce{};
    store_le<uint32_t>(nonce.data(), sequence);
    nonce[10] = static_cast<uint8_t>(direction);
    nonce[11] = 'R';
    return nonce;
}

class Connection {
  public:
    explicit Connection(const RtspTarget& target) : target_(target), sequence_(target.first_sequence) {
        sealed_ = target.session_url.find("rtspenc://") != std::string::npos;
        if (sealed_) cipher_ = crypto::make_aes_gcm(target.key);
        // The number after the last colon.
        port_ = number_at<uint16_t>(target.session_url.substr(target.session_url.rfind(':') + 1)).value_or(48010);
        host_ = target.session_url.substr(target.session_url.find("://") + 3);
        host_ = host_.substr(0, host_.rfind(':'));
    }
    void use_low_quality_url() {
        url_ = fmt::format("rtsp://0.0.0.0:{}", port_);
        host_ = "0.0.0.0";
    }
    [[nodiscard]] const std::string& url() const { return url_; }

    Result<RtspAnswer> ask(const std::string& method, const std::string& target, const Headers& more = {},
                           const std::string& body = {}) {
        std::string text = fmt::format("{} {} RTSP/1.0\r\nCSeq: {}\r\nX-GS-ClientVersion: 14\r\nHost: {}\r\n", method,
                                       target, ++cseq_, host_);
        if (!session_.empty()) text += fmt::format("Session: {}\r\n", session_);
        for (const auto& [name, value] : more) text += fmt::format("{}: {}\r\n", name, value);
        text += "\r\n" + body;
        auto answer = exchange(text);
        if (!answer) return std::unexpected(std::move(answer.error()).in(method + " " + target));
        if (answer->status != 200) return fail(ErrorCode::Rejected, "{} {}: {}", method, target, answer->status);
        return answer;
    }
    void set_session(std::string session) { session_ = std::move(session); }

  private:
    Result<RtspAnswer> exchange(const std::string& text) {
        auto tcp = TcpStream::connect(target_.ip, port_, kPatience);
        if (!tcp) return std::unexpected(tcp.error());
        Bytes bytes(text.begin(), text.end());
        if (sealed_) bytes = seal(bytes);
        constexpr size_t kPiece = 536;
        for (ByteView rest = bytes; !rest.empty(); rest = rest.subspan(std::min(kPiece, rest.size()))) {
            if (auto sent = tcp->write(rest.first(std::min(kPiece, rest.size()))); !sent)
                return std::unexpected(sent.error());
        }
        auto answer = tcp->read_to_end(1 << 20);
        if (!answer) return std::unexpected(answer.error());
        if (sealed_ && !open(*answer)) return fail(ErrorCode::Crypto, "the answer is not sealed as it must be");
        return parse_rtsp_answer({reinterpret_cast<const char*>(answer->data()), answer->size()});
    }
    Bytes seal(const Bytes& text) {
        Bytes frame(kSealHeader + text.size());
        store_be<uint32_t>(frame.data(), kSealed | static_cast<uint32_t>(text.size()));
        store_be<uint32_t>(&frame[4], sequence_);
        std::ranges::copy(text, frame.begin() + kSealHeader);
        const std::span<uint8_t> all(frame);
        cipher_->seal(nonce_of(sequence_, 'C'), {}, all.subspan(kSealHeader), all.subspan<8, crypto::kTagBytes>());
        ++sequence_;
        return frame;
    }
    bool open(Bytes& frame) {
        if (frame.size() <= kSealHeader || load_be<uint32_t>(frame.data()) != (kSealed | (frame.size() - kSealHeader)))
            return false;
        const std::span<uint8_t> all(frame);
        if (!cipher_->open(nonce_of(load_be<uint32_t>(&frame[4]), 'H'), {}, all.subspan(kSealHeader),
                           all.subspan<8, crypto::kTagBytes>())) {
            return false;
        }
        frame.erase(frame.begin(), frame.begin() + kSealHeader);
        return true;
    }

    const RtspTarget& target_;
    uint32_t sequence_, cseq_ = 0;
    bool sealed_ = false;
    std::unique_ptr<crypto::AesGcm> cipher_;
    uint16_t port_ = 0;
    std::string host_, session_;
    std::string url_ = target_.session_url;
};

// A SETUP's answer: the port, and the text of a header.
struct Setup {
    uint16_t port = 0;
    std::string value;
};
Result<Setup> read_setup(const RtspAnswer& answer, const std::string& header) {
    const auto transport = answer.headers.find("Transport");
    const auto value = answer.headers.find(header);
    constexpr std::string_view kPort = "server_port=";
    const size_t at = transport == answer.headers.end() ? std::string::npos : transport->second.find(kPort);
    const auto port =
        at == std::string::npos ? std::nullopt : number_at<uint16_t>(transport->second.substr(at + kPort.size()));
    if (!port || *port == 0) return fail(ErrorCode::ProtocolViolation, "SETUP's answer has no server_port");
    if (value == answer.headers.end()) return fail(ErrorCode::ProtocolViolation, "SETUP's answer has no {}", header);
    return Setup{*port, value->second};
}

}  // namespace

Result<RtspAnswer> parse_rtsp_answer(std::string_view text) {
    const auto malformed = [](std::string_view what) {
        return fail(ErrorCode::ProtocolViolation, "RTSP answer: {}", what);
    };
    constexpr std::string_view kProtocol = "RTSP/1.0 ";
    const size_t end = text.find("\r\n\r\n");
    if (!text.starts_with(kProtocol)) return malformed("no RTSP/1.0");
    if (end == std::string_view::npos) return malformed("no empty line");
    if (text.find('\0') != std::string_view::npos) return malformed("a NUL in it");
    RtspAnswer answer;
    answer.body = text.substr(end + 4);
    std::string_view head = text.substr(0, end + 2);
    const std::string_view first = head.substr(0, head.find("\r\n"));
    const auto status = number_at<int>(first.substr(kProtocol.size()));
    if (!status || first.size() < kProtocol.size() + 5) return malformed("no status with a reason");
    answer.status = *status;
    for (head.remove_prefix(first.size() + 2); !head.empty();) {
        const std::string_view line = head.substr(0, head.find("\r\n"));
        const size_t colon = line.find(": ");
        if (colon == std::string_view::npos || colon + 2 >= line.size() || line[colon + 2] == ' ')
            return malformed(fmt::format("the header '{}'", line));
        answer.headers.emplace(line.substr(0, colon), line.substr(colon + 2));
        head.remove_prefix(line.size() + 2);
    }
    if (answer.headers.empty()) return malformed("no header");
    return answer;
}

Result<Handshake> shake_hands(const RtspTarget& target, const StreamWish& wish,
                              const std::function<void(const Handshake&)>& audio_ready) {
    Connection connection(target);
    // The host knows by it that low quality sound is wanted.
    if (wish.bitrate_kbps < 15'000) connection.use_low_quality_url();
    Handshake result;
    const std::pair<std::string, std::string> kSince{"If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"};
    const Headers setup_headers{{"Transport", "unicast;X-GS-ClientPort=50000-50001"}, kSince};

    auto options = connection.ask("OPTIONS", connection.url());
    if (!options) return std::unexpected(options.error());
    auto described = connection.ask("DESCRIBE", connection.url(), {{"Accept", "application/sdp"}, kSince});
    if (!described) return std::unexpected(described.error());
    if (described->body.empty()) return fail(ErrorCode::ProtocolViolation, "DESCRIBE's answer is empty");
    result.offer = read_describe(described->body);
    if (wish.codec == Codec::Hevc && !result.offer.hevc) return fail(ErrorCode::Unsupported, "the host has no HEVC");
    if (wish.codec == Codec::Av1 && !result.offer.av1) return fail(ErrorCode::Unsupported, "the host has no AV1");
    result.encryption = choose_encryption(result.offer, wish);
    result.high_quality = wants_high_quality(result.offer, wish);
    const auto layout = choose_layout(result.offer, wish.channels, result.high_quality);
    if (!layout) return fail(ErrorCode::ProtocolViolation, "-4: no surround-params for {} channels", wish.channels);
    result.sound = *layout;

    const auto setup = [&](const char* stream, const char* header) -> Result<Setup> {
        const auto answer = connection.ask("SETUP", stream, setup_headers);
        if (!answer) return std::unexpected(answer.error());
        if (const auto session = answer->headers.find("Session"); session != answer->headers.end())
            connection.set_session(session->second.substr(0, session->second.find(';')));
        else if (std::string_view(stream).starts_with("streamid=audio"))
            return fail(ErrorCode::ProtocolViolation, "-1: SETUP audio without Session");
        auto read = read_setup(*answer, header);
        if (read && std::string_view(header) == "X-SS-Ping-Payload" && read->value.size() != 16)
            return fail(ErrorCode::ProtocolViolation, "a ping payload of {} characters", read->value.size());
        return read;
    };
    const auto audio = setup("streamid=audio/0/0", "X-SS-Ping-Payload");
    if (!audio) return std::unexpected(audio.error());
    result.audio_port = audio->port;
    result.audio_ping = audio->value;
    audio_ready(result);
    const auto video = setup("streamid=video/0/0", "X-SS-Ping-Payload");
    if (!video) return std::unexpected(video.error());
    result.video_port = video->port;
    result.video_ping = video->value;
    const auto control = setup("streamid=control/13/0", "X-SS-Connect-Data");
    if (!control) return std::unexpected(control.error());
    result.control_port = control->port;
    result.connect_data = static_cast<uint32_t>(std::strtoul(control->value.c_str(), nullptr, 0));

    const std::string body = announce_body({.wish = wish,
                                            .encryption = result.encryption,
                                            .high_quality = result.high_quality,
                                            .host_ip = target.ip,
                                            .video_port = result.video_port});
    auto announced =
        connection.ask("ANNOUNCE", "streamid=control/13/0",
                       {{"Content-type", "application/sdp"}, {"Content-length", std::to_string(body.size())}}, body);
    if (!announced) return std::unexpected(announced.error());
    auto playing = connection.ask("PLAY", "/");
    if (!playing) return std::unexpected(playing.error());
    return result;
}

}  // namespace punktfunk::moonlight_client
