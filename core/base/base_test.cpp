#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iterator>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk {

namespace {

class AtomicFile : public testing::Test {
  protected:
    static auto mode_of(const std::filesystem::path& path) {
        struct stat status{};
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return status.st_mode & 0777;
    }
    [[nodiscard]] auto entries() const {
        return std::distance(std::filesystem::directory_iterator(directory_), std::filesystem::directory_iterator());
    }
    test::TempDirectory temp_;
    const std::filesystem::path& directory_ = temp_.path();
};

}  // namespace

TEST_F(AtomicFile, MakesItsFolderAndIsTheOwnersAlone) {
    const auto file = directory_ / "new" / "state.json";
    EXPECT_EQ(read_file(file).error().code, ErrorCode::NotAvailable);
    ASSERT_TRUE(write_file_atomic(file, "old"));
    ASSERT_TRUE(write_file_atomic(file, "new"));
    EXPECT_EQ(read_file(file).value(), "new");
    EXPECT_EQ(mode_of(file), 0600u);
    EXPECT_EQ(mode_of(file.parent_path()), 0700u);
}

TEST_F(AtomicFile, AWriteThatFailsLeavesTheOldFileAndNothingElse) {
    const auto file = directory_ / "state.json";
    ASSERT_TRUE(write_file_atomic(file, "old"));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 100, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto written = write_file_atomic(file, std::string(1000, 'x'));
    ::setrlimit(RLIMIT_FSIZE, &before);
    (void)std::signal(SIGXFSZ, handler);
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find(file.string()), std::string::npos) << written.error().message;
    EXPECT_EQ(read_file(file).value(), "old");
    EXPECT_EQ(entries(), 1);
}

TEST_F(AtomicFile, PlacesThatCannotHoldAFile) {
    std::filesystem::create_directories(directory_ / "folder" / "full");
    std::ofstream(directory_ / "file") << "x";
    ASSERT_EQ(::mkfifo((directory_ / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(write_file_atomic(directory_ / "pipe", "x").error().code, ErrorCode::Io);
    EXPECT_TRUE(std::filesystem::is_fifo(directory_ / "pipe"));
    EXPECT_EQ(read_file(directory_ / "pipe").error().code, ErrorCode::Io) << "and at once";
    ASSERT_TRUE(write_file_atomic(directory_ / "target", "old"));
    std::filesystem::create_symlink("target", directory_ / "link");
    EXPECT_TRUE(write_file_atomic(directory_ / "link", "new"));
    EXPECT_TRUE(std::filesystem::is_symlink(directory_ / "link"));
    EXPECT_EQ(read_file(directory_ / "target", 10).value(), "new");
    EXPECT_EQ(write_file_atomic(directory_ / "folder", "x").error().code, ErrorCode::Io) << "a folder is no file";
    EXPECT_FALSE(write_file_atomic(directory_ / "file" / "below", "x"));
    EXPECT_FALSE(write_file_atomic(directory_ / "file" / "deep" / "below", "x"));
    EXPECT_EQ(entries(), 5) << "nothing is left beside them";
    EXPECT_FALSE(read_file(directory_ / "folder"));
    EXPECT_EQ(read_file(directory_ / "file" / "below").error().code, ErrorCode::Io);
}

TEST_F(AtomicFile, ALargeFileIsRefusedNotCut) {
    std::ofstream(directory_ / "file") << std::string(100'000, 'x');
    EXPECT_EQ(read_file(directory_ / "file", 100'000)->size(), 100'000u);
    EXPECT_EQ(read_file(directory_ / "file", 99'999).error().code, ErrorCode::InvalidArgument);
}

TEST(Hex, RoundTripsAndRefusesWhatIsNotHex) {
    EXPECT_EQ(to_hex(std::array<uint8_t, 3>{0x00, 0xaf, 0x10}), "00af10");
    EXPECT_EQ(from_hex("00AF10"), (Bytes{0x00, 0xaf, 0x10}));
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0g"));
}

TEST(Bytes, AReadPastTheEndChangesNothing) {
    const Bytes bytes{1, 2, 3};
    ByteReader reader(bytes);
    EXPECT_EQ(reader.read<uint16_t>(), 0x0201);
    EXPECT_FALSE(reader.read<uint16_t>());
    EXPECT_FALSE(reader.take(2));
    EXPECT_EQ(reader.read<uint8_t>(), 3);
}

TEST(Error, ContextGoesInFront) {
    Result<int> result = fail(ErrorCode::Timeout, "no frame in {} s", 10);
    ASSERT_FALSE(result);
    EXPECT_EQ(std::move(result.error()).in("opening capture").message, "opening capture: no frame in 10 s");
}

}  // namespace punktfunk
