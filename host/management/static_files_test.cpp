#include "static_files.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "compress.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::management {

namespace {

void put(const std::filesystem::path& file, const std::string& content) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content;
}

std::string unzip(const std::string& data) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 16 + 15), Z_OK);
    std::string out(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

http::Response get(const StaticFiles& files, std::string path, http::Headers headers = {}, std::string method = "GET") {
    return files.answer({.method = std::move(method),
                         .path = std::move(path),
                         .query = {},
                         .headers = std::move(headers),
                         .body = {},
                         .peer_certificate = {}});
}

std::string header(const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return {};
}

const std::string kScript(5000, 'a');

class StaticFilesTest : public testing::Test {
  protected:
    void SetUp() override {
        put(root_ / "index.html", "<html>the console</html>");
        put(root_ / "assets/app-1a2b.js", kScript);
        put(root_ / ".secret", "hidden");
        put(directory_.path() / "outside.txt", "outside");
        std::filesystem::create_symlink(directory_.path() / "outside.txt", root_ / "link.txt");
        auto loaded = StaticFiles::load(root_);
        ASSERT_TRUE(loaded) << loaded.error().message;
        files_ = std::move(*loaded);
    }
    test::TempDirectory directory_;
    const std::filesystem::path root_ = directory_.path() / "web";
    StaticFiles files_;
};

}  // namespace

TEST_F(StaticFilesTest, AreServedWithTheirTypesAndTags) {
    const auto page = get(files_, "/index.html");
    EXPECT_EQ(page.status, 200u);
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_EQ(header(page, "Cache-Control"), "no-cache");
    EXPECT_NE(header(page, "Content-Security-Policy").find("default-src 'self'"), std::string::npos);
    EXPECT_EQ(header(page, "X-Frame-Options"), "DENY");

    const auto plain = get(files_, "/assets/app-1a2b.js");
    EXPECT_EQ(plain.body, kScript);
    EXPECT_NE(header(plain, "Cache-Control").find("immutable"), std::string::npos);
    EXPECT_EQ(header(plain, "Vary"), "Accept-Encoding");
    const auto zipped = get(files_, "/assets/app-1a2b.js", {{"Accept-Encoding", "br, gzip;q=0.8"}});
    EXPECT_EQ(header(zipped, "Content-Encoding"), "gzip");
    EXPECT_EQ(unzip(zipped.body), kScript);
    EXPECT_EQ(header(get(files_, "/assets/app-1a2b.js", {{"Accept-Encoding", "gzip;q=0"}}), "Content-Encoding"), "");

    const auto known = get(files_, "/assets/app-1a2b.js", {{"If-None-Match", header(plain, "ETag")}});
    EXPECT_EQ(known.status, 304u);
    EXPECT_TRUE(known.body.empty());
    EXPECT_EQ(get(files_, "/index.html", {}, "POST").status, 405u);
}

TEST_F(StaticFilesTest, APageOfTheConsoleIsItsIndex) {
    const http::Headers browser{{"Accept", "text/html,application/xhtml+xml"}};
    EXPECT_NE(get(files_, "/", browser).body.find("the console"), std::string::npos);
    EXPECT_NE(get(files_, "/devices/tv", browser).body.find("the console"), std::string::npos);
    EXPECT_EQ(get(files_, "/devices/tv").status, 404u) << "a program gets what it asked for, or nothing";
    EXPECT_EQ(get(files_, "/missing.js", browser).status, 404u);
}

TEST_F(StaticFilesTest, NothingElseIsReached) {
    for (const char* path : {"/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/assets/../../outside.txt",
                             "/link.txt", "/.secret", "//index.html", "/assets", "/assets/", "/index.html/",
                             "/index.html%00", "/%", "\\..\\outside.txt", "/etc/passwd", ""}) {
        const auto answer = get(files_, path);
        EXPECT_TRUE(answer.status == 404 || answer.status == 400) << path << " " << answer.status;
        EXPECT_EQ(answer.body.find("outside"), std::string::npos) << path;
    }
}

TEST(StaticFiles, WithoutAConsoleSayHowToGetOne) {
    const auto none = StaticFiles::load({});
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->built());
    const auto page = get(*none, "/");
    EXPECT_EQ(page.status, 200u);
    EXPECT_NE(page.body.find("--web-root"), std::string::npos);
    EXPECT_EQ(get(*none, "/app.js").status, 404u);
    EXPECT_FALSE(StaticFiles::load("/nonexistent"));
    const test::TempDirectory empty;
    EXPECT_FALSE(StaticFiles::load(empty.path())) << "no index.html";
}

TEST(Compress, ATarHoldsItsFiles) {
    const std::string archive = tar({{"a/b.txt", "hello"}, {"c", std::string(512, 'x')}}, 1'700'000'000);
    EXPECT_EQ(archive.size() % 512, 0u);
    EXPECT_EQ(archive.substr(0, 7), "a/b.txt");
    EXPECT_EQ(archive.substr(257, 5), "ustar");
    EXPECT_EQ(archive.substr(512, 5), "hello");
    EXPECT_EQ(archive.substr(1024, 1), "c");
    EXPECT_EQ(archive.size(), 512u * 4 + 1024);
}

}  // namespace punktfunk::management
