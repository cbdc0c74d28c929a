#include "known_hosts.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::cli {

namespace {

class KnownHostsFile : public testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path file() const { return directory_ / "client-known-hosts.json"; }
    test::TempDirectory temp_;
    const std::filesystem::path& directory_ = temp_.path();
};

}  // namespace

TEST_F(KnownHostsFile, RemembersAndReplacesByFingerprintAndByAddress) {
    auto known = KnownHosts::load(directory_);
    ASSERT_TRUE(known);
    ASSERT_TRUE(known->add({"desk", "192.0.2.1", 9777, {1}, true}));
    ASSERT_TRUE(known->add({"attic", "192.0.2.2", 9777, {2}, false}));
    ASSERT_TRUE(known->add({"desk", "192.0.2.3", 9777, {1}, false})) << "it has moved";
    ASSERT_TRUE(known->add({"new", "192.0.2.2", 9777, {3}, false})) << "another machine took its address";
    const auto again = KnownHosts::load(directory_);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->find("192.0.2.1", 9777), nullptr);
    ASSERT_NE(again->find("192.0.2.3", 9777), nullptr);
    EXPECT_TRUE(again->find("192.0.2.3", 9777)->paired) << "a pairing is not lost by trusting again";
    EXPECT_EQ(again->find("192.0.2.2", 9777)->fingerprint, crypto::Fingerprint{3});
    EXPECT_EQ(again->find("192.0.2.2", 9778), nullptr);
}

TEST_F(KnownHostsFile, ADamagedFileIsNeitherReadNorOverwritten) {
    const auto host_at = [](const std::string& port, const std::string& fingerprint) {
        return R"({"hosts":[{"addr":"192.0.2.1",)" + port + R"("fp_hex":")" + fingerprint + R"("}]})";
    };
    const std::string whole(64, 'a');
    for (const std::string& content : std::vector<std::string>{
             "{", "[]", R"({"hosts":{}})", R"({"hosts":[1]})", host_at(R"("port":9777,)", "aa"), host_at("", whole),
             host_at(R"("port":0,)", whole), host_at(R"("port":75313,)", whole)}) {
        std::ofstream(file()) << content;
        const auto known = KnownHosts::load(directory_);
        ASSERT_FALSE(known) << content;
        EXPECT_EQ(known.error().code, ErrorCode::Io);
        std::ifstream now(file());
        EXPECT_EQ(std::string(std::istreambuf_iterator<char>(now), {}), content);
    }
}

TEST_F(KnownHostsFile, ANameThatIsNoTextIsStoredAsOne) {
    auto known = KnownHosts::load(directory_);
    ASSERT_TRUE(known->add({"\xff\xfe", "192.0.2.1", 9777, {1}, true}));
    EXPECT_TRUE(KnownHosts::load(directory_));
}

TEST_F(KnownHostsFile, AFailedWriteChangesNothing) {
    std::ofstream(directory_ / "file") << "";
    auto known = KnownHosts::load(directory_ / "folder");
    ASSERT_TRUE(known);
    std::filesystem::create_symlink(directory_ / "file", directory_ / "folder");  // no folder any more
    EXPECT_FALSE(known->add({"desk", "192.0.2.1", 9777, {1}, true}));
    EXPECT_EQ(known->find("192.0.2.1", 9777), nullptr);
}

}  // namespace punktfunk::cli
