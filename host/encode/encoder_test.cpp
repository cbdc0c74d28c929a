// Every encoder that works on this machine, held to what the session relies on. The pictures are decoded again.
extern "C" {
#include <libavcodec/avcodec.h>
}

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include "av.hpp"
#include "colour.hpp"
#include "ffmpeg_encoder.hpp"

namespace punktfunk::encode {
namespace {

constexpr uint32_t kWidth = 320, kHeight = 180;

// A smooth picture with a square that says which frame it is.
std::vector<uint8_t> painted(uint32_t index, uint32_t width = kWidth, uint32_t height = kHeight) {
    std::vector<uint8_t> pixels(size_t{4} * width * height);
    for (uint32_t y = 0; y < height; ++y) {
        for (uint32_t x = 0; x < width; ++x) {
            uint8_t* p = &pixels[4 * (size_t{y} * width + x)];
            p[0] = static_cast<uint8_t>(255 * x / width);
            p[1] = static_cast<uint8_t>(255 * y / height);
            p[2] = static_cast<uint8_t>(255 - p[0]);
            const uint32_t left = index * 8 % (width - 32);
            if (x >= left && x < left + 32 && y >= 40 && y < 72) p[0] = p[1] = p[2] = 250;
        }
    }
    return pixels;
}

capture::Frame frame_of(const std::vector<uint8_t>& pixels, uint32_t width = kWidth, uint32_t height = kHeight) {
    return {.pixels = pixels.data(), .width = width, .height = height, .stride = 4 * width};
}

class Decoder {
  public:
    explicit Decoder(Codec codec)
        : context_(avcodec_alloc_context3(avcodec_find_decoder(codec == Codec::H264   ? AV_CODEC_ID_H264
                                                               : codec == Codec::Hevc ? AV_CODEC_ID_HEVC
                                                                                      : AV_CODEC_ID_AV1))),
          packet_(av_packet_alloc()),
          frame_(av_frame_alloc()) {
        context_->flags |= AV_CODEC_FLAG_LOW_DELAY;
        context_->thread_count = 1;
        opened_ = avcodec_open2(context_.get(), nullptr, nullptr) == 0;
    }
    // The picture of this access unit, at once; null when there is none.
    const AVFrame* decode(std::span<const uint8_t> unit) {
        std::vector<uint8_t> padded(unit.begin(), unit.end());
        padded.resize(unit.size() + AV_INPUT_BUFFER_PADDING_SIZE);
        packet_->data = padded.data();
        packet_->size = static_cast<int>(unit.size());
        if (!opened_ || avcodec_send_packet(context_.get(), packet_.get()) < 0) return nullptr;
        return avcodec_receive_frame(context_.get(), frame_.get()) == 0 ? frame_.get() : nullptr;
    }

  private:
    av::Context context_;
    av::Packet packet_;
    av::Frame frame_;
    bool opened_ = false;
};

// Of the luma planes, in dB.
double psnr(const AVFrame& decoded, const std::vector<uint8_t>& pixels) {
    std::vector<uint8_t> y(size_t{kWidth} * kHeight), u(y.size() / 4), v(y.size() / 4);
    bgrx_to_yuv420(pixels.data(), 4 * kWidth, kWidth, kHeight,
                   {.y = y.data(), .u = u.data(), .v = v.data(), .y_stride = kWidth, .chroma_stride = kWidth / 2}, {},
                   ColourKernel::Scalar);
    double squares = 0;
    for (uint32_t row = 0; row < kHeight; ++row) {
        for (uint32_t x = 0; x < kWidth; ++x) {
            const double d = decoded.data[0][row * decoded.linesize[0] + x] - static_cast<double>(y[row * kWidth + x]);
            squares += d * d;
        }
    }
    return 10 * std::log10(255.0 * 255 * kWidth * kHeight / (squares + 1e-9));
}

// The types of an AV1 temporal unit's OBUs; one more, -1, when they do not end where it ends.
std::vector<int> obu_types(std::span<const uint8_t> unit) {
    std::vector<int> types;
    size_t at = 0;
    while (at + 1 < unit.size()) {
        EXPECT_EQ(unit[at] & 0x87, 2) << "no size, or an extension";
        types.push_back(unit[at++] >> 3);
        size_t size = 0;
        for (int shift = 0; at < unit.size(); shift += 7) {
            size |= static_cast<size_t>(unit[at] & 0x7f) << shift;
            if ((unit[at++] & 0x80) == 0) break;
        }
        at += size;
    }
    if (at != unit.size()) types.push_back(-1);
    return types;
}

// The NAL unit types of an access unit, in order.
std::vector<int> nal_types(std::span<const uint8_t> unit, Codec codec) {
    if (codec == Codec::Av1) return obu_types(unit);
    std::vector<int> types;
    for (size_t i = 0; i + 3 < unit.size(); ++i) {
        if (unit[i] != 0 || unit[i + 1] != 0 || unit[i + 2] != 1) continue;
        types.push_back(codec == Codec::H264 ? unit[i + 3] & 0x1f : unit[i + 3] >> 1 & 0x3f);
    }
    return types;
}

bool is_slice(int type, Codec codec) {
    if (codec == Codec::Av1) return type == 6 || type == 3;
    return codec == Codec::H264 ? type == 1 || type == 5 : type < 32;
}

std::vector<int> parameter_sets(Codec codec) {
    if (codec == Codec::Av1) return {1};
    return codec == Codec::H264 ? std::vector{7, 8} : std::vector{32, 33, 34};
}

std::vector<const Candidate*> working() {
    static const std::vector<ProbeResult> probed = probe_encoders();
    std::vector<const Candidate*> found;
    for (const auto& result : probed) {
        if (result.available) found.push_back(find_candidate(result.encoder));
    }
    return found;
}

EncoderConfig config_for(const Candidate& candidate) {
    return {.codec = candidate.codec, .width = kWidth, .height = kHeight, .refresh_hz = 60, .bitrate_kbps = 4000};
}

}  // namespace

TEST(Encoder, ProbesInOrderAndSaysWhatIsMissing) {
    const auto probed = probe_encoders();
    ASSERT_EQ(probed.size(), candidates().size());
    for (size_t i = 0; i < probed.size(); ++i) {
        EXPECT_EQ(probed[i].encoder, candidates()[i].ffmpeg_name);
        EXPECT_EQ(probed[i].available, probed[i].reason.empty()) << probed[i].encoder;
    }
    // Debian's libavcodec has all three, and so must every machine the suite runs on.
    EXPECT_GE(working().size(), 3u);
}

TEST(Encoder, OnePictureInOneOutKeyframesOnlyWhenAskedAndTrueToThePicture) {
    for (const Candidate* candidate : working()) {
        SCOPED_TRACE(candidate->ffmpeg_name);
        auto encoder = FfmpegEncoder::open(*candidate, config_for(*candidate));
        ASSERT_TRUE(encoder) << encoder.error().message;
        Decoder decoder(candidate->codec);
        for (uint32_t i = 0; i < 400; ++i) {
            const bool ask = i == 150 || i == 151;
            const auto pixels = painted(i);
            auto unit = (*encoder)->encode(frame_of(pixels), ask);
            ASSERT_TRUE(unit) << unit.error().message;
            EXPECT_EQ(unit->keyframe, i == 0 || ask) << i;
            const auto types = nal_types(unit->data, candidate->codec);
            EXPECT_EQ(std::ranges::count_if(types, [&](int t) { return is_slice(t, candidate->codec); }), 1) << i;
            for (const int set : parameter_sets(candidate->codec))
                EXPECT_EQ(std::ranges::count(types, set) >= 1, unit->keyframe) << i << ": " << set;
            if (candidate->codec == Codec::Av1) {
                EXPECT_EQ(types, unit->keyframe ? (std::vector{2, 1, 6}) : (std::vector{2, 6})) << i;
            }
            const AVFrame* decoded = decoder.decode(unit->data);
            ASSERT_NE(decoded, nullptr) << i;
            EXPECT_EQ(decoded->colorspace, AVCOL_SPC_BT709);
            EXPECT_EQ(decoded->color_range, AVCOL_RANGE_MPEG);
            EXPECT_GT(psnr(*decoded, pixels), 32.0) << i;
        }
    }
}

// What makes joining late and recovering possible: nothing before the keyframe is needed to decode it.
TEST(Encoder, AForcedKeyframeStandsAlone) {
    for (const Candidate* candidate : working()) {
        SCOPED_TRACE(candidate->ffmpeg_name);
        auto encoder = FfmpegEncoder::open(*candidate, config_for(*candidate));
        ASSERT_TRUE(encoder) << encoder.error().message;
        for (uint32_t i = 0; i < 30; ++i) ASSERT_TRUE((*encoder)->encode(frame_of(painted(i)), false));
        Decoder decoder(candidate->codec);
        for (uint32_t i = 30; i < 40; ++i) {
            const auto pixels = painted(i);
            auto unit = (*encoder)->encode(frame_of(pixels), i == 30);
            ASSERT_TRUE(unit) << unit.error().message;
            const AVFrame* decoded = decoder.decode(unit->data);
            ASSERT_NE(decoded, nullptr);
            EXPECT_GT(psnr(*decoded, pixels), 32.0) << i;
        }
    }
}

// Up and down, while it runs: what a second takes is what was asked for, and an encoder that follows makes no keyframe.
TEST(Encoder, SetBitrateChangesTheSizeOfWhatFollows) {
    constexpr uint32_t kHz = 60;
    std::mt19937 random(3);
    std::vector<std::vector<uint8_t>> noise(8, std::vector<uint8_t>(size_t{4} * kWidth * kHeight));
    for (auto& picture : noise) std::ranges::generate(picture, [&] { return static_cast<uint8_t>(random()); });
    for (const Candidate* candidate : working()) {
        SCOPED_TRACE(candidate->ffmpeg_name);
        auto config = config_for(*candidate);
        config.bitrate_kbps = 20000;
        auto encoder = FfmpegEncoder::open(*candidate, config);
        ASSERT_TRUE(encoder) << encoder.error().message;
        int keyframes = 0, changes = 0;
        const auto kbps_of_second = [&] {
            size_t bytes = 0;
            for (uint32_t i = 0; i < kHz; ++i) {
                const auto unit = (*encoder)->encode(frame_of(noise[i % noise.size()]), false);
                bytes += unit->data.size();
                keyframes += unit->keyframe;
            }
            return static_cast<uint32_t>(bytes * 8 / 1000);
        };
        for (const uint32_t kbps : {20000u, 5000u, 12000u}) {
            ASSERT_TRUE((*encoder)->set_bitrate(kbps));
            ++changes;
            (void)kbps_of_second();
            const uint32_t got = kbps_of_second();
            fmt::print("  {}: {} kbit/s asked for, {} made\n", candidate->ffmpeg_name, kbps, got);
            EXPECT_NEAR(got, kbps, 0.3 * kbps);
        }
        EXPECT_EQ(keyframes, candidate->live_bitrate ? 1 : changes) << "the first one was no change";
        EXPECT_FALSE((*encoder)->set_bitrate(0));
    }
}

TEST(Encoder, AsManySlicesAsTheClientWantsAndMoreIfItTakesThem) {
    const auto slices_of = [](EncoderConfig config) {
        config.codec = Codec::H264;
        auto encoder = FfmpegEncoder::open(*find_candidate("libx264"), config);
        EXPECT_TRUE(encoder) << encoder.error().message;
        const auto pixels = painted(0, config.width, config.height);
        const auto unit = (*encoder)->encode(frame_of(pixels, config.width, config.height), true);
        return std::ranges::count(nal_types(unit->data, Codec::H264), 5);
    };
    const unsigned cores = std::thread::hardware_concurrency();
    for (const uint32_t asked : {1u, 2u, 4u, 16u}) {
        EXPECT_EQ(slices_of({.width = 1280, .height = 720, .slices = asked}), asked);
        EXPECT_EQ(slices_of({.width = 320, .height = 180, .slices = asked}), std::min(asked, 12u)) << "of 16 rows";
        EXPECT_EQ(slices_of({.width = 1280, .height = 720, .slices = asked, .more_slices = true}),
                  std::max(asked, std::min(cores, 2u)));
    }
    EXPECT_EQ(slices_of({.width = 320, .height = 180, .more_slices = true}), 1);
    EXPECT_EQ(slices_of({.width = 3840, .height = 2160, .more_slices = true}), std::min(cores, 8u));
}

TEST(Encoder, EveryPictureComesAtOnceHoweverManySlicesAreAskedFor) {
    for (const char* name : {"libx264", "libx265"}) {
        const Candidate& candidate = *find_candidate(name);
        for (const uint32_t slices : {1u, 2u, 4u, 16u}) {
            SCOPED_TRACE(fmt::format("{}, {} slices", name, slices));
            auto config = config_for(candidate);
            config.width = 854, config.height = 480, config.slices = slices;
            auto encoder = FfmpegEncoder::open(candidate, config);
            ASSERT_TRUE(encoder) << encoder.error().message;
            for (int picture = 0; picture < 4; ++picture) {
                const auto pixels = painted(picture, config.width, config.height);
                const auto unit = (*encoder)->encode(frame_of(pixels, config.width, config.height), picture == 0);
                ASSERT_TRUE(unit) << unit.error().message;
            }
        }
    }
}

TEST(Encoder, OfAFrameThatFollowsTheLastOnlyWhatChangedIsConverted) {
    constexpr capture::Area kChanged{100, 51, 75, 40};
    const std::vector<uint8_t> before(size_t{4} * kWidth * kHeight, 60), after(before.size(), 180);
    auto mixed = before;
    // Blocks of 32 columns and 2 rows.
    for (uint32_t y = 50; y < 92; ++y) std::fill_n(mixed.begin() + 4 * (y * kWidth + 96), 4 * 96, uint8_t{180});
    for (const Candidate* candidate : working()) {
        SCOPED_TRACE(candidate->ffmpeg_name);
        auto encoder = FfmpegEncoder::open(*candidate, config_for(*candidate));
        ASSERT_TRUE(encoder) << encoder.error().message;
        Decoder decoder(candidate->codec);
        const auto shows = [&](const std::vector<uint8_t>& wanted, const std::vector<uint8_t>& pixels,
                               uint64_t sequence, std::optional<capture::Area> changed, bool keyframe = false) {
            auto frame = frame_of(pixels);
            frame.sequence = sequence;
            frame.changed = changed;
            const auto unit = (*encoder)->encode(frame, keyframe);
            const AVFrame* decoded = unit ? decoder.decode(unit->data) : nullptr;
            return decoded != nullptr && psnr(*decoded, wanted) > 32;
        };
        EXPECT_TRUE(shows(before, before, 7, kChanged)) << "the first";
        EXPECT_TRUE(shows(mixed, after, 8, kChanged));
        EXPECT_TRUE(shows(mixed, before, 8, kChanged)) << "the same again";
        EXPECT_TRUE(shows(before, before, 10, kChanged)) << "one is missing";
        EXPECT_TRUE(shows(after, after, 11, std::nullopt)) << "anything may have changed";
        EXPECT_TRUE(shows(before, before, 12, kChanged, true)) << "a keyframe";
        EXPECT_TRUE(shows(after, after, 0, kChanged)) << "not counted";
        EXPECT_TRUE(shows(before, before, 1, kChanged)) << "the first that is counted";
    }
}

TEST(Encoder, RefusesWhatItCannotEncode) {
    const Candidate& x264 = *find_candidate("libx264");
    for (const auto& [width, height, refresh, kbps] : {std::tuple{0u, 720u, 60u, 1000u},
                                                       {1281u, 720u, 60u, 1000u},
                                                       {16384u, 720u, 60u, 1000u},
                                                       {1280u, 720u, 0u, 1000u},
                                                       {1280u, 720u, 60u, 0u}}) {
        auto encoder = FfmpegEncoder::open(
            x264,
            {.codec = Codec::H264, .width = width, .height = height, .refresh_hz = refresh, .bitrate_kbps = kbps});
        ASSERT_FALSE(encoder);
        EXPECT_EQ(encoder.error().code, ErrorCode::InvalidArgument);
    }
    auto encoder = FfmpegEncoder::open(x264, config_for(x264));
    ASSERT_TRUE(encoder);
    EXPECT_FALSE((*encoder)->encode(frame_of(painted(0, 640, 360), 640, 360), false));
    EXPECT_TRUE((*encoder)->encode(frame_of(painted(0)), false)) << "a refused picture leaves the encoder usable";
}

TEST(Encoder, NoEncoderListsEveryReason) {
    const std::vector<ProbeResult> nothing = {{"h264_nvenc", Codec::H264, false, "no GPU"},
                                              {"libx264", Codec::H264, false, "not built in"}};
    auto encoder = make_encoder({.codec = Codec::H264, .width = 64, .height = 64}, nothing);
    ASSERT_FALSE(encoder);
    EXPECT_EQ(encoder.error().code, ErrorCode::NotAvailable);
    EXPECT_NE(encoder.error().message.find("no GPU"), std::string::npos);
    EXPECT_NE(encoder.error().message.find("not built in"), std::string::npos);
}

}  // namespace punktfunk::encode
