#include "video_decoder.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
}

#include <cstring>

#include "codec_id.hpp"

namespace punktfunk::media {

namespace {

struct FreeDecoding {
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
    void operator()(SwsContext* context) const { sws_freeContext(context); }
};

constexpr int kThreads = 2;

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

struct VideoDecoder::State {
    std::unique_ptr<AVCodecContext, FreeDecoding> context;
    std::unique_ptr<AVPacket, FreeDecoding> packet;
    std::unique_ptr<AVFrame, FreeDecoding> next;     // being decoded
    std::unique_ptr<AVFrame, FreeDecoding> picture;  // the last whole one
    Bytes padded;                                    // libavcodec reads past the end
};

VideoDecoder::VideoDecoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
VideoDecoder::~VideoDecoder() = default;

Result<std::unique_ptr<VideoDecoder>> VideoDecoder::open(Codec codec) {
    const std::string_view name = to_string(codec);
    const AVCodec* found = avcodec_find_decoder(codec_id(codec));
    if (found == nullptr) return fail(ErrorCode::NotAvailable, "this FFmpeg was built without an {} decoder", name);
    auto state = std::make_unique<State>();
    state->context.reset(avcodec_alloc_context3(found));
    state->packet.reset(av_packet_alloc());
    state->next.reset(av_frame_alloc());
    state->picture.reset(av_frame_alloc());
    if (!state->context || !state->packet || !state->next || !state->picture) {
        return fail(ErrorCode::Exhausted, "{} decoder: out of memory", name);
    }
    // Slice threads work on one picture; frame threads would each hold one back.
    state->context->flags |= AV_CODEC_FLAG_LOW_DELAY;
    state->context->thread_type = FF_THREAD_SLICE;
    state->context->thread_count = kThreads;
    state->context->log_level_offset = AV_LOG_INFO - AV_LOG_FATAL;  // a broken unit is reported by us
    if (avcodec_open2(state->context.get(), found, nullptr) < 0) {
        return fail(ErrorCode::NotAvailable, "FFmpeg's {} decoder does not open", name);
    }
    return std::unique_ptr<VideoDecoder>(new VideoDecoder(std::move(state)));
}

Result<void> VideoDecoder::decode(ByteView access_unit) {
    State& s = *state_;
    s.padded.resize(access_unit.size() + AV_INPUT_BUFFER_PADDING_SIZE);
    std::memcpy(s.padded.data(), access_unit.data(), access_unit.size());
    std::memset(s.padded.data() + access_unit.size(), 0, AV_INPUT_BUFFER_PADDING_SIZE);
    s.packet->data = s.padded.data();
    s.packet->size = static_cast<int>(access_unit.size());
    if (avcodec_send_packet(s.context.get(), s.packet.get()) < 0 ||
        avcodec_receive_frame(s.context.get(), s.next.get()) < 0) {
        return fail(ErrorCode::ProtocolViolation, "an access unit of {} bytes does not decode", access_unit.size());
    }
    if ((s.next->flags & AV_FRAME_FLAG_CORRUPT) != 0 || s.next->decode_error_flags != 0) {
        return fail(ErrorCode::ProtocolViolation, "an access unit of {} bytes decodes with errors", access_unit.size());
    }
    std::swap(s.next, s.picture);
    return {};
}

std::optional<LumaPlane> VideoDecoder::luma() const {
    const AVFrame& frame = *state_->picture;
    if (frame.data[0] == nullptr || (frame.format != AV_PIX_FMT_YUV420P && frame.format != AV_PIX_FMT_YUVJ420P))
        return std::nullopt;
    return LumaPlane{frame.data[0], static_cast<size_t>(frame.linesize[0]), static_cast<uint32_t>(frame.width),
                     static_cast<uint32_t>(frame.height)};
}

Result<RgbPicture> VideoDecoder::picture() const {
    const AVFrame& frame = *state_->picture;
    if (frame.data[0] == nullptr) return fail(ErrorCode::NotAvailable, "no picture has been decoded");
    const std::unique_ptr<SwsContext, FreeDecoding> scaler(sws_getContext(
        frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), frame.width, frame.height,
        AV_PIX_FMT_RGB24, SWS_BILINEAR | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
    if (scaler == nullptr) return fail(ErrorCode::Unsupported, "pixel format {} cannot be converted", frame.format);
    const int matrix = frame.colorspace == AVCOL_SPC_UNSPECIFIED ? SWS_CS_ITU709 : frame.colorspace;
    const int full_range = frame.color_range == AVCOL_RANGE_JPEG ? 1 : 0;
    constexpr int kNoChange = 0, kUnity = 1 << 16;
    sws_setColorspaceDetails(scaler.get(), sws_getCoefficients(matrix), full_range, sws_getCoefficients(SWS_CS_DEFAULT),
                             1, kNoChange, kUnity, kUnity);
    RgbPicture rgb{
        .width = static_cast<uint32_t>(frame.width), .height = static_cast<uint32_t>(frame.height), .pixels = {}};
    rgb.pixels.resize(size_t{3} * rgb.width * rgb.height);
    uint8_t* const rows[] = {rgb.pixels.data()};
    const int strides[] = {3 * frame.width};
    sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, rows, strides);
    return rgb;
}

}  // namespace punktfunk::media
