// Sound as WAV files: what was received, and what is sent as a microphone.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::media {

struct Sound {
    uint32_t rate = 0, channels = 0;
    std::vector<float> samples;  // interleaved
};

// 16-bit PCM or 32-bit float. InvalidArgument says what is wrong with the file.
Result<Sound> parse_wav(ByteView file);
Result<Sound> read_wav(const std::filesystem::path& file);

// Writes 16-bit PCM.
class WavWriter {
  public:
    // Opens the file at once, so that a bad path is known before anything is streamed.
    static Result<WavWriter> open(const std::filesystem::path& file, uint32_t rate, uint32_t channels);
    Result<void> write(std::span<const float> samples);
    // Writes the lengths into the header; without it the file says that it is empty.
    Result<void> finish();

  private:
    struct Close {
        void operator()(std::FILE* file) const { (void)std::fclose(file); }
    };
    WavWriter(std::filesystem::path path, uint32_t rate, uint32_t channels)
        : path_(std::move(path)), rate_(rate), channels_(channels) {}
    Result<void> write_header();
    std::filesystem::path path_;
    uint32_t rate_, channels_;
    uint64_t samples_ = 0;
    std::vector<int16_t> converted_;
    std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace punktfunk::media
