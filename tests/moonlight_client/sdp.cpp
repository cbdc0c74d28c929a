#include "sdp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace punktfunk::moonlight_client {

namespace {

constexpr uint32_t kVideo = 2, kAudio = 4;

// After the first colon that follows the name; base by prefix, as strtoul takes it.
uint32_t attribute(std::string_view body, std::string_view name) {
    const size_t at = body.find(name);
    if (at == std::string_view::npos) return 0;
    const size_t colon = body.find(':', at + name.size());
    if (colon == std::string_view::npos) return 0;
    return static_cast<uint32_t>(std::strtoul(std::string(body.substr(colon + 1, 20)).c_str(), nullptr, 0));
}

// The digits after each `a=fmtp:97 surround-params=<channels>`.
std::vector<std::string> layouts(std::string_view body, uint32_t channels) {
    const std::string mark = fmt::format("a=fmtp:97 surround-params={}", channels);
    std::vector<std::string> found;
    for (size_t at = body.find(mark); at != std::string_view::npos; at = body.find(mark, at + 1)) {
        const std::string_view digits = body.substr(at + mark.size() - 1);
        found.emplace_back(digits.substr(0, digits.find_first_not_of("0123456789")));
    }
    return found;
}

}  // namespace

HostOffer read_describe(std::string_view body) {
    const auto has = [&](std::string_view mark) { return body.find(mark) != std::string_view::npos; };
    return {.feature_flags = attribute(body, "x-ss-general.featureFlags"),
            .encryption_supported = attribute(body, "x-ss-general.encryptionSupported"),
            .encryption_requested = attribute(body, "x-ss-general.encryptionRequested"),
            .invalidates_frames = has("x-nv-video[0].refPicInvalidation"),
            .hevc = has("sprop-parameter-sets=AAAAAU"),
            .av1 = has("AV1/90000"),
            .body = std::string(body)};
}

uint32_t choose_encryption(const HostOffer& offer, const StreamWish& wish) {
    uint32_t chosen = offer.encryption_supported & 1;
    const auto choose = [&](uint32_t bit, bool wanted) {
        if ((offer.encryption_supported & bit) != 0 && (wanted || (offer.encryption_requested & bit) != 0))
            chosen |= bit;
    };
    choose(kVideo, wish.encrypt_video);
    choose(kAudio, wish.encrypt_audio);
    return chosen;
}

bool wants_high_quality(const HostOffer& offer, const StreamWish& wish) {
    return wish.bitrate_kbps >= 15'000 && wish.channels > 2 && layouts(offer.body, wish.channels).size() > 1;
}

std::optional<OpusStreams> choose_layout(const HostOffer& offer, uint32_t channels, bool high_quality) {
    if (channels == 2) return OpusStreams{};
    const auto published = layouts(offer.body, channels);
    if (published.empty()) {
        if (channels != 6) return std::nullopt;
        return OpusStreams{6, 4, 2, {0, 4, 1, 5, 2, 3}};
    }
    const std::string& digits = published[high_quality ? 1 : 0];
    if (digits.size() != 3 + channels) return std::nullopt;
    OpusStreams layout{.channels = channels,
                       .streams = static_cast<uint32_t>(digits[1] - '0'),
                       .coupled = static_cast<uint32_t>(digits[2] - '0'),
                       .mapping = {}};
    // In normal quality it is taken for NVIDIA's order, which has LFE last.
    constexpr size_t kLfe = 3;
    for (size_t i = 0; i < channels; ++i) {
        const size_t from = high_quality || i < kLfe ? i : i == kLfe ? channels - 1 : i - 1;
        layout.mapping[i] = static_cast<uint8_t>(digits[3 + from] - '0');
    }
    return layout;
}

uint32_t packet_size(const StreamWish& wish, uint32_t encryption) {
    return wish.packet_size - ((encryption & kVideo) != 0 ? 32 : 0);
}

std::string announce_body(const Announcement& a) {
    const StreamWish& wish = a.wish;
    const uint32_t budget = std::min(wish.bitrate_kbps * 4 / 5, 100'000u);
    const bool surround = wish.channels > 2;
    const uint32_t mask = wish.channels == 8 ? 1599 : wish.channels == 6 ? 63 : 3;
    std::string body = fmt::format("v=0\r\no=android 0 14 IN {} {}\r\ns=NVIDIA Streaming Client\r\n",
                                   a.host_ip.contains(':') ? "IPv6" : "IPv4", a.host_ip);
    const auto say = [&](std::string_view name, uint32_t value) { body += fmt::format("a={}:{} \r\n", name, value); };
    say("x-ml-general.featureFlags", wish.tells_fec_status ? 3 : 2);
    say("x-ss-general.encryptionEnabled", a.encryption);
    say("x-ss-video[0].chromaSamplingType", 0);
    say("x-nv-video[0].clientViewportWd", wish.width);
    say("x-nv-video[0].clientViewportHt", wish.height);
    say("x-nv-video[0].maxFPS", wish.fps);
    say("x-nv-video[0].packetSize", packet_size(wish, a.encryption));
    say("x-nv-video[0].rateControlMode", 4);
    say("x-nv-video[0].timeoutLengthMs", 7000);
    say("x-nv-video[0].framesWithInvalidRefThreshold", 0);
    say("x-nv-video[0].initialBitrateKbps", budget);
    say("x-nv-video[0].initialPeakBitrateKbps", budget);
    say("x-nv-vqos[0].bw.minimumBitrateKbps", budget);
    say("x-nv-vqos[0].bw.maximumBitrateKbps", budget);
    say("x-ml-video.configuredBitrateKbps", wish.bitrate_kbps);
    say("x-nv-vqos[0].fec.enable", 1);
    say("x-nv-vqos[0].videoQualityScoreUpdateTime", 5000);
    say("x-nv-vqos[0].qosTrafficType", 5);
    say("x-nv-aqos.qosTrafficType", 4);
    say("x-nv-general.featureFlags", wish.encrypt_audio ? 167 : 135);
    say("x-nv-general.useReliableUdp", 13);
    say("x-nv-vqos[0].fec.minRequiredFecPackets", 2);
    say("x-nv-vqos[0].bllFec.enable", 0);
    say("x-nv-vqos[0].drc.enable", 0);
    say("x-nv-general.enableRecoveryMode", 0);
    say("x-nv-video[0].videoEncoderSlicesPerFrame", 1);
    if (wish.codec != Codec::Av1) say("x-nv-clientSupportHevc", wish.codec == Codec::Hevc ? 1 : 0);
    say("x-nv-vqos[0].bitStreamFormat", static_cast<uint32_t>(wish.codec));
    say("x-nv-video[0].dynamicRangeMode", 0);
    say("x-nv-video[0].maxNumReferenceFrames", 0);
    say("x-nv-video[0].clientRefreshRateX100", wish.display_hz_x100);
    say("x-nv-audio.surround.numChannels", wish.channels);
    say("x-nv-audio.surround.channelMask", mask);
    say("x-nv-audio.surround.enable", surround ? 1 : 0);
    say("x-nv-audio.surround.AudioQuality", a.high_quality ? 1 : 0);
    say("x-nv-aqos.packetDuration", wish.packet_ms);
    say("x-nv-video[0].encoderCscMode", 2);
    body += fmt::format("t=0 0\r\nm=video {}  \r\n", a.video_port);
    return body;
}

}  // namespace punktfunk::moonlight_client
