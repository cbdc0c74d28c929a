// Every loudspeaker of a GameStream client hears its own tone and no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "desktop.hpp"
#include "moonlight.hpp"
#include "tone.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

namespace {

// Pitches that fit a stretch of 20 ms a whole number of times; the fourth is low enough for a subwoofer.
constexpr double kPitches[] = {1000, 450, 750, 100, 1500, 600, 1250, 1750};
constexpr double kAmplitude = 0.4;

void write_tones(const std::filesystem::path& file, uint32_t channels, double seconds) {
    auto writer = media::WavWriter::open(file, kSoundRate, channels);
    std::vector<float> samples;
    for (size_t i = 0; i < static_cast<size_t>(seconds * kSoundRate); ++i) {
        for (uint32_t channel = 0; channel < channels; ++channel) {
            const double turns = kPitches[channel] * static_cast<double>(i) / kSoundRate;
            samples.push_back(static_cast<float>(kAmplitude * std::sin(2 * std::numbers::pi * turns)));
        }
    }
    ASSERT_TRUE(writer && writer->write(samples) && writer->finish());
    std::filesystem::permissions(file, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
}

// The loudest pitch of a channel in the last stretch, and how loud that is.
struct Loudest {
    size_t pitch = 0;
    double amplitude = 0, next = 0;
};
Loudest loudest(const media::Sound& sound, size_t channel) {
    constexpr size_t kStretch = kSoundRate / 10;
    const size_t frames = sound.samples.size() / sound.channels;
    Loudest found;
    for (size_t pitch = 0; pitch < std::size(kPitches) && frames > kStretch; ++pitch) {
        const double heard = amplitude(sound, channel, frames - kStretch, kStretch, kPitches[pitch]);
        if (heard > found.amplitude) {
            found = {pitch, heard, found.amplitude};
        } else {
            found.next = std::max(found.next, heard);
        }
    }
    return found;
}

struct Layout {
    uint32_t channels, bitrate_kbps, packet_ms;
    bool encrypted;
    const char* channel_map;
};

}  // namespace

class MoonlightSound : public testing::TestWithParam<Layout> {};

TEST_P(MoonlightSound, EveryChannelIsHeardInItsPlace) {
    const Layout layout = GetParam();
    const Outbox studio;
    write_tones(studio.file("tones.wav"), layout.channels, 20);
    MoonlightHost host({"--no-demo-desktop"});
    HostApi client = host.paired();
    host.write_app({{"name", "Tones"},
                    {"command", fmt::format("sh -c 'while :; do pw-play --channel-map {} tones.wav || sleep 0.1; done'",
                                            layout.channel_map)},
                    {"directory", studio.directory.path().string()}});
    const auto stream = host.stream(client, {.wish = {.bitrate_kbps = layout.bitrate_kbps,
                                                      .channels = layout.channels,
                                                      .encrypt_audio = layout.encrypted,
                                                      .packet_ms = layout.packet_ms},
                                             .app = app_named(client, "Tones")});
    std::vector<Loudest> heard(layout.channels);
    const bool right = eventually(20s, [&] {
        const media::Sound sound = stream->sound();
        bool all = sound.channels == layout.channels;
        for (uint32_t channel = 0; all && channel < layout.channels; ++channel) {
            heard[channel] = loudest(sound, channel);
            all = heard[channel].pitch == channel && heard[channel].amplitude > kAmplitude / 2 &&
                  heard[channel].next < kAmplitude / 10;
        }
        return all;
    });
    for (uint32_t channel = 0; channel < layout.channels; ++channel) {
        fmt::print("channel {}: {} Hz at {:.2f}, the next at {:.3f}\n", channel, kPitches[heard[channel].pitch],
                   heard[channel].amplitude, heard[channel].next);
    }
    const auto report = stream->report();
    EXPECT_TRUE(right) << describe(report) << host.host().process().err();
    EXPECT_THAT(report.faults, testing::IsEmpty()) << describe(report);
    EXPECT_EQ(report.audio_undecodable, 0u);
}

INSTANTIATE_TEST_SUITE_P(Layouts, MoonlightSound,
                         testing::Values(Layout{2, 20'000, 5, true, "FL,FR"},
                                         Layout{6, 10'000, 5, true, "FL,FR,FC,LFE,RL,RR"},
                                         Layout{6, 20'000, 5, false, "FL,FR,FC,LFE,RL,RR"},
                                         Layout{8, 10'000, 10, false, "FL,FR,FC,LFE,RL,RR,SL,SR"},
                                         Layout{8, 20'000, 5, true, "FL,FR,FC,LFE,RL,RR,SL,SR"}),
                         [](const auto& layout) {
                             return fmt::format("{}Channels{}", layout.param.channels,
                                                layout.param.bitrate_kbps >= 15'000 ? "High" : "Normal");
                         });

}  // namespace punktfunk::test
