#include "punktfunk/media/wav_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::media {

namespace {

Bytes content(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST(WavFile, WhatIsWrittenIsRead) {
    const test::TempDirectory directory;
    const auto file = directory.path() / "a.wav";
    auto writer = WavWriter::open(file, 48000, 2);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE(writer->write(std::vector{0.0F, 0.5F, -0.5F, 1.0F}));
    ASSERT_TRUE(writer->write(std::vector{2.0F, -2.0F}));
    ASSERT_TRUE(writer->finish());
    const auto sound = read_wav(file);
    ASSERT_TRUE(sound) << sound.error().message;
    EXPECT_EQ(sound->rate, 48000u);
    EXPECT_EQ(sound->channels, 2u);
    ASSERT_EQ(sound->samples.size(), 6u);
    const std::vector wanted{0.0F, 0.5F, -0.5F, 1.0F, 1.0F, -1.0F};
    for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(sound->samples[i], wanted[i], 1e-4) << i;
    EXPECT_EQ(content(file).size(), 44 + 6 * sizeof(int16_t));
}

TEST(WavFile, EveryTruncationIsAnswered) {
    const test::TempDirectory directory;
    const auto file = directory.path() / "a.wav";
    auto writer = WavWriter::open(file, 44100, 1);
    ASSERT_TRUE(writer && writer->write(std::vector<float>(100, 0.25F)) && writer->finish());
    const Bytes whole = content(file);
    for (size_t length = 0; length <= whole.size(); ++length) {
        const auto sound = parse_wav(ByteView(whole).first(length));
        EXPECT_EQ(sound.has_value(), length >= 44) << length;
        EXPECT_EQ(sound ? sound->samples.size() : 0, length < 44 ? 0 : (length - 44) / 2);
    }
}

TEST(WavFile, ABadPathIsKnownAtOnce) {
    EXPECT_EQ(WavWriter::open("/nonexistent/a.wav", 48000, 2).error().code, ErrorCode::Io);
    EXPECT_EQ(read_wav("/nonexistent/a.wav").error().code, ErrorCode::NotAvailable);
}

}  // namespace punktfunk::media
