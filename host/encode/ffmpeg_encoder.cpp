#include "ffmpeg_encoder.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::encode {
namespace {

// libav and the encoders below it count bits in int; x264 clips here too.
constexpr uint32_t kMaxKbps = 2'000'000;
// A GPU that refuses a rate is asked for three quarters of it, down to here.
constexpr uint32_t kStepDownAboveKbps = 50'000;
constexpr size_t kMaxPictures = 8;
constexpr uint32_t kMaxDimension = 8192;
constexpr size_t kMostUnitBytes = size_t{64} << 20;  // keeps the arithmetic below in its range

// Two pictures' worth, but no less than a thirtieth of a second: a keyframe may use all of it, and with a single
// picture of a high refresh rate it would be mush, while every further picture of it is delay on a link as fast as the
// bitrate.
int vbv_bits(const EncoderConfig& config, int64_t bits_per_second) {
    const int64_t wanted = std::max(2 * bits_per_second / config.refresh_hz, bits_per_second / 30);
    return static_cast<int>(std::min<int64_t>(wanted, 8 * static_cast<int64_t>(config.max_unit_bytes)));
}

// A buffer of less than the average picture is none to an encoder, so the average has a bound too.
void set_rate(AVCodecContext& context, const EncoderConfig& config, int64_t bits_per_second) {
    const auto most_bytes = static_cast<int64_t>(std::min(config.max_unit_bytes, kMostUnitBytes));
    bits_per_second = std::min(bits_per_second, 8 * most_bytes * config.refresh_hz / 5 * 4);
    context.bit_rate = bits_per_second;
    context.rc_max_rate = bits_per_second;
    context.rc_buffer_size = vbv_bits(config, bits_per_second);
}

uint64_t elapsed_ns(SteadyClock::time_point since) {
    return static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(SteadyClock::now() - since).count());
}

// The captured picture is sRGB, whose primaries are BT.709's, and whose transfer players take for BT.709's.
template <typename Described>
void describe_colour(Described& described, const Colour& colour) {
    described.color_primaries = AVCOL_PRI_BT709;
    described.color_trc = AVCOL_TRC_BT709;
    described.colorspace = colour.matrix == Matrix::Bt601 ? AVCOL_SPC_SMPTE170M : AVCOL_SPC_BT709;
    described.color_range = colour.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
}

}  // namespace

FfmpegEncoder::FfmpegEncoder(const Candidate& candidate, const EncoderConfig& config)
    : candidate_(candidate),
      config_(config),
      name_(fmt::format("{} ({})", candidate.ffmpeg_name, candidate.kind)),
      kernel_(best_colour_kernel()),
      packet_(av_packet_alloc()) {}

Result<std::unique_ptr<FfmpegEncoder>> FfmpegEncoder::open(const Candidate& candidate, const EncoderConfig& config) {
    if (config.width == 0 || config.height == 0 || config.width % 2 != 0 || config.height % 2 != 0 ||
        config.width > kMaxDimension || config.height > kMaxDimension) {
        return fail(ErrorCode::InvalidArgument, "{}: {}x{} is not an even size up to {}", candidate.ffmpeg_name,
                    config.width, config.height, kMaxDimension);
    }
    if (config.refresh_hz == 0 || config.bitrate_kbps == 0) {
        return fail(ErrorCode::InvalidArgument, "{}: refresh rate and bitrate must not be 0", candidate.ffmpeg_name);
    }
    std::unique_ptr<FfmpegEncoder> encoder(new FfmpegEncoder(candidate, config));
    if (encoder->packet_ == nullptr) return fail(ErrorCode::Exhausted, "{}: out of memory", candidate.ffmpeg_name);
    if (candidate.device != AV_HWDEVICE_TYPE_NONE) {
        if (auto device = encoder->open_device(); !device) return std::unexpected(std::move(device.error()));
    }
    const bool software = candidate.kind == "software";
    for (uint32_t kbps = std::min(config.bitrate_kbps, kMaxKbps);; kbps = kbps / 4 * 3) {
        auto context = encoder->open_context(kbps);
        if (context) {
            if (kbps < config.bitrate_kbps) spdlog::warn("{}: runs at {} kbit/s", encoder->name_, kbps);
            encoder->context_ = std::move(*context);
            return encoder;
        }
        if (software || kbps <= kStepDownAboveKbps) return std::unexpected(std::move(context.error()));
    }
}

Result<void> FfmpegEncoder::open_device() {
    const av::LogCapture log;
    AVBufferRef* device = nullptr;
    if (const int error = av_hwdevice_ctx_create(&device, candidate_.device, nullptr, nullptr, 0); error < 0) {
        return fail(ErrorCode::NotAvailable, "{}: {}; {}", candidate_.ffmpeg_name, log.explain(error),
                    candidate_.needs);
    }
    device_.reset(device);
    device_frames_.reset(av_hwframe_ctx_alloc(device));
    if (device_frames_ == nullptr) return fail(ErrorCode::Exhausted, "{}: out of memory", candidate_.ffmpeg_name);
    auto* frames = reinterpret_cast<AVHWFramesContext*>(device_frames_->data);
    frames->format = AV_PIX_FMT_VAAPI;
    frames->sw_format = candidate_.upload_format;
    frames->width = static_cast<int>(config_.width);
    frames->height = static_cast<int>(config_.height);
    frames->initial_pool_size = kMaxPictures;
    if (const int error = av_hwframe_ctx_init(device_frames_.get()); error < 0) {
        return fail(ErrorCode::NotAvailable, "{}: pictures on the device: {}", candidate_.ffmpeg_name,
                    log.explain(error));
    }
    return {};
}

Result<av::Context> FfmpegEncoder::open_context(uint32_t kbps) const {
    const AVCodec* codec = avcodec_find_encoder_by_name(candidate_.ffmpeg_name);
    if (codec == nullptr) {
        return fail(ErrorCode::NotAvailable, "{}: this FFmpeg was built without it", candidate_.ffmpeg_name);
    }
    av::Context context(avcodec_alloc_context3(codec));
    if (context == nullptr) return fail(ErrorCode::Exhausted, "{}: out of memory", candidate_.ffmpeg_name);
    context->log_level_offset = av::kLogOffset;
    context->width = static_cast<int>(config_.width);
    context->height = static_cast<int>(config_.height);
    context->pix_fmt = candidate_.upload_format;
    context->time_base = {1, static_cast<int>(config_.refresh_hz)};
    context->framerate = {static_cast<int>(config_.refresh_hz), 1};
    context->max_b_frames = 0;
    context->refs = 1;  // some players make room for one only (GameStream spec §6.8)
    context->flags |= AV_CODEC_FLAG_LOW_DELAY;
    describe_colour(*context, config_.colour);
    set_rate(*context, config_, int64_t{1000} * kbps);
    if (device_frames_ != nullptr) {
        context->pix_fmt = AV_PIX_FMT_VAAPI;
        context->hw_frames_ctx = av_buffer_ref(device_frames_.get());
    }
    AVDictionary* options = nullptr;
    candidate_.set_options(config_, *context, &options);
    const av::LogCapture log;
    const int error = avcodec_open2(context.get(), codec, &options);
    const std::unique_ptr<AVDictionary, av::Free> unused(options);
    if (error < 0) {
        return fail(ErrorCode::NotAvailable, "{}: {}; {}", candidate_.ffmpeg_name, log.explain(error),
                    candidate_.needs);
    }
    return context;
}

// A picture the encoder no longer refers to: the same few over and over.
Result<FfmpegEncoder::Picture*> FfmpegEncoder::take_picture() {
    for (auto& picture : pictures_) {
        if (av_frame_is_writable(picture.yuv.get()) != 0) return &picture;
    }
    if (pictures_.size() == kMaxPictures) {
        return fail(ErrorCode::Exhausted, "{} holds on to {} pictures", name_, kMaxPictures);
    }
    av::Frame picture(av_frame_alloc());
    if (picture == nullptr) return fail(ErrorCode::Exhausted, "{}: out of memory", name_);
    picture->format = candidate_.upload_format;
    picture->width = static_cast<int>(config_.width);
    picture->height = static_cast<int>(config_.height);
    if (const int error = av_frame_get_buffer(picture.get(), 0); error < 0) {
        return fail(ErrorCode::Exhausted, "{}: a picture: {}", name_, av::describe(error));
    }
    describe_colour(*picture, config_.colour);
    return &pictures_.emplace_back(Picture{.yuv = std::move(picture)});
}

namespace {

// Whole blocks of the conversion's kernels, whose chroma is of two pixels each way.
capture::Area in_blocks(const capture::Area& area, uint32_t width, uint32_t height) {
    constexpr uint32_t kColumns = 32, kRows = 2;
    const auto up = [](uint32_t value, uint32_t unit) { return (value + unit - 1) / unit * unit; };
    const uint32_t left = area.left / kColumns * kColumns, top = area.top / kRows * kRows;
    return {left, top, std::min(up(area.left + area.width, kColumns), width) - left,
            std::min(up(area.top + area.height, kRows), height) - top};
}

}  // namespace

// Of a desktop little changes from one frame to the next.
void FfmpegEncoder::convert(const capture::Frame& frame, bool all, Picture& picture) const {
    const bool known = !all && frame.sequence != 0;
    if (known && picture.holds == frame.sequence) return;
    capture::Area area{0, 0, frame.width, frame.height};
    if (known && frame.changed && picture.holds != 0 && picture.holds + 1 == frame.sequence)
        area = in_blocks(*frame.changed, frame.width, frame.height);
    picture.holds = frame.sequence;
    const AVFrame& yuv = *picture.yuv;
    const auto luma_stride = static_cast<size_t>(yuv.linesize[0]), chroma_stride = static_cast<size_t>(yuv.linesize[1]);
    const bool interleaved = candidate_.upload_format == AV_PIX_FMT_NV12;
    const size_t chroma = area.top / 2 * chroma_stride + (interleaved ? area.left : area.left / 2);
    bgrx_to_yuv420(frame.pixels + size_t{area.top} * frame.stride + size_t{4} * area.left, frame.stride, area.width,
                   area.height,
                   {.y = yuv.data[0] + area.top * luma_stride + area.left,
                    .u = yuv.data[1] + chroma,
                    .v = interleaved ? nullptr : yuv.data[2] + chroma,
                    .y_stride = luma_stride,
                    .chroma_stride = chroma_stride},
                   config_.colour, kernel_);
}

Result<av::Frame> FfmpegEncoder::upload(const AVFrame& picture) const {
    av::Frame surface(av_frame_alloc());
    if (surface == nullptr) return fail(ErrorCode::Exhausted, "{}: out of memory", name_);
    int error = av_hwframe_get_buffer(device_frames_.get(), surface.get(), 0);
    if (error >= 0) error = av_hwframe_transfer_data(surface.get(), &picture, 0);
    if (error < 0) return fail(ErrorCode::Io, "{}: upload: {}", name_, av::describe(error));
    describe_colour(*surface, config_.colour);
    return surface;
}

Result<AccessUnit> FfmpegEncoder::encode(const capture::Frame& frame, bool force_keyframe) {
    if (frame.width != config_.width || frame.height != config_.height || frame.pixels == nullptr ||
        frame.stride < 4 * frame.width) {
        return fail(ErrorCode::InvalidArgument, "{}: a {}x{} picture (stride {}) for a {}x{} encoder", name_,
                    frame.width, frame.height, frame.stride, config_.width, config_.height);
    }
    auto picture = take_picture();
    if (!picture) return std::unexpected(std::move(picture.error()));
    AccessUnit unit;
    const auto convert_start = SteadyClock::now();
    // A keyframe mends whatever may have gone wrong.
    convert(frame, force_keyframe, **picture);
    unit.convert_ns = elapsed_ns(convert_start);

    const auto encode_start = SteadyClock::now();
    AVFrame* input = (*picture)->yuv.get();
    av::Frame surface;
    if (device_frames_ != nullptr) {
        auto uploaded = upload(*input);
        if (!uploaded) return std::unexpected(std::move(uploaded.error()));
        surface = std::move(*uploaded);
        input = surface.get();
    }
    input->pts = next_pts_++;
    input->pict_type = force_keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;

    av_packet_unref(packet_.get());
    int error = avcodec_send_frame(context_.get(), input);
    if (error >= 0) error = avcodec_receive_packet(context_.get(), packet_.get());
    if (error == AVERROR(EAGAIN)) return fail(ErrorCode::Internal, "{} held a picture back", name_);
    if (error < 0) return fail(ErrorCode::Io, "{}: {}", name_, av::describe(error));
    if (packet_->pts != input->pts) return fail(ErrorCode::Internal, "{} answered another picture", name_);
    unit.encode_ns = elapsed_ns(encode_start);
    unit.data = {packet_->data, static_cast<size_t>(packet_->size)};
    unit.keyframe = (packet_->flags & AV_PKT_FLAG_KEY) != 0;
    return unit;
}

Result<void> FfmpegEncoder::set_bitrate(uint32_t kbps) {
    if (kbps == 0) return fail(ErrorCode::InvalidArgument, "{}: bitrate must not be 0", name_);
    kbps = std::min(kbps, kMaxKbps);
    if (kbps == config_.bitrate_kbps) return {};
    if (candidate_.live_bitrate) {
        // The encoder compares these with what it runs at when the next picture arrives.
        set_rate(*context_, config_, int64_t{1000} * kbps);
    } else {
        // These read the rate only when they open, so there is a new encoder, and its first picture is a keyframe. The
        // old one runs on if that fails. The last access unit is in packet_ and outlives its encoder.
        auto context = open_context(kbps);
        if (!context) return std::unexpected(std::move(context.error()));
        context_ = std::move(*context);
    }
    config_.bitrate_kbps = kbps;
    return {};
}

}  // namespace punktfunk::encode
