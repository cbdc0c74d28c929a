#include "candidates.hpp"

#include <algorithm>
#include <climits>
#include <thread>

namespace punktfunk::encode {
namespace {

void set(AVDictionary** options, const char* key, const char* value) {
    av_dict_set(options, key, value, 0);
}

void set_nvenc(const EncoderConfig& config, AVCodecContext& context, AVDictionary** options) {
    context.slices = static_cast<int>(config.slices);
    context.gop_size = -1;  // the low-latency tuning's own: infinite
    set(options, "preset", "p1");
    set(options, "tune", "ull");
    set(options, "rc", "cbr");
    set(options, "zerolatency", "1");
    set(options, "delay", "0");
    set(options, "forced-idr", "1");
}

void set_vaapi(const EncoderConfig& config, AVCodecContext& context, AVDictionary** options) {
    context.gop_size = INT_MAX;  // VAAPI has no word for infinite
    context.slices = static_cast<int>(config.slices);
    set(options, "rc_mode", "CBR");
    set(options, "idr_interval", "0");
    set(options, "async_depth", "1");  // the default holds a second picture back
}

// A small picture is encoded sooner than a second thread is woken, and where there is one there are often many.
bool wants_threads(const EncoderConfig& config) {
    return uint64_t{config.width} * config.height > uint64_t{640} * 360;
}

// x264 makes a slice with every thread. Two shorten every picture; more are for what two cannot keep up with.
uint32_t x264_slices(const EncoderConfig& config) {
    if (!config.more_slices || !wants_threads(config)) return config.slices;
    constexpr uint64_t kPixelsOfThread = 60'000'000;  // a second: half of what a core can, which has other work, too
    const uint64_t pixels = uint64_t{config.width} * config.height * config.refresh_hz;
    const auto threads = std::clamp<uint64_t>((pixels + kPixelsOfThread - 1) / kPixelsOfThread, 2, 8);
    const auto cores = std::max(std::thread::hardware_concurrency(), 1u);
    return std::max(config.slices, static_cast<uint32_t>(std::min<uint64_t>(threads, cores)));
}

void set_x264(const EncoderConfig& config, AVCodecContext& context, AVDictionary** options) {
    constexpr uint32_t kLeastRowsOfThread = 64;  // of pixels; x264 takes fewer threads, and makes fewer slices
    const uint32_t slices = x264_slices(config);
    const bool threads = wants_threads(config) && slices * kLeastRowsOfThread <= config.height;
    context.thread_count = threads ? static_cast<int>(slices) : 1;
    context.slices = static_cast<int>(slices);
    context.thread_type = FF_THREAD_SLICE;
    set(options, "preset", "ultrafast");
    set(options, "tune", "zerolatency");
    set(options, "forced-idr", "1");
    set(options, "x264-params", "keyint=infinite:scenecut=0:bframes=0");
}

// One slice, whatever is asked for: with several it holds a picture back.
void set_x265(const EncoderConfig& config, AVCodecContext& context, AVDictionary** options) {
    context.thread_count = 1;  // x265's threads are its pool's; this would become frame threads
    set(options, "preset", "ultrafast");
    set(options, "tune", "zerolatency");
    set(options, "forced-idr", "1");
    const auto params = fmt::format(
        "keyint=-1:scenecut=0:bframes=0:rc-lookahead=0:open-gop=0:slices=1:frame-threads=1:pools={}:"
        "repeat-headers=1:annexb=1:info=0:log-level=none",
        wants_threads(config) ? 2 : 1);
    set(options, "x265-params", params.c_str());
}

// AV1 has no slices; tiles are what two threads can work on. A picture of a desktop is what the screen tools are for:
// with them it takes half the time and a quarter of the bits. FFmpeg knows no faster speed than 8.
void set_aom(const EncoderConfig& config, AVCodecContext& context, AVDictionary** options) {
    const bool threads = wants_threads(config);
    context.gop_size = INT_MAX;
    context.rc_min_rate = context.bit_rate;  // with the highest rate the same, too, it is constant
    context.thread_count = threads ? 2 : 1;
    set(options, "usage", "realtime");
    set(options, "cpu-used", "8");
    set(options, "lag-in-frames", "0");
    set(options, "row-mt", threads ? "1" : "0");
    set(options, "tile-columns", threads ? "1" : "0");
    set(options, "aom-params", "cpu-used=10:tune-content=screen:max-intra-rate=200");
}

constexpr std::string_view kNeedsNvidia =
    "needs an NVIDIA GPU with an encoder and its driver (libcuda.so.1, libnvidia-encode.so.1)";
constexpr std::string_view kNeedsVaapi =
    "needs a GPU with an encoder, its VA-API driver (mesa-va-drivers or intel-media-va-driver) and access to "
    "/dev/dri/renderD128";
constexpr std::string_view kNeedsNvidiaAv1 =
    "needs an NVIDIA GPU of the 40 series or newer, its driver, and FFmpeg 6 or newer";
constexpr std::string_view kNeedsVaapiAv1 =
    "needs a GPU that encodes AV1 (Intel Arc, AMD RX 7000 or newer), its VA-API driver, access to /dev/dri/renderD128, "
    "and FFmpeg 7.1 or newer";
constexpr std::string_view kNeedsSoftware = "needs an FFmpeg built with it, as Debian's libavcodec is";

constexpr Candidate kCandidates[] = {
    {"hevc_nvenc", Codec::Hevc, "NVENC", kNeedsNvidia, AV_PIX_FMT_YUV420P, AV_HWDEVICE_TYPE_NONE, true, set_nvenc},
    {"h264_nvenc", Codec::H264, "NVENC", kNeedsNvidia, AV_PIX_FMT_YUV420P, AV_HWDEVICE_TYPE_NONE, true, set_nvenc},
    {"hevc_vaapi", Codec::Hevc, "VAAPI", kNeedsVaapi, AV_PIX_FMT_NV12, AV_HWDEVICE_TYPE_VAAPI, false, set_vaapi},
    {"h264_vaapi", Codec::H264, "VAAPI", kNeedsVaapi, AV_PIX_FMT_NV12, AV_HWDEVICE_TYPE_VAAPI, false, set_vaapi},
    {"av1_nvenc", Codec::Av1, "NVENC", kNeedsNvidiaAv1, AV_PIX_FMT_YUV420P, AV_HWDEVICE_TYPE_NONE, true, set_nvenc},
    {"av1_vaapi", Codec::Av1, "VAAPI", kNeedsVaapiAv1, AV_PIX_FMT_NV12, AV_HWDEVICE_TYPE_VAAPI, false, set_vaapi},
    {"libx264", Codec::H264, "software", kNeedsSoftware, AV_PIX_FMT_YUV420P, AV_HWDEVICE_TYPE_NONE, true, set_x264},
    // FFmpeg's libx265 reads the rates only when it opens.
    {"libx265", Codec::Hevc, "software", kNeedsSoftware, AV_PIX_FMT_YUV420P, AV_HWDEVICE_TYPE_NONE, false, set_x265},
    // Nor does FFmpeg's libaom-av1. SVT-AV1 holds pictures back, and makes no keyframe when it is asked for one.
    {"libaom-av1", Codec::Av1, "software", kNeedsSoftware, AV_PIX_FMT_YUV420P, AV_HWDEVICE_TYPE_NONE, false, set_aom},
};

}  // namespace

std::span<const Candidate> candidates() {
    return kCandidates;
}

const Candidate* find_candidate(std::string_view ffmpeg_name) {
    const auto* found = std::ranges::find(kCandidates, ffmpeg_name, &Candidate::ffmpeg_name);
    return found == std::end(kCandidates) ? nullptr : found;
}

}  // namespace punktfunk::encode
