#include "host_api.hpp"

#include <charconv>

#include "ceremony.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/random.hpp"

namespace punktfunk::moonlight_client {

namespace {

constexpr std::string_view kUniqueId = "0123456789ABCDEF";  // what libgamestream sends, whoever it is

template <typename T>
std::optional<T> number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string hex_of(std::string_view text) {
    return to_hex({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

uint32_t surround_info(uint32_t channels) {
    const uint32_t mask = channels == 8 ? 0x63F : channels == 6 ? 0x3F : 0x3;
    return mask << 16 | channels;
}

}  // namespace

HostApi::HostApi(std::string ip, uint16_t http_port, crypto::Identity identity)
    : ip_(std::move(ip)), http_port_(http_port), identity_(std::move(identity)) {}

Result<HostApi::Answer> HostApi::ask(Channel channel, const std::string& path, const Parameters& parameters) const {
    std::array<uint8_t, 16> nonce{};
    crypto::random_bytes(nonce);
    HttpRequest request{.ip = ip_, .target = fmt::format("{}?uniqueid={}&uuid={}", path, kUniqueId, to_hex(nonce))};
    for (const auto& [name, value] : parameters) request.target += fmt::format("&{}={}", name, value);
    request.port = channel == Channel::Http ? http_port_ : https_port_;
    const auto tls = channel == Channel::Http ? std::nullopt : std::optional(TlsEnds{&identity_, host_certificate_});
    const auto answer = http_get(request, tls);
    if (!answer) return std::unexpected(answer.error());
    if (answer->status != 200)
        return fail(ErrorCode::ProtocolViolation, "{}: HTTP status {}, which clients take for a broken network", path,
                    answer->status);
    auto root = parse_xml(text_of(answer->body));
    if (!root) return std::unexpected(root.error());
    const auto status = number<uint32_t>(root->attributes["status_code"]);
    if (root->name != "root" || !status) return fail(ErrorCode::ProtocolViolation, "{}: no status_code", path);
    std::string message = root->attributes["status_message"];
    return Answer{*status, std::move(message), std::move(*root)};
}

Result<Element> HostApi::require(Result<Answer> answer) const {
    if (!answer) return std::unexpected(answer.error());
    if (answer->status != 200) return fail(ErrorCode::Rejected, "{}: {}", answer->status, answer->message);
    return std::move(answer->root);
}

Result<ServerInfo> HostApi::server_info() {
    // Over HTTP first, to learn where HTTPS is.
    auto info = info_over(Channel::Http);
    if (!info) return info;
    https_port_ = info->https_port;
    if (host_certificate_.empty()) return info;
    return info_over(Channel::Https);
}

Result<ServerInfo> HostApi::info_over(Channel channel) {
    const auto root = require(ask(channel, "/serverinfo"));
    if (!root) return std::unexpected(root.error());
    for (const char* needed : {"currentgame", "PairStatus", "appversion", "state"}) {
        if (root->text_of(needed).empty()) return fail(ErrorCode::ProtocolViolation, "serverinfo without {}", needed);
    }
    ServerInfo info{.hostname = root->text_of("hostname"),
                    .app_version = root->text_of("appversion"),
                    .unique_id = root->text_of("uniqueid"),
                    .mac = root->text_of("mac"),
                    .local_ip = root->text_of("LocalIP"),
                    .state = root->text_of("state"),
                    .https_port = number<uint16_t>(root->text_of("HttpsPort")).value_or(0),
                    .codec_support = number<uint32_t>(root->text_of("ServerCodecModeSupport")).value_or(0),
                    .max_luma_pixels_hevc = number<uint64_t>(root->text_of("MaxLumaPixelsHEVC")).value_or(0),
                    .paired = root->text_of("PairStatus") == "1",
                    .current_game = number<uint32_t>(root->text_of("currentgame")).value_or(0)};
    if (info.app_version != "7.1.431.-1")
        return fail(ErrorCode::Unsupported, "this client speaks to 7.1.431.-1, not to '{}'", info.app_version);
    if (info.state.find("MJOLNIR") != std::string::npos || info.codec_support == 0)
        return fail(ErrorCode::ProtocolViolation, "no host of this kind: state {}, codecs {}", info.state,
                    info.codec_support);
    if (!info.state.ends_with(info.current_game == 0 ? "_SERVER_FREE" : "_SERVER_BUSY"))
        return fail(ErrorCode::ProtocolViolation, "currentgame {} in state {}", info.current_game, info.state);
    if (channel == Channel::Http && (info.paired || info.mac != "00:00:00:00:00:00"))
        return fail(ErrorCode::ProtocolViolation, "serverinfo over HTTP tells too much");
    return info;
}

Result<void> HostApi::pair(const std::string& pin) {
    const auto phase = [&](Channel channel, std::string name, std::string value, Parameters more = {}) {
        Parameters parameters{{"devicename", "roth"}, {"updateState", "1"}, {std::move(name), std::move(value)}};
        parameters.insert(parameters.end(), more.begin(), more.end());
        return require(ask(channel, "/pair", parameters));
    };
    // One element of a phase that went well.
    const auto bytes_in = [](const Result<Element>& root, const char* name) -> Result<Bytes> {
        if (!root) return std::unexpected(root.error());
        if (root->text_of("paired") != "1") return fail(ErrorCode::Rejected, "the host does not pair");
        auto bytes = from_hex(root->text_of(name));
        if (!bytes) return fail(ErrorCode::ProtocolViolation, "{} is not hexadecimal", name);
        return *bytes;
    };
    const auto give_up = [&](Error error) {
        (void)ask(Channel::Http, "/unpair");
        return std::unexpected(std::move(error));
    };
    if (const auto info = server_info(); !info) return std::unexpected(info.error());

    Secret salt{};
    crypto::random_bytes(salt);
    const auto plain = bytes_in(phase(Channel::Http, "phrase", "getservercert",
                                      {{"salt", to_hex(salt)}, {"clientcert", hex_of(identity_.certificate_pem)}}),
                                "plaincert");
    if (!plain) return give_up(plain.error());
    if (plain->empty()) return give_up({ErrorCode::Rejected, "the host is pairing with another client"});
    auto ceremony = ClientCeremony::create(identity_, text_of(*plain), salt, pin);
    if (!ceremony) return give_up(ceremony.error());

    const auto response =
        bytes_in(phase(Channel::Http, "clientchallenge", to_hex(ceremony->challenge())), "challengeresponse");
    if (!response) return give_up(response.error());
    const auto answer = ceremony->answer_challenge(*response);
    if (!answer) return give_up(answer.error());
    const auto host_secret = bytes_in(phase(Channel::Http, "serverchallengeresp", to_hex(*answer)), "pairingsecret");
    if (!host_secret) return give_up(host_secret.error());
    if (const auto good = ceremony->check_host(*host_secret); !good) return give_up(good.error());

    const auto own_secret = ceremony->secret();
    if (!own_secret) return give_up(own_secret.error());
    if (const auto last = bytes_in(phase(Channel::Http, "clientpairingsecret", to_hex(*own_secret)), ""); !last)
        return give_up(last.error());
    host_certificate_ = ceremony->host_certificate();
    if (const auto proof = bytes_in(phase(Channel::Https, "phrase", "pairchallenge"), ""); !proof) {
        host_certificate_.clear();
        return give_up(proof.error());
    }
    return {};
}

Result<std::vector<App>> HostApi::apps() {
    const auto root = require(ask(Channel::Https, "/applist"));
    if (!root) return std::unexpected(root.error());
    std::vector<App> apps;
    for (const Element& entry : root->children) {
        const auto id = number<int32_t>(entry.text_of("ID"));
        if (entry.name != "App" || entry.child("AppTitle") == nullptr || !id || *id <= 0)
            return fail(ErrorCode::ProtocolViolation, "applist has an incomplete entry");
        apps.push_back({static_cast<uint32_t>(*id), entry.text_of("AppTitle"), entry.text_of("IsHdrSupported") == "1"});
    }
    if (apps.empty()) return fail(ErrorCode::ProtocolViolation, "applist is empty");
    return apps;
}

Result<Bytes> HostApi::box_art(uint32_t app) {
    auto answer = http_get(
        {.ip = ip_,
         .port = https_port_,
         .target = fmt::format("/appasset?uniqueid={}&uuid=0&appid={}&AssetType=2&AssetIdx=0", kUniqueId, app)},
        TlsEnds{&identity_, host_certificate_});
    if (!answer) return std::unexpected(answer.error());
    if (answer->status != 200 || answer->content_type != "image/png")
        return fail(ErrorCode::ProtocolViolation, "box art: status {}, {}", answer->status, answer->content_type);
    return std::move(answer->body);
}

Result<std::string> HostApi::launch(const LaunchWish& wish) {
    const auto root = require(ask(Channel::Https, wish.resume ? "/resume" : "/launch",
                                  {{"appid", std::to_string(wish.app)},
                                   {"mode", fmt::format("{}x{}x{}", wish.width, wish.height, wish.fps)},
                                   {"additionalStates", "1"},
                                   {"sops", "0"},
                                   {"rikey", to_hex(wish.key)},
                                   {"rikeyid", std::to_string(static_cast<int32_t>(wish.key_id))},
                                   {"localAudioPlayMode", "0"},
                                   {"surroundAudioInfo", std::to_string(surround_info(wish.channels))},
                                   {"remoteControllersBitmap", std::to_string(wish.gamepads)},
                                   {"gcmap", std::to_string(wish.gamepads)},
                                   {"gcpersist", wish.keep_gamepads ? "1" : "0"},
                                   {"corever", std::to_string(wish.core_version)}}));
    if (!root) return std::unexpected(root.error());
    const std::string accepted = root->text_of(wish.resume ? "resume" : "gamesession");
    std::string url = root->text_of("sessionUrl0");
    if (accepted.empty() || accepted == "0" || url.empty())
        return fail(ErrorCode::ProtocolViolation, "the host started nothing, or does not say where it is");
    return url;
}

Result<void> HostApi::cancel() {
    const auto root = require(ask(Channel::Https, "/cancel"));
    if (!root) return std::unexpected(root.error());
    if (root->text_of("cancel") != "1") return fail(ErrorCode::ProtocolViolation, "the host cancelled nothing");
    const auto info = server_info();
    if (!info) return std::unexpected(info.error());
    if (info->current_game != 0) return fail(ErrorCode::ProtocolViolation, "599: the app still runs after /cancel");
    return {};
}

Result<void> HostApi::unpair() {
    const auto root = require(ask(host_certificate_.empty() ? Channel::Http : Channel::Https, "/unpair"));
    if (!root) return std::unexpected(root.error());
    return {};
}

}  // namespace punktfunk::moonlight_client
