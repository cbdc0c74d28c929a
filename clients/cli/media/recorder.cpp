#include "recorder.hpp"

extern "C" {
#include <libavformat/avformat.h>
}

#include <algorithm>
#include <array>
#include <cstring>

#include "codec_id.hpp"

namespace punktfunk::media {

namespace {

constexpr AVRational kNanoseconds = {1, 1'000'000'000};
constexpr int kTimescale = 90'000;

struct FreeMuxing {
    void operator()(AVFormatContext* context) const {
        if (context->pb != nullptr) avio_closep(&context->pb);
        avformat_free_context(context);
    }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

std::string describe(int error) {
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(error, text.data(), text.size());
    return text.data();
}

bool is_picture(uint8_t nal_header, Codec codec) {
    if (codec == Codec::H264) return (nal_header & 0x1f) >= 1 && (nal_header & 0x1f) <= 5;
    return (nal_header >> 1 & 0x3f) < 32;
}

// AV1: the temporal unit's OBUs before the first frame, the sequence header among them.
ByteView obus_before_frame(ByteView unit) {
    constexpr int kFrameHeader = 3, kFrame = 6;
    for (size_t at = 0; at < unit.size();) {
        const int type = unit[at] >> 3 & 0xf;
        if (type == kFrameHeader || type == kFrame) return unit.first(at);
        size_t next = at + ((unit[at] & 4) != 0 ? 2 : 1), length = 0;  // an extension byte
        for (int shift = 0; next < unit.size() && shift < 32; shift += 7) {
            length |= static_cast<size_t>(unit[next] & 0x7f) << shift;
            if ((unit[next++] & 0x80) == 0) break;
        }
        at = next + length;
    }
    return {};
}

// The parameter sets: what comes before the first slice.
ByteView head_of(ByteView unit, Codec codec) {
    if (codec == Codec::Av1) return obus_before_frame(unit);
    for (size_t i = 0; i + 3 < unit.size(); ++i) {
        if (unit[i] != 0 || unit[i + 1] != 0 || unit[i + 2] != 1 || !is_picture(unit[i + 3], codec)) continue;
        return unit.first(i > 0 && unit[i - 1] == 0 ? i - 1 : i);
    }
    return {};
}

}  // namespace

struct Recorder::State {
    std::filesystem::path file;
    RecorderConfig config;
    std::unique_ptr<AVFormatContext, FreeMuxing> output;
    std::unique_ptr<AVPacket, FreeMuxing> packet;
    AVStream* stream = nullptr;
    bool header_written = false;
    uint64_t first_pts_ns = 0;
    int64_t last_dts = -1;

    std::unexpected<Error> failed(int error) const {
        return fail(ErrorCode::Io, "cannot write {}: {}", file.string(), describe(error));
    }
    Result<void> write_header(ByteView keyframe);
};

Recorder::Recorder(std::unique_ptr<State> state) : state_(std::move(state)) {}
Recorder::~Recorder() {
    (void)finish();
}

Result<std::unique_ptr<Recorder>> Recorder::open(const std::filesystem::path& file, const RecorderConfig& config) {
    auto state = std::make_unique<State>();
    state->file = file;
    state->config = config;
    state->packet.reset(av_packet_alloc());
    AVFormatContext* output = nullptr;
    if (const int error = avformat_alloc_output_context2(&output, nullptr, "mp4", file.c_str()); error < 0) {
        return state->failed(error);
    }
    state->output.reset(output);
    if (const int error = avio_open(&output->pb, file.c_str(), AVIO_FLAG_WRITE); error < 0) return state->failed(error);
    return std::unique_ptr<Recorder>(new Recorder(std::move(state)));
}

Result<void> Recorder::State::write_header(ByteView keyframe) {
    stream = avformat_new_stream(output.get(), nullptr);
    if (stream == nullptr) return fail(ErrorCode::Exhausted, "recording: out of memory");
    AVCodecParameters& codec = *stream->codecpar;
    codec.codec_type = AVMEDIA_TYPE_VIDEO;
    codec.codec_id = codec_id(config.codec);
    // Under Apple's tag for HEVC keyframes lose their own parameter sets, and after a change of mode these are others.
    codec.codec_tag = config.codec == Codec::Hevc ? MKTAG('h', 'e', 'v', '1') : 0;
    codec.width = static_cast<int>(config.width);
    codec.height = static_cast<int>(config.height);
    const ByteView head = head_of(keyframe, config.codec);
    codec.extradata = static_cast<uint8_t*>(av_mallocz(head.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    if (codec.extradata == nullptr) return fail(ErrorCode::Exhausted, "recording: out of memory");
    std::memcpy(codec.extradata, head.data(), head.size());
    codec.extradata_size = static_cast<int>(head.size());
    stream->time_base = {1, kTimescale};
    // An index after every second, and not one at the end: what is there when the disk is full, or this program is
    // killed, plays.
    AVDictionary* options = nullptr;
    av_dict_set(&options, "movflags", "frag_keyframe+empty_moov+default_base_moof", 0);
    av_dict_set(&options, "frag_duration", "1000000", 0);
    const int error = avformat_write_header(output.get(), &options);
    av_dict_free(&options);
    if (error < 0) return failed(error);
    header_written = true;
    return {};
}

Result<void> Recorder::write(ByteView access_unit, uint64_t pts_ns, bool keyframe) {
    State& s = *state_;
    if (s.output == nullptr) return fail(ErrorCode::Closed, "the recording is finished");
    if (!s.header_written) {
        if (!keyframe) return {};
        if (auto written = s.write_header(access_unit); !written) return written;
        s.first_pts_ns = pts_ns;
    }
    const int64_t since_start = static_cast<int64_t>(pts_ns - s.first_pts_ns);
    s.packet->data = const_cast<uint8_t*>(access_unit.data());  // av_write_frame copies what it keeps
    s.packet->size = static_cast<int>(access_unit.size());
    s.packet->dts = std::max(s.last_dts + 1, av_rescale_q(since_start, kNanoseconds, s.stream->time_base));
    s.packet->pts = s.packet->dts;
    s.packet->duration = s.stream->time_base.den / s.config.refresh_hz;
    s.packet->flags = keyframe ? AV_PKT_FLAG_KEY : 0;
    s.last_dts = s.packet->dts;
    const int error = av_write_frame(s.output.get(), s.packet.get());
    return error < 0 ? Result<void>(s.failed(error)) : Result<void>();
}

Result<void> Recorder::finish() {
    State& s = *state_;
    if (s.output == nullptr) return {};
    const auto output = std::move(s.output);
    if (!s.header_written) return fail(ErrorCode::NotAvailable, "nothing was recorded: no keyframe arrived");
    int error = av_write_trailer(output.get());
    const int closed = avio_closep(&output->pb);
    if (error >= 0) error = closed;
    return error < 0 ? Result<void>(s.failed(error)) : Result<void>();
}

}  // namespace punktfunk::media
