// Tones: files of them to play, and how much of one is in a recording.
#pragma once

#include <filesystem>
#include <span>

#include "punktfunk/media/wav_file.hpp"

namespace punktfunk::test {

constexpr uint32_t kSoundRate = 48000;

// A stereo file that any user may read: one pitch left, another right, at half of full scale.
void write_tones(const std::filesystem::path& file, double left_hz, double right_hz, double seconds);

// The amplitude of this pitch in one channel (Goertzel's algorithm), 0 to 1.
double amplitude(const media::Sound& sound, size_t channel, size_t first_frame, size_t frames, double hz);

// Of all stretches of 20 ms between the first and the last sound: those that hold the two pitches, each in its channel
// only, and those that do not.
struct Heard {
    size_t good = 0, bad = 0;
};
Heard listen(const media::Sound& sound, double left_hz, double right_hz);

}  // namespace punktfunk::test
