#include "access.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "fake_host.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::management {

namespace {

using boost::asio::ip::make_address;

http::Request request(std::string method, http::Headers headers = {}, const char* peer = "127.0.0.1") {
    http::Request request{.method = std::move(method),
                          .path = {},
                          .query = {},
                          .headers = std::move(headers),
                          .body = {},
                          .peer_certificate = {}};
    request.peer = {make_address(peer), 50000};
    return request;
}

Operation operation(Access access) {
    return {"POST", "/x", "x", access, false, {}};
}

class AccessTest : public testing::Test {
  protected:
    [[nodiscard]] unsigned refusal(Access wanted, const http::Request& asked) const {
        const auto refused = access_.refuse(operation(wanted), access_.identify(asked), asked);
        return refused ? refused->status : 0;
    }
    test::TempDirectory directory_;
    FakeHost host_;
    AccessControl access_{directory_.path(), "s3cret", host_};
};

}  // namespace

TEST_F(AccessTest, TheTokenIsExact) {
    EXPECT_EQ(access_.identify(request("GET", {{"Authorization", "Bearer s3cret"}})).credential, Credential::Token);
    for (const char* header : {"Bearer s3cre", "Bearer s3cret ", "Bearer  s3cret", "bearer s3cret", "s3cret", "Bearer ",
                               "Basic s3cret", "Bearer S3CRET"}) {
        EXPECT_FALSE(access_.identify(request("GET", {{"Authorization", header}})).authenticated()) << header;
    }
}

TEST_F(AccessTest, ACookieLivesUntilItsPasswordGoes) {
    ASSERT_TRUE(access_.store_password("$argon2id$one"));
    const auto header = access_.begin_session(access_.password_hash().value_or("")).second;
    EXPECT_NE(header.find("HttpOnly; Secure; SameSite=Strict"), std::string::npos) << header;
    const std::string cookie = header.substr(0, header.find(';'));
    const auto asked = request("GET", {{"Cookie", "other=1; " + cookie}});
    EXPECT_EQ(access_.identify(asked).credential, Credential::Cookie);
    EXPECT_FALSE(access_.identify(request("GET", {{"Cookie", cookie + "0"}})).authenticated());

    // As after a restart of the host.
    const AccessControl again(directory_.path(), "s3cret", host_);
    EXPECT_EQ(again.identify(asked).credential, Credential::Cookie);

    // As `punktfunk-host passwd` does while the host runs.
    ASSERT_TRUE(PasswordFile(directory_.path()).store("$argon2id$two"));
    EXPECT_FALSE(access_.identify(asked).authenticated());
    ASSERT_TRUE(PasswordFile(directory_.path()).store("$argon2id$one"));
    EXPECT_TRUE(access_.identify(asked).authenticated());
    access_.end_session(asked);
    EXPECT_FALSE(access_.identify(asked).authenticated());
}

TEST_F(AccessTest, EverySessionThatEndsIsTold) {
    std::vector<std::string> ended;
    access_.on_session_end([&](const std::string& credential) { ended.push_back(credential); });
    const auto begin = [&] {
        const std::string header = access_.begin_session(access_.password_hash().value_or("")).second;
        return request("GET", {{"Cookie", header.substr(0, header.find(';'))}});
    };
    const auto credential = [&](const http::Request& asked) { return credential_of(access_.identify(asked), asked); };
    ASSERT_TRUE(access_.store_password("$argon2id$one"));

    auto leaves = begin();
    const std::string its = credential(leaves);
    EXPECT_TRUE(its.starts_with("cookie:"));
    leaves.headers.emplace_back("Authorization", "Bearer wrong");
    ASSERT_FALSE(access_.identify(leaves).authenticated());
    access_.end_session(leaves);
    EXPECT_EQ(ended, std::vector{its}) << "it is its cookie's session, whatever else it shows";

    ended.clear();
    const std::string oldest = credential(begin());
    for (size_t i = 1; i < WebSessions::kMost; ++i) (void)begin();
    EXPECT_TRUE(ended.empty());
    (void)begin();
    EXPECT_EQ(ended, std::vector{oldest}) << "it made room";

    ended.clear();
    access_.end_stale_sessions();
    EXPECT_TRUE(ended.empty());
    ASSERT_TRUE(PasswordFile(directory_.path()).store("$argon2id$two"));
    access_.end_stale_sessions();
    EXPECT_EQ(ended.size(), WebSessions::kMost);

    const std::string last = credential(begin());
    ended.clear();
    ASSERT_TRUE(access_.store_password("$argon2id$three"));
    EXPECT_EQ(ended, std::vector{last});
}

TEST(WebSessions, OnesThatHaveExpiredEnd) {
    const test::TempDirectory directory;
    WebSessions sessions(directory.path());
    std::vector<std::string> ended;
    sessions.on_end([&](const std::string& cookie_hash) { ended.push_back(cookie_hash); });
    const std::string first = sessions.begin("hash", 1000), second = sessions.begin("hash", 1001);
    sessions.end_stale("hash", 1000 + WebSessions::kLifeS - 1);
    EXPECT_TRUE(ended.empty());
    sessions.end_stale("hash", 1000 + WebSessions::kLifeS);
    EXPECT_EQ(ended, std::vector{sha256_hex(first)});
    (void)sessions.begin("hash", 1001 + WebSessions::kLifeS);
    EXPECT_EQ(ended, (std::vector{sha256_hex(first), sha256_hex(second)})) << "a new one clears up, too";
    WebSessions again(directory.path());
    EXPECT_FALSE(again.knows(second, "hash", 1001)) << "they are forgotten for good";
}

TEST_F(AccessTest, ADeviceReads) {
    auto asked = request("GET");
    asked.peer_certificate = Bytes{1, 2, 3};
    EXPECT_FALSE(access_.identify(asked).authenticated());
    host_.all_devices.push_back({crypto::fingerprint_of(*asked.peer_certificate), "tv", false, true, {}});
    EXPECT_FALSE(access_.identify(asked).authenticated()) << "paired by GameStream";
    host_.all_devices.back().native = true;
    EXPECT_EQ(access_.identify(asked).credential, Credential::Certificate);
    EXPECT_EQ(refusal(Access::Read, asked), 0u);
    EXPECT_EQ(refusal(Access::Admin, asked), 403u);
    EXPECT_EQ(refusal(Access::Admin, request("GET")), 401u);
    EXPECT_EQ(refusal(Access::Open, request("GET")), 0u);
}

TEST_F(AccessTest, AnotherSitesPageChangesNothing) {
    ASSERT_TRUE(access_.store_password("$argon2id$one"));
    const auto header = access_.begin_session(access_.password_hash().value_or("")).second;
    const std::string cookie = header.substr(0, header.find(';'));
    const auto from = [&](std::string method, http::Headers headers) {
        headers.emplace_back("Cookie", cookie);
        headers.emplace_back("Host", "host:47990");
        return refusal(Access::Admin, request(std::move(method), std::move(headers)));
    };
    EXPECT_EQ(from("POST", {}), 0u) << "a program that says nothing of pages";
    EXPECT_EQ(from("POST", {{"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://host:47990"}}), 0u);
    EXPECT_EQ(from("GET", {{"Sec-Fetch-Site", "none"}}), 0u) << "typed into the address bar";
    for (const char* site : {"cross-site", "same-site", "nonsense"}) {
        EXPECT_EQ(from("POST", {{"Sec-Fetch-Site", site}}), 403u) << site;
        EXPECT_EQ(from("GET", {{"Sec-Fetch-Site", site}}), 403u) << site;
    }
    for (const char* origin :
         {"https://evil.example", "https://host", "http://host:47990", "null", "https://host:47990.evil"})
        EXPECT_EQ(from("POST", {{"Origin", origin}}), 403u) << origin;
    // Logging somebody in to a session of one's own is a change, too.
    EXPECT_EQ(refusal(Access::Open, request("POST", {{"Sec-Fetch-Site", "cross-site"}})), 403u);
    EXPECT_EQ(
        refusal(Access::Admin, request("POST", {{"Authorization", "Bearer s3cret"}, {"Sec-Fetch-Site", "cross-site"}})),
        0u)
        << "no browser attaches a token by itself";
}

TEST_F(AccessTest, TheFirstPasswordComesFromThisMachine) {
    const auto allowed = [&](const char* host, const char* peer = "127.0.0.1", http::Headers headers = {}) {
        headers.emplace_back("Host", host);
        return access_.setup_allowed(request("POST", std::move(headers), peer));
    };
    EXPECT_TRUE(allowed("localhost:47990"));
    EXPECT_TRUE(allowed("127.0.0.1:47990"));
    EXPECT_TRUE(allowed("127.0.0.2"));
    EXPECT_TRUE(allowed("[::1]:47990", "::1"));
    EXPECT_TRUE(allowed("localhost:47990", "::ffff:127.0.0.1"));
    EXPECT_FALSE(allowed("localhost:47990", "192.168.1.2"));
    EXPECT_FALSE(allowed("rebound.example:47990")) << "a name that somebody made point here";
    EXPECT_FALSE(allowed("localhost.evil.example"));
    EXPECT_FALSE(allowed(""));
    EXPECT_FALSE(allowed("localhost", "127.0.0.1", {{"X-Forwarded-For", "1.2.3.4"}}));
    EXPECT_FALSE(allowed("localhost", "127.0.0.1", {{"Sec-Fetch-Site", "cross-site"}}));
    ASSERT_TRUE(access_.store_password("$argon2id$one"));
    EXPECT_FALSE(allowed("localhost:47990")) << "one is set";
}

TEST_F(AccessTest, ADamagedPasswordFileIsNotNone) {
    std::ofstream(directory_.path() / "password") << "\n";
    EXPECT_FALSE(access_.password_hash());
    EXPECT_FALSE(access_.setup_allowed(request("POST", {{"Host", "localhost"}})));
}

TEST(Password, IsHashedAndChecked) {
    const auto hash = hash_password("correct horse");
    ASSERT_TRUE(hash);
    EXPECT_TRUE(hash->starts_with("$argon2id$")) << *hash;
    EXPECT_TRUE(password_fits(*hash, "correct horse"));
    EXPECT_FALSE(password_fits(*hash, "correct horsf"));
    EXPECT_FALSE(password_fits("", ""));
    EXPECT_FALSE(check_new_password("1234567"));
    EXPECT_FALSE(check_new_password("äöüäöüä")) << "seven characters of two bytes";
    EXPECT_TRUE(check_new_password("12345678"));
    EXPECT_FALSE(check_new_password(std::string(1025, 'x')));
}

TEST(Token, IsMadeOnceAndReadInBothForms) {
    const test::TempDirectory directory;
    const auto made = load_or_create_token(directory.path(), std::nullopt);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->size(), 64u);
    EXPECT_EQ(load_or_create_token(directory.path(), std::nullopt), *made);
    EXPECT_EQ(std::filesystem::status(directory.path() / "mgmt-token").permissions(), std::filesystem::perms(0600));
    std::ofstream(directory.path() / "mgmt-token") << "bare\n";
    EXPECT_EQ(load_or_create_token(directory.path(), std::nullopt), "bare");
    std::ofstream(directory.path() / "mgmt-token") << "PUNKTFUNK_MGMT_TOKEN=\n";
    EXPECT_FALSE(load_or_create_token(directory.path(), std::nullopt));
    EXPECT_FALSE(load_or_create_token(directory.path(), ""));
    EXPECT_EQ(load_or_create_token(directory.path(), "given"), "given");
}

}  // namespace punktfunk::management
