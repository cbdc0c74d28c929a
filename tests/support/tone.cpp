#include "tone.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

namespace punktfunk::test {

namespace {
constexpr double kAmplitude = 0.5;
constexpr size_t kStretch = kSoundRate / 50;
}  // namespace

void write_tones(const std::filesystem::path& file, double left_hz, double right_hz, double seconds) {
    auto writer = media::WavWriter::open(file, kSoundRate, 2);
    std::vector<float> samples;
    for (size_t i = 0; i < static_cast<size_t>(seconds * kSoundRate); ++i) {
        for (const double hz : {left_hz, right_hz}) {
            const double turns = hz * static_cast<double>(i) / kSoundRate;
            samples.push_back(static_cast<float>(kAmplitude * std::sin(2 * std::numbers::pi * turns)));
        }
    }
    if (!writer || !writer->write(samples) || !writer->finish())
        throw std::runtime_error("cannot write " + file.string());
    std::filesystem::permissions(file, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
}

double amplitude(const media::Sound& sound, size_t channel, size_t first_frame, size_t frames, double hz) {
    const double coefficient = 2 * std::cos(2 * std::numbers::pi * hz / sound.rate);
    double last = 0, before = 0;
    for (size_t i = first_frame; i < first_frame + frames; ++i) {
        const double now = sound.samples[i * sound.channels + channel] + coefficient * last - before;
        before = std::exchange(last, now);
    }
    const double power = last * last + before * before - coefficient * last * before;
    return 2 * std::sqrt(std::max(power, 0.0)) / static_cast<double>(frames);
}

Heard listen(const media::Sound& sound, double left_hz, double right_hz) {
    const size_t stretches = sound.samples.size() / sound.channels / kStretch;
    const auto loud = [&](size_t stretch) {
        return amplitude(sound, 0, stretch * kStretch, kStretch, left_hz) > kAmplitude / 2;
    };
    size_t first = 0, last = stretches;
    while (first < stretches && !loud(first)) ++first;
    while (last > first && !loud(last - 1)) --last;
    Heard heard;
    for (size_t i = first; i < last; ++i) {
        const auto holds = [&](size_t channel, double hz, double other_hz) {
            const double wanted = amplitude(sound, channel, i * kStretch, kStretch, hz);
            return std::abs(wanted - kAmplitude) < kAmplitude / 4 &&
                   amplitude(sound, channel, i * kStretch, kStretch, other_hz) < kAmplitude / 20;
        };
        ++(holds(0, left_hz, right_hz) && holds(1, right_hz, left_hz) ? heard.good : heard.bad);
    }
    return heard;
}

}  // namespace punktfunk::test
