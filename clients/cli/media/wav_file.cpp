#include "punktfunk/media/wav_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <optional>

#include "punktfunk/base/atomic_file.hpp"

namespace punktfunk::media {

namespace {

constexpr size_t kLargestFile = size_t{512} << 20;
constexpr uint16_t kPcm = 1, kFloat = 3, kExtensible = 0xFFFE;

uint32_t tag(const char (&text)[5]) {
    return load_le<uint32_t>(reinterpret_cast<const uint8_t*>(text));
}

struct Format {
    uint16_t kind = 0, channels = 0, bits = 0;
    uint32_t rate = 0;
};

std::optional<Format> parse_format(ByteView chunk) {
    ByteReader reader(chunk);
    const auto kind = reader.read<uint16_t>(), channels = reader.read<uint16_t>();
    const auto rate = reader.read<uint32_t>();
    if (!reader.take(6)) return std::nullopt;  // byte rate and block size follow from the others
    const auto bits = reader.read<uint16_t>();
    if (!kind || !channels || !rate || !bits) return std::nullopt;
    Format format{*kind, *channels, *bits, *rate};
    if (format.kind == kExtensible) {
        if (!reader.take(8)) return std::nullopt;
        const auto sub = reader.read<uint16_t>();
        if (!sub) return std::nullopt;
        format.kind = *sub;
    }
    return format;
}

Result<Sound> convert(const Format& format, ByteView data) {
    const bool pcm = format.kind == kPcm && format.bits == 16, floats = format.kind == kFloat && format.bits == 32;
    if ((!pcm && !floats) || format.channels == 0 || format.rate == 0)
        return fail(ErrorCode::InvalidArgument, "neither 16-bit PCM nor 32-bit float: convert it, e.g. with ffmpeg");
    Sound sound{.rate = format.rate, .channels = format.channels};
    const size_t bytes = format.bits / 8;
    const size_t frames = data.size() / (bytes * format.channels);
    sound.samples.resize(frames * format.channels);
    for (size_t i = 0; i < sound.samples.size(); ++i) {
        const float value =
            pcm ? static_cast<float>(load_le<int16_t>(&data[i * bytes])) / 32768.0F : load_le<float>(&data[i * bytes]);
        sound.samples[i] = std::isfinite(value) ? std::clamp(value, -1.0F, 1.0F) : 0.0F;
    }
    return sound;
}

}  // namespace

Result<Sound> parse_wav(ByteView file) {
    ByteReader reader(file);
    const auto riff = reader.read<uint32_t>();
    (void)reader.read<uint32_t>();
    const auto wave = reader.read<uint32_t>();
    if (riff != tag("RIFF") || wave != tag("WAVE")) return fail(ErrorCode::InvalidArgument, "not a WAV file");
    std::optional<Format> format;
    while (true) {
        const auto name = reader.read<uint32_t>(), length = reader.read<uint32_t>();
        if (!name || !length) return fail(ErrorCode::InvalidArgument, "a WAV file without sound in it");
        // A recording that was cut off has the length of what was planned.
        const size_t there = std::min<size_t>(*length, reader.remaining());
        const ByteView chunk = *reader.take(there);
        if (*name == tag("fmt ")) format = parse_format(chunk);
        if (*name == tag("data"))
            return format ? convert(*format, chunk)
                          : fail(ErrorCode::InvalidArgument, "a WAV file that does not say its format");
        if (*length % 2 == 1) (void)reader.take(1);
    }
}

Result<Sound> read_wav(const std::filesystem::path& file) {
    const auto content = read_file(file, kLargestFile);
    if (!content) return std::unexpected(content.error());
    auto sound = parse_wav({reinterpret_cast<const uint8_t*>(content->data()), content->size()});
    if (!sound) return std::unexpected(std::move(sound.error()).in(file.string()));
    return sound;
}

Result<WavWriter> WavWriter::open(const std::filesystem::path& file, uint32_t rate, uint32_t channels) {
    WavWriter writer(file, rate, channels);
    writer.file_.reset(std::fopen(file.c_str(), "wbe"));
    if (writer.file_ == nullptr) return fail_errno(errno, file.string());
    if (auto written = writer.write_header(); !written) return std::unexpected(written.error());
    return writer;
}

Result<void> WavWriter::write_header() {
    const auto length = static_cast<uint32_t>(std::min<uint64_t>(2 * samples_, 0xFFFFFFFF - 36));
    std::array<uint8_t, 44> header{};
    const auto name = [&](size_t at, std::string_view four) { std::ranges::copy(four, header.begin() + at); };
    name(0, "RIFF"), store_le<uint32_t>(&header[4], 36 + length);
    name(8, "WAVE"), name(12, "fmt "), store_le<uint32_t>(&header[16], 16);
    store_le<uint16_t>(&header[20], kPcm), store_le<uint16_t>(&header[22], static_cast<uint16_t>(channels_));
    store_le<uint32_t>(&header[24], rate_), store_le<uint32_t>(&header[28], 2 * rate_ * channels_);
    store_le<uint16_t>(&header[32], static_cast<uint16_t>(2 * channels_)), store_le<uint16_t>(&header[34], 16);
    name(36, "data"), store_le<uint32_t>(&header[40], length);
    if (std::fwrite(header.data(), 1, header.size(), file_.get()) != header.size())
        return fail_errno(errno, path_.string());
    return {};
}

Result<void> WavWriter::write(std::span<const float> samples) {
    converted_.clear();
    for (const float sample : samples)
        converted_.push_back(static_cast<int16_t>(std::lround(std::clamp(sample, -1.0F, 1.0F) * 32767.0F)));
    if (std::fwrite(converted_.data(), sizeof(int16_t), converted_.size(), file_.get()) != converted_.size())
        return fail_errno(errno, path_.string());
    samples_ += samples.size();
    return {};
}

Result<void> WavWriter::finish() {
    if (std::fseek(file_.get(), 0, SEEK_SET) != 0) return fail_errno(errno, path_.string());
    if (auto written = write_header(); !written) return written;
    if (std::fflush(file_.get()) != 0) return fail_errno(errno, path_.string());
    return {};
}

}  // namespace punktfunk::media
