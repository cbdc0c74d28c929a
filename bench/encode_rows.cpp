// The software encoders, conversion included, and what slices and an overlap of conversion and encoding are worth.
extern "C" {
#include <libavcodec/avcodec.h>
}

#include <fmt/core.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "av.hpp"
#include "colour.hpp"
#include "cpu_time.hpp"
#include "desktop_clip.hpp"
#include "punktfunk/encode/video_encoder.hpp"
#include "report.hpp"

namespace punktfunk::bench {

namespace {

using encode::Codec;

struct Size {
    const char* name;
    uint32_t width, height, kbps;
};
constexpr Size k720{"720p", 1280, 720, 10'000}, k1080{"1080p", 1920, 1080, 20'000};

std::unique_ptr<encode::VideoEncoder> encoder_of(const Size& size, Codec codec, const char* name, bool more_slices) {
    const encode::ProbeResult only{.encoder = name, .codec = codec, .available = true, .reason = {}};
    auto opened = encode::make_encoder({.codec = codec,
                                        .width = size.width,
                                        .height = size.height,
                                        .refresh_hz = 60,
                                        .bitrate_kbps = size.kbps,
                                        .more_slices = more_slices},
                                       std::span(&only, 1));
    return opened ? std::move(*opened) : nullptr;
}

void slices(Report& report, const Size& size) {
    DesktopClip clip(size.width, size.height);
    const auto several = encoder_of(size, Codec::H264, "libx264", true);
    const auto one = encoder_of(size, Codec::H264, "libx264", false);
    if (several == nullptr || one == nullptr) return;
    const auto medians =
        interleaved([&] { (void)several->encode(clip.next(), false); }, [&] { (void)one->encode(clip.next(), false); });
    report.add({.name = fmt::format("encode.h264.{}", size.name),
                .unit = "ms, p50",
                .ours = medians.ours_ns / 1e6,
                .reference = medians.reference_ns / 1e6,
                .reference_name = "in one slice",
                .ratio = medians.reference_ns / medians.ours_ns});
}

void alone(Report& report, const Size& size, Codec codec, const char* name) {
    constexpr int kPictures = 90;
    DesktopClip clip(size.width, size.height);
    const auto encoder = encoder_of(size, codec, name, true);
    if (encoder == nullptr || !encoder->encode(clip.next(), false)) return;
    std::vector<double> took;
    const double cpu = cpu_seconds(::getpid());
    for (int i = 0; i < kPictures; ++i) {
        const auto began = SteadyClock::now();
        (void)encoder->encode(clip.next(), false);
        took.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - began).count());
    }
    report.add({.name = fmt::format("encode.{}.{}", codec == Codec::Hevc ? "hevc" : "av1", size.name),
                .unit = "ms, p50",
                .ours = median(std::move(took)),
                .note = fmt::format("{}; {:.1f} ms of CPU", name, (cpu_seconds(::getpid()) - cpu) * 1000 / kPictures)});
}

// x264 as the host uses it, with the conversion in front of it or beside it.
class Pair {
  public:
    explicit Pair(const Size& size) : size_(size), clip_(size.width, size.height) {
        context_.reset(avcodec_alloc_context3(avcodec_find_encoder_by_name("libx264")));
        context_->log_level_offset = encode::av::kLogOffset;
        context_->width = static_cast<int>(size.width);
        context_->height = static_cast<int>(size.height);
        context_->pix_fmt = AV_PIX_FMT_YUV420P;
        context_->time_base = {1, 60};
        context_->bit_rate = context_->rc_max_rate = int64_t{1000} * size.kbps;
        context_->rc_buffer_size = static_cast<int>(context_->bit_rate / 30);
        context_->thread_count = context_->slices = 2;
        context_->thread_type = FF_THREAD_SLICE;
        AVDictionary* options = nullptr;
        av_dict_set(&options, "preset", "ultrafast", 0);
        av_dict_set(&options, "tune", "zerolatency", 0);
        open_ = avcodec_open2(context_.get(), nullptr, &options) == 0;
        av_dict_free(&options);
        for (auto& picture : pictures_) {
            picture.reset(av_frame_alloc());
            picture->format = AV_PIX_FMT_YUV420P;
            picture->width = context_->width;
            picture->height = context_->height;
            open_ = open_ && av_frame_get_buffer(picture.get(), 0) == 0;
        }
    }
    [[nodiscard]] bool open() const { return open_; }

    void one_after_the_other(int count) {
        for (int i = 0; i < count; ++i) {
            convert(i);
            encode(i);
        }
    }
    void overlapped(int count) {
        std::mutex mutex;
        std::condition_variable changed;
        int converted = 0, encoded = 0;
        const auto step = [&](int& done, auto&& may) {
            std::unique_lock lock(mutex);
            changed.wait(lock, may);
            return done;
        };
        const auto finish = [&](int& done) {
            {
                const std::lock_guard lock(mutex);
                ++done;
            }
            changed.notify_all();
        };
        const std::jthread beside([&] {
            for (int i = 0; i < count; ++i) {
                convert(step(converted, [&] { return converted - encoded < 2; }));
                finish(converted);
            }
        });
        for (int i = 0; i < count; ++i) {
            encode(step(encoded, [&] { return converted > encoded; }));
            finish(encoded);
        }
    }

  private:
    void convert(int index) {
        AVFrame& picture = *pictures_[static_cast<size_t>(index) % 2];
        encode::bgrx_to_yuv420(clip_.pixels(static_cast<size_t>(index)), size_t{4} * size_.width, size_.width,
                               size_.height,
                               {.y = picture.data[0],
                                .u = picture.data[1],
                                .v = picture.data[2],
                                .y_stride = static_cast<size_t>(picture.linesize[0]),
                                .chroma_stride = static_cast<size_t>(picture.linesize[1])},
                               {}, encode::best_colour_kernel());
    }
    void encode(int index) {
        AVFrame& picture = *pictures_[static_cast<size_t>(index) % 2];
        picture.pts = pts_++;
        (void)avcodec_send_frame(context_.get(), &picture);
        (void)avcodec_receive_packet(context_.get(), packet_.get());
        av_packet_unref(packet_.get());
    }

    const Size& size_;
    DesktopClip clip_;
    encode::av::Context context_;
    encode::av::Packet packet_{av_packet_alloc()};
    std::array<encode::av::Frame, 2> pictures_;
    int64_t pts_ = 0;
    bool open_ = false;
};

void overlap(Report& report, const Size& size) {
    constexpr int kPictures = 30;
    Pair sequential(size), overlapped(size);
    if (!sequential.open() || !overlapped.open()) return;
    const auto medians =
        interleaved([&] { sequential.one_after_the_other(kPictures); }, [&] { overlapped.overlapped(kPictures); });
    report.add({.name = fmt::format("encode.as_fast_as_it_goes.{}", size.name),
                .unit = "ms",
                .ours = medians.ours_ns / 1e6 / kPictures,
                .reference = medians.reference_ns / 1e6 / kPictures,
                .reference_name = "the next picture converted beside it",
                .ratio = medians.reference_ns / medians.ours_ns,
                .note = "H.264 in two slices"});
}

}  // namespace

void encode_rows(Report& report) {
    if (!report.wants("encode")) return;
    report.heading("software encoders");
    for (const Size& size : {k720, k1080}) slices(report, size);
    for (const Size& size : {k720, k1080}) overlap(report, size);
    for (const Size& size : {k720, k1080}) {
        alone(report, size, Codec::Hevc, "libx265");
        alone(report, size, Codec::Av1, "libaom-av1");
    }
}

}  // namespace punktfunk::bench
