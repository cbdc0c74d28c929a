#include "calls.hpp"

#include <algorithm>

#include "number.hpp"
#include "parameter_reader.hpp"
#include "punktfunk/base/hex.hpp"

namespace punktfunk::nvhttp {

namespace {

template <typename T>
using Parsed = std::expected<T, std::string>;

template <size_t N>
std::optional<std::array<uint8_t, N>> fixed_hex(std::string_view text) {
    std::array<uint8_t, N> value{};
    const auto bytes = text.size() == 2 * N ? from_hex(text) : std::nullopt;
    if (!bytes) return std::nullopt;
    std::ranges::copy(*bytes, value.begin());
    return value;
}

std::optional<bool> flag(std::string_view text) {
    const auto value = parse_number<int64_t>(text);
    if (!value) return std::nullopt;
    return *value != 0;
}

std::optional<int32_t> app_id(std::string_view text) {
    const auto value = parse_number<int32_t>(text);
    return value && *value >= 0 ? value : std::nullopt;
}

std::optional<std::string> layout_digits(std::string_view text) {
    constexpr size_t kLongest = 3 + 8;
    if (text.size() > kLongest || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    return std::string(text);
}

Parsed<LaunchCall> read_launch(const Query& query, bool resume) {
    LaunchCall call;
    call.resume = resume;
    ParameterReader reader(query);
    reader.required("rikey", call.secret.key.bytes, fixed_hex<16>)
        .required("rikeyid", call.secret.key_id, parse_key_id)
        .optional("appid", call.app_id, app_id)
        .optional("mode", call.mode, parse_mode)
        .optional("sops", call.may_change_mode, flag)
        .optional("hdrMode", call.hdr, flag)
        .optional("localAudioPlayMode", call.play_audio_on_host, flag)
        .optional("continuousAudio", call.continuous_audio, flag)
        .optional("surroundAudioInfo", call.audio, parse_surround_audio_info)
        .optional("remoteControllersBitmap", call.gamepads, parse_number<uint32_t>)
        .optional("gcmap", call.gamepads, parse_number<uint32_t>)
        .optional("gcpersist", call.keep_gamepads, flag)
        .optional("corever", call.client_version, parse_number<uint32_t>)
        .optional("surroundParams", call.surround_params, layout_digits);
    if (reader.error()) return std::unexpected(*reader.error());
    if (!resume && call.app_id == 0)
        return std::unexpected(query.find("appid") ? "appid is malformed" : "appid is missing");
    return call;
}

Parsed<pair_phase::GetServerCertificate> read_get_server_certificate(const Query& query) {
    pair_phase::GetServerCertificate phase;
    ParameterReader reader(query);
    reader.required("salt", phase.salt, fixed_hex<16>)
        .required("clientcert", phase.client_certificate_pem, [](std::string_view text) -> std::optional<std::string> {
            const auto pem = from_hex(text);
            if (!pem) return std::nullopt;
            return std::string(pem->begin(), pem->end());
        });
    if (reader.error()) return std::unexpected(*reader.error());
    phase.salt_text = query.find("salt").value();
    phase.otpauth = query.find("otpauth").value_or("");
    return phase;
}

PairCall read_pair(const Query& query) {
    PairCall call{std::string(query.find("uniqueid").value_or("")), std::string(query.find("devicename").value_or("")),
                  pair_phase::Malformed{"no phase of pairing"}};
    const auto into_phase = [&](auto&& parsed) {
        if (parsed) {
            call.phase = std::move(*parsed);
        } else {
            call.phase = pair_phase::Malformed{std::move(parsed.error())};
        }
    };
    // The later phases are told apart by their one parameter.
    const auto phase_of = [&]<typename Phase, size_t N>(std::string_view name, std::array<uint8_t, N> Phase::* field) {
        Parsed<Phase> parsed;
        ParameterReader reader(query);
        reader.required(name, (*parsed).*field, fixed_hex<N>);
        if (reader.error()) parsed = std::unexpected(*reader.error());
        into_phase(std::move(parsed));
    };
    const auto phrase = query.find("phrase");
    const auto has = [&](std::string_view name) { return query.find(name) ? 1 : 0; };
    const int later = has("clientchallenge") + has("serverchallengeresp") + has("clientpairingsecret");
    if (call.unique_id.empty() || call.unique_id.size() > kMaxUniqueId) {
        call.phase = pair_phase::Malformed{"uniqueid is missing or too long"};
    } else if (phrase ? later > 0 : later != 1) {
        call.phase = pair_phase::Malformed{"not exactly one phase of pairing"};
    } else if (phrase == "getservercert") {
        into_phase(read_get_server_certificate(query));
    } else if (phrase == "pairchallenge") {
        call.phase = pair_phase::PairChallenge{};
    } else if (has("clientchallenge")) {
        phase_of("clientchallenge", &pair_phase::ClientChallenge::encrypted);
    } else if (has("serverchallengeresp")) {
        phase_of("serverchallengeresp", &pair_phase::ServerChallengeResponse::encrypted);
    } else if (const auto text = query.find("clientpairingsecret")) {
        const auto bytes = from_hex(*text);
        pair_phase::ClientPairingSecret phase;
        if (bytes && bytes->size() > phase.secret.size()) {
            const auto split = bytes->begin() + static_cast<ptrdiff_t>(phase.secret.size());
            std::copy(bytes->begin(), split, phase.secret.begin());
            phase.signature.assign(split, bytes->end());
            call.phase = std::move(phase);
        } else {
            call.phase = pair_phase::Malformed{"clientpairingsecret is malformed"};
        }
    }
    return call;
}

std::expected<Call, Response> pair_over(Access access, PairCall call) {
    const bool challenge = std::holds_alternative<pair_phase::PairChallenge>(call.phase);
    // It is the proof that TLS with the new certificate works; plain HTTP proves nothing.
    if (challenge && !access.trusted()) return std::unexpected(pair_refused(401, "this client is not paired"));
    if (!challenge && access.tls) return std::unexpected(pair_refused(400, "pairing begins over plain HTTP"));
    return call;
}

enum class Who { Anybody, Trusted };

struct Row {
    std::string_view path;
    Who who;
    std::expected<Call, Response> (*read)(const Request& request, Access access);
};

std::expected<Call, Response> read_launch_call(const Request& request, Access) {
    const bool resume = request.path == "/resume";
    auto call = read_launch(request.query, resume);
    if (!call) return std::unexpected(session_refused(resume, 400, call.error()));
    return std::move(*call);
}

template <typename T>
std::expected<Call, Response> without_parameters(const Request&, Access) {
    return T{};
}

constexpr Row kRows[] = {
    {"/serverinfo", Who::Anybody,
     [](const Request&, Access access) -> std::expected<Call, Response> {
         // This is how a client learns over TLS that it is no longer paired; it then asks again over HTTP.
         if (access.tls && !access.authorised) return std::unexpected(error_response(401, "not paired"));
         return ServerInfoCall{};
     }},
    {"/pair", Who::Anybody,
     [](const Request& request, Access access) { return pair_over(access, read_pair(request.query)); }},
    {"/unpair", Who::Anybody,
     [](const Request& request, Access) -> std::expected<Call, Response> {
         return UnpairCall{std::string(request.query.find("uniqueid").value_or(""))};
     }},
    {"/applist", Who::Trusted, without_parameters<AppListCall>},
    {"/appasset", Who::Trusted,
     [](const Request& request, Access) -> std::expected<Call, Response> {
         AppAssetCall call;
         ParameterReader reader(request.query);
         reader.required("appid", call.app_id, app_id);
         if (reader.error()) return std::unexpected(error_response(400, *reader.error()));
         return call;
     }},
    {"/launch", Who::Trusted, read_launch_call},
    {"/resume", Who::Trusted, read_launch_call},
    {"/cancel", Who::Trusted, without_parameters<CancelCall>},
};

}  // namespace

std::optional<DisplayMode> parse_mode(std::string_view text) {
    const size_t first = text.find('x');
    const size_t second = first == std::string_view::npos ? first : text.find('x', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto width = parse_number<uint32_t>(text.substr(0, first));
    const auto height = parse_number<uint32_t>(text.substr(first + 1, second - first - 1));
    const std::string_view rate = text.substr(second + 1);
    const size_t point = std::min(rate.find('.'), rate.size());
    const auto whole = parse_number<uint32_t>(rate.substr(0, point));
    if (!width || !height || !whole || *width < 1 || *width > 8192 || *height < 1 || *height > 8192)
        return std::nullopt;
    uint32_t millihertz = *whole;  // some clients send them
    if (*whole <= 1000) {
        std::string fraction(rate.substr(std::min(point + 1, rate.size())));
        if (point < rate.size() && (fraction.empty() || fraction.size() > 9)) return std::nullopt;
        if (!std::ranges::all_of(fraction, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
        fraction.resize(3, '0');
        millihertz = *whole * 1000 + parse_number<uint32_t>(fraction).value();
    } else if (point < rate.size()) {
        return std::nullopt;
    }
    if (millihertz < 1000 || millihertz > 1'000'000) return std::nullopt;
    return DisplayMode{*width, *height, millihertz};
}

std::optional<AudioChannels> parse_surround_audio_info(std::string_view text) {
    const auto value = parse_number<uint32_t>(text);
    if (!value) return std::nullopt;
    const AudioChannels channels{*value & 0xffff, *value >> 16};
    if (channels.count != 2 && channels.count != 6 && channels.count != 8) return std::nullopt;
    return channels;
}

std::optional<uint32_t> parse_key_id(std::string_view text) {
    const auto value = parse_number<int32_t>(text);
    if (!value) return std::nullopt;
    return static_cast<uint32_t>(*value);
}

std::expected<Call, Response> route(const Request& request, Access access) {
    const auto* row = std::ranges::find(kRows, request.path, &Row::path);
    if (row == std::end(kRows)) return std::unexpected(not_found());
    if (row->who == Who::Trusted && !access.trusted())
        return std::unexpected(error_response(401, "not paired: pair this client, then ask over HTTPS"));
    return row->read(request, access);
}

std::expected<Call, Response> route(std::string_view target, Access access) {
    const auto request = parse_target(target);
    if (!request) return std::unexpected(error_response(400, request.error().message));
    return route(*request, access);
}

}  // namespace punktfunk::nvhttp
