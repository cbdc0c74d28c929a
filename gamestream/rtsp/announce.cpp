#include "announce.hpp"

#include <algorithm>

#include "message.hpp"
#include "punktfunk/nvhttp/calls.hpp"
#include "punktfunk/nvhttp/number.hpp"
#include "punktfunk/nvhttp/parameter_reader.hpp"

namespace punktfunk::rtsp {

namespace {

// Values outside of it are malformed.
auto between(uint32_t least, uint32_t most) {
    return [least, most](std::string_view text) -> std::optional<uint32_t> {
        const auto value = nvhttp::parse_number<uint32_t>(text);
        return value && *value >= least && *value <= most ? value : std::nullopt;
    };
}
std::optional<bool> flag(std::string_view text) {
    const auto value = nvhttp::parse_number<uint32_t>(text);
    if (!value) return std::nullopt;
    return *value != 0;
}
constexpr auto kAnyNumber = nvhttp::parse_number<uint32_t>;

std::optional<uint32_t> packet_size(std::string_view text) {
    const auto size = between(64, 9000)(text);
    return size && *size % 16 == 0 ? size : std::nullopt;
}
std::optional<uint32_t> channel_count(std::string_view text) {
    const auto count = between(2, 8)(text);
    return count == 2u || count == 6u || count == 8u ? count : std::nullopt;
}
std::optional<uint32_t> opus_duration_ms(std::string_view text) {
    const auto duration = between(5, 10)(text);
    return duration == 5u || duration == 10u ? duration : std::nullopt;
}

// What is read as it stands, before it is judged together.
struct Wishes {
    uint32_t max_fps = 0, refresh_x100 = 0;
    uint32_t maximum_kbps = 0, configured_kbps = 0;
    uint32_t bit_stream_format = 0, csc_mode = 0;
    uint32_t control_protocol = 1, encryption_enabled = 0;
    uint32_t general_features = 135, client_features = 0;
    uint32_t channels = 2;
    bool audio_quality = false;
};

uint32_t refresh_of(const Wishes& wishes) {
    // Some clients send the rate times 1000, as they do in the mode.
    const uint32_t millihertz = wishes.max_fps > 1000 ? wishes.max_fps : wishes.max_fps * 1000;
    const auto exact = static_cast<int64_t>(wishes.refresh_x100) * 10;
    // The display's own rate, unless it is another display's, as on phones.
    return std::abs(exact - millihertz) * 100 <= millihertz ? static_cast<uint32_t>(exact) : millihertz;
}

}  // namespace

Result<Attributes> Attributes::parse(std::string_view body) {
    Attributes attributes;
    while (!body.empty()) {
        const size_t end = std::min(body.find('\n'), body.size());
        std::string_view line = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
        if (!line.starts_with("a=")) continue;
        line.remove_prefix(2);
        const size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string_view name = line.substr(0, colon), value = line.substr(colon + 1);
        if (const auto known = attributes.find(name)) {
            if (*known != value) return fail(ErrorCode::ProtocolViolation, "an attribute comes twice, and differs");
            continue;
        }
        if (attributes.values_.size() == kMaxAttributes)
            return fail(ErrorCode::ProtocolViolation, "too many attributes");
        attributes.values_.emplace_back(name, value);
    }
    return attributes;
}

std::optional<std::string_view> Attributes::find(std::string_view name) const {
    const auto found = std::ranges::find(values_, name, &std::pair<std::string, std::string>::first);
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

std::expected<StreamConfig, Refusal> read_announce(std::string_view body, const Terms& terms) {
    const auto refuse = [](std::string why, int status = 400) {
        return std::unexpected(Refusal{status, "ANNOUNCE: " + std::move(why)});
    };
    const auto attributes = Attributes::parse(body);
    if (!attributes) return refuse(attributes.error().message);
    StreamConfig config;
    VideoConfig& video = config.video;
    AudioConfig& audio = config.audio;
    Wishes wishes;
    nvhttp::ParameterReader reader(*attributes);
    reader.required("x-nv-video[0].clientViewportWd", video.width, between(2, 8192))
        .required("x-nv-video[0].clientViewportHt", video.height, between(2, 8192))
        .required("x-nv-video[0].maxFPS", wishes.max_fps, between(1, 1'000'000))
        .required("x-nv-video[0].packetSize", video.packet_size, packet_size)
        .required("x-nv-vqos[0].bw.maximumBitrateKbps", wishes.maximum_kbps, between(1, 10'000'000))
        .optional("x-ml-video.configuredBitrateKbps", wishes.configured_kbps, between(0, 10'000'000))
        .required("x-nv-video[0].videoEncoderSlicesPerFrame", video.slices_per_frame, between(1, 64))
        .required("x-nv-video[0].maxNumReferenceFrames", video.max_reference_frames, between(0, 16))
        .required("x-nv-audio.surround.numChannels", wishes.channels, channel_count)
        .required("x-nv-audio.surround.channelMask", audio.channel_mask, kAnyNumber)
        .required("x-nv-audio.surround.AudioQuality", wishes.audio_quality, flag)
        .optional("x-nv-aqos.packetDuration", audio.packet_ms, opus_duration_ms)
        .optional("x-nv-vqos[0].bitStreamFormat", wishes.bit_stream_format, between(0, 2))
        .optional("x-nv-video[0].dynamicRangeMode", video.ten_bit, flag)
        .optional("x-ss-video[0].chromaSamplingType", video.yuv444, flag)
        .optional("x-ss-video[0].intraRefresh", video.intra_refresh, flag)
        .optional("x-nv-video[0].encoderCscMode", wishes.csc_mode, between(0, 5))
        .optional("x-nv-video[0].clientRefreshRateX100", wishes.refresh_x100, kAnyNumber)
        .optional("x-nv-vqos[0].fec.minRequiredFecPackets", video.min_parity_packets, between(0, 255))
        .optional("x-nv-general.useReliableUdp", wishes.control_protocol, kAnyNumber)
        .optional("x-ss-general.encryptionEnabled", wishes.encryption_enabled, kAnyNumber)
        .optional("x-nv-general.featureFlags", wishes.general_features, kAnyNumber)
        .optional("x-ml-general.featureFlags", wishes.client_features, kAnyNumber);
    video.mark_dscp = audio.mark_dscp = true;
    reader.optional("x-nv-vqos[0].qosTrafficType", video.mark_dscp, flag)
        .optional("x-nv-aqos.qosTrafficType", audio.mark_dscp, flag);
    if (reader.error()) return refuse(*reader.error());

    if (video.height % 2 != 0) return refuse("the height is odd");
    if (wishes.control_protocol != 13)
        return refuse("this client's control stream is not encrypted: update the client");
    video.width &= ~1u;  // encoders halve the colour; clients show what the stream says
    video.codec = static_cast<nvhttp::Codec>(wishes.bit_stream_format);
    if (!terms.offer.codecs.supports(video.codec, video.ten_bit, video.yuv444))
        return refuse("the host does not encode the format the client chose");
    video.colour_space = static_cast<ColourSpace>(wishes.csc_mode >> 1);
    video.full_range = (wishes.csc_mode & 1) != 0;
    video.refresh_millihertz = refresh_of(wishes);
    video.fec_percentage = terms.fec_percentage;

    audio.high_quality = wishes.channels > 2 ? wishes.audio_quality : !terms.low_stereo_quality;
    audio.layout = standard_layout(wishes.channels, audio.high_quality);
    // The client found its own layout first in DESCRIBE.
    const auto own = parse_surround_params(terms.offer.surround_params, audio.high_quality);
    if (own && own->channels == wishes.channels) audio.layout = *own;

    // A packet has to fit into a datagram, with its padding.
    constexpr uint32_t kMostOpusBytes = 1360;
    audio.layout.bitrate_kbps = std::min(audio.layout.bitrate_kbps, kMostOpusBytes * 8 / audio.packet_ms);

    // Clients turn encrypted sound on by either of two flags, the second also where nothing was offered.
    constexpr uint32_t kAudioFeature = 0x20;
    config.encryption = Encryption::of(wishes.encryption_enabled);
    if ((wishes.general_features & kAudioFeature) != 0) config.encryption.audio = true;
    Encryption possible = terms.offer.supported;
    possible.audio = true;
    if (!possible.covers(config.encryption)) return refuse("the client turned on encryption that was not offered");
    if (!config.encryption.covers(terms.mandatory)) return refuse("encryption is mandatory here", 403);
    config.reports_fec_status = (wishes.client_features & 1) != 0;
    config.knows_ping_payload = (wishes.client_features & 2) != 0;

    video.bitrate_kbps = wishes.configured_kbps == 0 ? wishes.maximum_kbps
                                                     : video_bitrate_kbps(wishes.configured_kbps, terms.fec_percentage,
                                                                          wishes.channels, audio.high_quality);
    return config;
}

}  // namespace punktfunk::rtsp
