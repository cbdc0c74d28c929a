// For this folder's tests: what the captured client said, and a session that it says it to.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "message.hpp"
#include "pending_sessions.hpp"
#include "punktfunk/base/hex.hpp"

namespace punktfunk::rtsp {

using namespace std::chrono_literals;
using nvhttp::Codec;
using testing::HasSubstr;
using testing::Not;

inline constexpr TimePoint kStart{1h};

inline const nlohmann::json& vectors(const char* group) {
    static const auto document = nlohmann::json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json"));
    return document.at(group);
}
inline std::string text(const nlohmann::json& object, const char* name) {
    return object.at(name).get<std::string>();
}
inline std::string announce_body(size_t sample) {
    return text(vectors("announce_sdp").at("samples").at(sample), "body_text");
}
inline nvhttp::SessionSecret vector_secret() {
    nvhttp::SessionSecret secret;
    const Bytes key = from_hex(text(vectors("rtsp_encryption"), "key")).value();
    std::ranges::copy(key, secret.key.bytes.begin());
    return secret;
}

inline ByteView bytes_of(std::string_view string) {
    return {reinterpret_cast<const uint8_t*>(string.data()), string.size()};
}
inline std::string text_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}
inline std::string replaced(std::string whole, std::string_view part, std::string_view with) {
    const size_t at = whole.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return whole.replace(at, part.size(), with);
}
// Takes the line of an attribute out of a body.
inline std::string without_attribute(std::string body, const std::string& name) {
    const size_t from = body.find("a=" + name + ":");
    EXPECT_NE(from, std::string::npos) << name;
    return body.erase(from, body.find('\n', from) + 1 - from);
}

inline nvhttp::CodecSupport everything() {
    const nvhttp::Profiles all{true, true, true, true};
    return {all, all, all};
}
inline SessionSetup setup(bool encrypted) {
    SessionSetup setup;
    setup.secret = vector_secret();
    setup.encrypted = encrypted;
    setup.offer.codecs = everything();
    return setup;
}
inline const SessionIds kIds{"DEADBEEFCAFE", "1314287C0FA52D2B", "2314287C0FA52D2B", 4'000'000'000u};

inline Session session(SessionSetup with) {
    return Session::create(std::move(with), kStart, kIds).value();
}
inline Received plain(std::string message) {
    return PlainMessage{std::move(message)};
}
inline std::string request(size_t which) {
    return vectors("rtsp_requests_plain").at("requests_text").at(which).get<std::string>();
}
// A whole handshake up to `end` (exclusive), as text.
inline std::vector<std::string> run(Session& session, size_t end) {
    std::vector<std::string> answers;
    for (size_t i = 0; i < end; ++i) {
        const auto answer = session.answer(plain(request(i)), kStart);
        EXPECT_TRUE(answer) << i;
        answers.push_back(answer ? text_of(answer->bytes) : "");
    }
    return answers;
}
inline int status_of(const std::optional<Answer>& answer) {
    return answer ? std::stoi(text_of(answer->bytes).substr(9, 3)) : 0;
}

// The grammar of a stock client's parser (spec §4.3).
inline void expect_acceptable(const std::string& answer) {
    ASSERT_TRUE(answer.starts_with("RTSP/1.0 200 OK\r\n")) << answer;
    const size_t end = answer.find("\r\n\r\n");
    ASSERT_NE(end, std::string::npos);
    std::string_view head(answer.data(), end);
    size_t headers = 0;
    for (size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2), ++headers) {
        const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        const size_t colon = line.find(": ");
        ASSERT_NE(colon, std::string_view::npos) << line;
        EXPECT_LT(colon + 2, line.size()) << "no header without a value: " << line;
    }
    EXPECT_GE(headers, 1u);
    EXPECT_EQ(answer.find('\0'), std::string::npos);
}

inline StreamConfig announced(const std::string& body, Terms terms = {}) {
    terms.offer.codecs = everything();
    auto config = read_announce(body, terms);
    EXPECT_TRUE(config) << config.error().why;
    return config ? *config : StreamConfig{};
}

}  // namespace punktfunk::rtsp
