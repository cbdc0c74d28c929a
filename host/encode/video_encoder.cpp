#include "video_encoder.hpp"

#include <vector>

#include "ffmpeg_encoder.hpp"

namespace punktfunk::encode {
namespace {

constexpr EncoderConfig kProbeConfig = {.width = 1280, .height = 720, .refresh_hz = 60, .bitrate_kbps = 10000};

// Opening is not enough: drivers are known to open and then fail, or hold back, the first picture.
Result<void> try_candidate(const Candidate& candidate, const capture::Frame& picture) {
    auto config = kProbeConfig;
    config.codec = candidate.codec;
    auto encoder = FfmpegEncoder::open(candidate, config);
    if (!encoder) return std::unexpected(std::move(encoder.error()));
    auto unit = (*encoder)->encode(picture, false);
    if (!unit) return std::unexpected(std::move(unit.error()));
    if (!unit->keyframe)
        return fail(ErrorCode::Unsupported, "{}: its first picture is no keyframe", candidate.ffmpeg_name);
    return {};
}

}  // namespace

std::string_view to_string(Codec codec) {
    switch (codec) {
        case Codec::H264:
            return "H.264";
        case Codec::Hevc:
            return "HEVC";
        case Codec::Av1:
            break;
    }
    return "AV1";
}

std::vector<ProbeResult> probe_encoders() {
    const std::vector<uint8_t> grey(size_t{4} * kProbeConfig.width * kProbeConfig.height, 128);
    const capture::Frame picture = {.pixels = grey.data(),
                                    .width = kProbeConfig.width,
                                    .height = kProbeConfig.height,
                                    .stride = 4 * kProbeConfig.width};
    std::vector<ProbeResult> results;
    for (const Candidate& candidate : candidates()) {
        const av::LogCapture log;
        auto tried = try_candidate(candidate, picture);
        results.push_back({.encoder = candidate.ffmpeg_name,
                           .codec = candidate.codec,
                           .available = tried.has_value(),
                           .reason = tried ? "" : std::move(tried.error().message)});
    }
    return results;
}

Result<std::unique_ptr<VideoEncoder>> make_encoder(const EncoderConfig& config, std::span<const ProbeResult> probed) {
    std::string reasons;
    for (const ProbeResult& result : probed) {
        if (result.codec != config.codec) continue;
        const Candidate* candidate = result.available ? find_candidate(result.encoder) : nullptr;
        std::string reason = result.available ? "not known here" : result.reason;
        if (candidate != nullptr) {
            auto encoder = FfmpegEncoder::open(*candidate, config);
            if (encoder) return std::move(*encoder);
            // A mode nobody can encode is the caller's mistake, not a missing encoder.
            if (encoder.error().code == ErrorCode::InvalidArgument) return std::unexpected(std::move(encoder.error()));
            reason = std::move(encoder.error().message);
        }
        reasons += fmt::format("\n  {}: {}", result.encoder, reason);
    }
    return fail(ErrorCode::NotAvailable, "no {} encoder works here:{}", to_string(config.codec),
                reasons.empty() ? " none was tried" : reasons);
}

}  // namespace punktfunk::encode
