// Encoders by way of FFmpeg's libavcodec: one table, probed from the top.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>
}

#include <algorithm>
#include <chrono>
#include <cstring>

#include "colour.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/encode/video_encoder.hpp"

namespace punktfunk::encode {

namespace {

enum class Input { I420, Nv12, Vaapi };  // what the encoder takes

struct Option {
    const char *name, *value;
};

struct Candidate {
    const char* name;
    Codec codec;
    Input input;
    const char* description;
    const char* remedy;
    std::span<const Option> options;
};

constexpr Option kNvenc[] = {{"preset", "p1"}, {"tune", "ull"}, {"rc", "cbr"}, {"delay", "0"}, {"zerolatency", "1"}, {"forced-idr", "1"}, {"surfaces", "4"}};
constexpr Option kVaapi[] = {{"async_depth", "1"}, {"rc_mode", "CBR"}};
constexpr Option kX264[] = {{"preset", "ultrafast"}, {"tune", "zerolatency"}, {"forced-idr", "1"},
                            {"x264-params", "keyint=infinite:scenecut=0:repeat-headers=1:annexb=1"}};
// One slice a picture (no WPP slices): a v0.31 client that does not say multi-slice expects it.
constexpr Option kX265[] = {{"preset", "ultrafast"}, {"tune", "zerolatency"}, {"forced-idr", "1"},
                            {"x265-params", "keyint=-1:scenecut=0:repeat-headers=1:annexb=1:slices=1:frame-threads=1:pools=2:log-level=none"}};

constexpr const char* kGpu = "needs an NVIDIA GPU and its driver";
constexpr const char* kRenderNode = "needs a GPU with a VAAPI driver (package mesa-va-drivers or intel-media-va-driver)";
constexpr const char* kSoftware = "needs FFmpeg with this encoder (package libavcodec59 or newer)";

constexpr Candidate kCandidates[] = {
    {"h264_nvenc", Codec::H264, Input::Nv12, "NVENC", kGpu, kNvenc},      {"hevc_nvenc", Codec::Hevc, Input::Nv12, "NVENC", kGpu, kNvenc},
    {"h264_vaapi", Codec::H264, Input::Vaapi, "VAAPI", kRenderNode, kVaapi}, {"hevc_vaapi", Codec::Hevc, Input::Vaapi, "VAAPI", kRenderNode, kVaapi},
    {"libx264", Codec::H264, Input::I420, "software", kSoftware, kX264},  {"libx265", Codec::Hevc, Input::I420, "software", kSoftware, kX265},
};

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T* object) const {
        Free(&object);
    }
};
using Context = std::unique_ptr<AVCodecContext, Deleter<avcodec_free_context>>;
using Picture = std::unique_ptr<AVFrame, Deleter<av_frame_free>>;
using Packet = std::unique_ptr<AVPacket, Deleter<av_packet_free>>;
using BufferRef = std::unique_ptr<AVBufferRef, Deleter<av_buffer_unref>>;

std::string words(int error) {
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(error, text, sizeof text);
    return text;
}

class FfmpegEncoder final : public VideoEncoder {
  public:
    FfmpegEncoder(const Candidate& candidate, const EncoderConfig& config)
        : candidate_(candidate), config_(config), name_(fmt::format("{} ({})", candidate.name, candidate.description)) {}

    Result<void> open();
    [[nodiscard]] std::string_view name() const override { return name_; }
    Result<AccessUnit> encode(const capture::Frame& frame, bool force_keyframe) override;
    Result<void> set_bitrate(uint32_t kbps) override;

  private:
    void set_rate(uint32_t kbps);
    Result<void> open_vaapi();
    Result<AVFrame*> convert(const capture::Frame& frame);

    const Candidate& candidate_;
    EncoderConfig config_;
    std::string name_;
    BufferRef device_;
    Context context_;
    Picture picture_, surface_;
    Packet packet_;
    std::vector<uint8_t> chroma_;
    int64_t next_pts_ = 0;
};

void FfmpegEncoder::set_rate(uint32_t kbps) {
    const int64_t bits = int64_t{kbps} * 1000;
    context_->bit_rate = bits;
    context_->rc_max_rate = bits;
    // Room for a keyframe of about four frames' share; more would let it burst past the path's rate.
    context_->rc_buffer_size = static_cast<int>(std::min<int64_t>(bits * 4 / config_.refresh_hz, INT32_MAX));
}

Result<void> FfmpegEncoder::open_vaapi() {
    AVBufferRef* device = nullptr;
    if (const int rc = av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VAAPI, nullptr, nullptr, 0); rc < 0) {
        return fail(ErrorCode::NotAvailable, "no VAAPI device ({})", words(rc));
    }
    device_.reset(device);
    const BufferRef frames(av_hwframe_ctx_alloc(device));
    if (!frames) return fail(ErrorCode::Internal, "out of memory");
    auto* description = reinterpret_cast<AVHWFramesContext*>(frames->data);
    description->format = AV_PIX_FMT_VAAPI;
    description->sw_format = AV_PIX_FMT_NV12;
    description->width = static_cast<int>(config_.width);
    description->height = static_cast<int>(config_.height);
    description->initial_pool_size = 4;
    if (const int rc = av_hwframe_ctx_init(frames.get()); rc < 0) return fail(ErrorCode::NotAvailable, "VAAPI surfaces: {}", words(rc));
    context_->hw_frames_ctx = av_buffer_ref(frames.get());
    surface_.reset(av_frame_alloc());
    return {};
}

Result<void> FfmpegEncoder::open() {
    const AVCodec* codec = avcodec_find_encoder_by_name(candidate_.name);
    if (codec == nullptr) return fail(ErrorCode::NotAvailable, "this FFmpeg has no {}", candidate_.name);
    context_.reset(avcodec_alloc_context3(codec));
    packet_.reset(av_packet_alloc());
    picture_.reset(av_frame_alloc());
    if (!context_ || !packet_ || !picture_) return fail(ErrorCode::Internal, "out of memory");
    context_->width = static_cast<int>(config_.width);
    context_->height = static_cast<int>(config_.height);
    context_->time_base = {1, static_cast<int>(config_.refresh_hz)};
    context_->framerate = {static_cast<int>(config_.refresh_hz), 1};
    context_->pix_fmt = candidate_.input == Input::I420 ? AV_PIX_FMT_YUV420P : candidate_.input == Input::Nv12 ? AV_PIX_FMT_NV12 : AV_PIX_FMT_VAAPI;
    context_->color_primaries = AVCOL_PRI_BT709;
    context_->color_trc = AVCOL_TRC_BT709;
    context_->colorspace = AVCOL_SPC_BT709;
    context_->color_range = AVCOL_RANGE_MPEG;
    context_->gop_size = candidate_.input == Input::Vaapi ? INT16_MAX : -1;
    context_->max_b_frames = 0;
    context_->thread_count = 2;
    context_->thread_type = FF_THREAD_SLICE;
    set_rate(config_.bitrate_kbps);
    if (candidate_.input == Input::Vaapi) {
        if (auto vaapi = open_vaapi(); !vaapi) return vaapi;
    }
    AVDictionary* options = nullptr;
    for (const Option& option : candidate_.options) av_dict_set(&options, option.name, option.value, 0);
    const int rc = avcodec_open2(context_.get(), codec, &options);
    av_dict_free(&options);
    if (rc < 0) return fail(ErrorCode::NotAvailable, "{} does not open ({}); it {}", candidate_.name, words(rc), candidate_.remedy);

    picture_->format = candidate_.input == Input::I420 ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_NV12;
    picture_->width = context_->width;
    picture_->height = context_->height;
    picture_->color_range = AVCOL_RANGE_MPEG;
    picture_->colorspace = AVCOL_SPC_BT709;
    if (av_frame_get_buffer(picture_.get(), 0) < 0) return fail(ErrorCode::Internal, "out of memory");
    return {};
}

// NV12 wants U and V interleaved; they are made side by side in the plane's own rows.
Result<AVFrame*> FfmpegEncoder::convert(const capture::Frame& frame) {
    // Copies only while the encoder still holds the picture; with one in, one out, it does not.
    if (av_frame_make_writable(picture_.get()) < 0) return fail(ErrorCode::Internal, "out of memory");
    AVFrame& p = *picture_;
    if (candidate_.input == Input::I420) {
        bgrx_to_i420(frame.pixels, frame.stride, frame.width, frame.height, {p.data[0], p.data[1], p.data[2], p.linesize[0], p.linesize[1]});
        return picture_.get();
    }
    const size_t half_width = frame.width / 2, half_height = frame.height / 2;
    chroma_.resize(2 * half_width * half_height);
    uint8_t *u = chroma_.data(), *v = u + half_width * half_height;
    bgrx_to_i420(frame.pixels, frame.stride, frame.width, frame.height, {p.data[0], u, v, p.linesize[0], static_cast<int>(half_width)});
    for (size_t row = 0; row < half_height; ++row) {
        uint8_t* out = p.data[1] + row * static_cast<size_t>(p.linesize[1]);
        for (size_t x = 0; x < half_width; ++x) out[2 * x] = *u++, out[2 * x + 1] = *v++;
    }
    if (candidate_.input == Input::Nv12) return picture_.get();
    av_frame_unref(surface_.get());
    if (const int rc = av_hwframe_get_buffer(context_->hw_frames_ctx, surface_.get(), 0); rc < 0) return fail(ErrorCode::Io, "VAAPI surface: {}", words(rc));
    if (const int rc = av_hwframe_transfer_data(surface_.get(), picture_.get(), 0); rc < 0) return fail(ErrorCode::Io, "VAAPI upload: {}", words(rc));
    return surface_.get();
}

Result<AccessUnit> FfmpegEncoder::encode(const capture::Frame& frame, bool force_keyframe) {
    if (frame.width != config_.width || frame.height != config_.height) {
        return fail(ErrorCode::InvalidArgument, "a frame of {}x{} for an encoder of {}x{}", frame.width, frame.height, config_.width, config_.height);
    }
    const auto started = SteadyClock::now();
    auto picture = convert(frame);
    if (!picture) return std::unexpected(picture.error());
    const auto converted = SteadyClock::now();
    (*picture)->pts = next_pts_++;
    (*picture)->pict_type = force_keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    if (const int rc = avcodec_send_frame(context_.get(), *picture); rc < 0) return fail(ErrorCode::Io, "{}: {}", candidate_.name, words(rc));
    av_packet_unref(packet_.get());
    if (const int rc = avcodec_receive_packet(context_.get(), packet_.get()); rc < 0) {
        return fail(ErrorCode::Io, "{} gave no access unit for a frame: {}", candidate_.name, words(rc));
    }
    return AccessUnit{.data = {packet_->data, static_cast<size_t>(packet_->size)},
                      .keyframe = (packet_->flags & AV_PKT_FLAG_KEY) != 0,
                      .convert_ns = static_cast<uint64_t>(std::chrono::nanoseconds(converted - started).count()),
                      .encode_ns = static_cast<uint64_t>(std::chrono::nanoseconds(SteadyClock::now() - converted).count())};
}

Result<void> FfmpegEncoder::set_bitrate(uint32_t kbps) {
    config_.bitrate_kbps = kbps;
    if (std::string_view(candidate_.name) == "libx264") {
        set_rate(kbps);  // the wrapper hands changed rates to x264 with the next frame
        return {};
    }
    // The others take a rate only when they are opened; the stream goes on with a keyframe.
    FfmpegEncoder fresh(candidate_, config_);
    if (auto opened = fresh.open(); !opened) return opened;
    std::swap(device_, fresh.device_);
    std::swap(context_, fresh.context_);
    std::swap(picture_, fresh.picture_);
    std::swap(surface_, fresh.surface_);
    return {};
}

}  // namespace

std::string_view to_string(Codec codec) { return codec == Codec::H264 ? "H.264" : "HEVC"; }

std::vector<ProbeResult> probe_encoders() {
    // What a missing driver says on its way to the answer is not for the user; the answer is.
    av_log_set_level(AV_LOG_QUIET);
    std::vector<ProbeResult> results;
    for (const Candidate& candidate : kCandidates) {
        FfmpegEncoder encoder(candidate, {.codec = candidate.codec, .width = 1280, .height = 720, .refresh_hz = 60});
        const auto opened = encoder.open();
        results.push_back({candidate.name, candidate.codec, opened.has_value(), opened ? "" : opened.error().message});
    }
    av_log_set_level(AV_LOG_ERROR);
    return results;
}

Result<std::unique_ptr<VideoEncoder>> make_encoder(const EncoderConfig& config, std::span<const ProbeResult> probed) {
    std::string reasons;
    for (const ProbeResult& result : probed) {
        if (result.codec != config.codec) continue;
        const auto candidate = std::ranges::find_if(kCandidates, [&](const Candidate& c) { return result.encoder == c.name; });
        if (!result.available || candidate == std::end(kCandidates)) {
            reasons += fmt::format("; {}: {}", result.encoder, result.reason);
            continue;
        }
        auto encoder = std::make_unique<FfmpegEncoder>(*candidate, config);
        auto opened = encoder->open();
        if (opened) return encoder;
        reasons += fmt::format("; {}: {}", result.encoder, opened.error().message);
    }
    return fail(ErrorCode::NotAvailable, "no {} encoder works{}", to_string(config.codec), reasons);
}

}  // namespace punktfunk::encode
