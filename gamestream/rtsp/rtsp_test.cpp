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

namespace {

using namespace std::chrono_literals;
using nvhttp::Codec;
using testing::HasSubstr;
using testing::Not;

constexpr TimePoint kStart{1h};

const nlohmann::json& vectors(const char* group) {
    static const auto document = nlohmann::json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json"));
    return document.at(group);
}
std::string text(const nlohmann::json& object, const char* name) {
    return object.at(name).get<std::string>();
}
std::string announce_body(size_t sample) {
    return text(vectors("announce_sdp").at("samples").at(sample), "body_text");
}
nvhttp::SessionSecret vector_secret() {
    nvhttp::SessionSecret secret;
    const Bytes key = from_hex(text(vectors("rtsp_encryption"), "key")).value();
    std::ranges::copy(key, secret.key.bytes.begin());
    return secret;
}

ByteView bytes_of(std::string_view string) {
    return {reinterpret_cast<const uint8_t*>(string.data()), string.size()};
}
std::string text_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}
std::string replaced(std::string whole, std::string_view part, std::string_view with) {
    const size_t at = whole.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return whole.replace(at, part.size(), with);
}
// Takes the line of an attribute out of a body.
std::string without_attribute(std::string body, const std::string& name) {
    const size_t from = body.find("a=" + name + ":");
    EXPECT_NE(from, std::string::npos) << name;
    return body.erase(from, body.find('\n', from) + 1 - from);
}

nvhttp::CodecSupport everything() {
    const nvhttp::Profiles all{true, true, true, true};
    return {all, all, all};
}
SessionSetup setup(bool encrypted) {
    SessionSetup setup;
    setup.secret = vector_secret();
    setup.encrypted = encrypted;
    setup.offer.codecs = everything();
    return setup;
}
const SessionIds kIds{"DEADBEEFCAFE", "1314287C0FA52D2B", "2314287C0FA52D2B", 4'000'000'000u};

Session session(SessionSetup with) {
    return Session::create(std::move(with), kStart, kIds).value();
}
Received plain(std::string message) {
    return PlainMessage{std::move(message)};
}
std::string request(size_t which) {
    return vectors("rtsp_requests_plain").at("requests_text").at(which).get<std::string>();
}
// A whole handshake up to `end` (exclusive), as text.
std::vector<std::string> run(Session& session, size_t end) {
    std::vector<std::string> answers;
    for (size_t i = 0; i < end; ++i) {
        const auto answer = session.answer(plain(request(i)), kStart);
        EXPECT_TRUE(answer) << i;
        answers.push_back(answer ? text_of(answer->bytes) : "");
    }
    return answers;
}
int status_of(const std::optional<Answer>& answer) {
    return answer ? std::stoi(text_of(answer->bytes).substr(9, 3)) : 0;
}

// The grammar of a stock client's parser (spec §4.3).
void expect_acceptable(const std::string& answer) {
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

StreamConfig announced(const std::string& body, Terms terms = {}) {
    terms.offer.codecs = everything();
    auto config = read_announce(body, terms);
    EXPECT_TRUE(config) << config.error().why;
    return config ? *config : StreamConfig{};
}

}  // namespace

TEST(Vectors, SealedMessages) {
    const auto cipher = MessageCipher::create(vector_secret()).value();
    for (const auto& vector : vectors("rtsp_encryption").at("messages")) {
        const Sender sender = text(vector, "direction") == "client to host" ? Sender::Client : Sender::Host;
        const Sender other = sender == Sender::Client ? Sender::Host : Sender::Client;
        const auto sequence = vector.at("sequence").get<uint32_t>();
        const Bytes wire = from_hex(text(vector, "wire")).value();
        EXPECT_EQ(to_hex(cipher.seal(text(vector, "plaintext_text"), sequence, sender)), to_hex(wire));
        const auto message = parse_sealed(wire);
        ASSERT_TRUE(message);
        EXPECT_EQ(message->sequence, sequence);
        EXPECT_EQ(to_hex(message->tag), text(vector, "tag"));
        EXPECT_EQ(to_hex(message->ciphertext), text(vector, "ciphertext"));
        EXPECT_EQ(cipher.open(*message, sender), text(vector, "plaintext_text"));
        EXPECT_EQ(cipher.open(*message, other), std::nullopt);
        auto changed = *message;
        changed.ciphertext[0] ^= 1;
        EXPECT_EQ(cipher.open(changed, sender), std::nullopt);
    }
}

TEST(Vectors, RequestsAreRead) {
    const auto& requests = vectors("rtsp_requests_plain").at("requests_text");
    const char* methods[] = {"OPTIONS", "DESCRIBE", "SETUP", "SETUP", "SETUP", "ANNOUNCE", "PLAY"};
    ASSERT_EQ(requests.size(), std::size(methods));
    for (size_t i = 0; i < requests.size(); ++i) {
        const auto parsed = parse_request(request(i));
        ASSERT_TRUE(parsed) << i;
        EXPECT_EQ(parsed->method, methods[i]);
        EXPECT_EQ(parsed->sequence, i + 1);
        EXPECT_EQ(parsed->find("host"), "0.0.0.0");
        EXPECT_EQ(parsed->find("X-GS-ClientVersion"), "14");
        EXPECT_EQ(parsed->body.size(), i == 5 ? 1492u : 0u);
    }
}

TEST(Vectors, SurroundParams) {
    const auto& group = vectors("surround_params");
    for (const bool high : {false, true}) {
        for (const auto& vector : group.at(high ? "high" : "normal")) {
            const auto seen = parse_surround_params(text(vector, "value"), high);
            ASSERT_TRUE(seen) << vector;
            const auto mapping = vector.at("client_mapping").get<std::vector<uint8_t>>();
            ASSERT_EQ(seen->channels, mapping.size());
            EXPECT_TRUE(std::ranges::equal(mapping, std::span(seen->mapping).first(mapping.size()))) << vector;
            EXPECT_EQ(to_surround_params(*seen, high), text(vector, "value"));
            if (vector.contains("note")) continue;  // the string that scrambles channels
            EXPECT_EQ(to_surround_params(standard_layout(seen->channels, high), high), text(vector, "value"));
        }
    }
    // The layout a client falls back to is never what it gets: its own line is always there.
    EXPECT_THAT(describe({}), HasSubstr("surround-params=642012453\n"));
}

TEST(Vectors, AnnounceBodies) {
    Terms low;
    low.low_stereo_quality = true;
    const auto h264 = announced(announce_body(0), low);
    EXPECT_EQ(h264.video.width, 1280u);
    EXPECT_EQ(h264.video.height, 720u);
    EXPECT_EQ(h264.video.refresh_millihertz, 30'000u) << "the display's 60 Hz is not the stream's rate";
    EXPECT_EQ(h264.video.packet_size, 1024u);
    EXPECT_EQ(h264.video.codec, Codec::H264);
    EXPECT_FALSE(h264.video.ten_bit || h264.video.yuv444 || h264.video.full_range || h264.video.intra_refresh);
    EXPECT_EQ(h264.video.colour_space, ColourSpace::Bt709);
    EXPECT_EQ(h264.video.slices_per_frame, 1u);
    EXPECT_EQ(h264.video.max_reference_frames, 0u);
    EXPECT_EQ(h264.video.min_parity_packets, 2u);
    EXPECT_EQ(h264.video.fec_percentage, 20u);
    EXPECT_EQ(h264.video.bitrate_kbps, video_bitrate_kbps(10'000, 20, 2, false));
    EXPECT_TRUE(h264.video.mark_dscp && h264.audio.mark_dscp);
    EXPECT_EQ(h264.encryption, (Encryption{.control = true}));
    EXPECT_EQ(h264.audio.layout, standard_layout(2, false));
    EXPECT_EQ(h264.audio.layout.bitrate_kbps, 96u);
    EXPECT_EQ(h264.audio.packet_ms, 5u);
    EXPECT_TRUE(h264.reports_fec_status && h264.knows_ping_payload);

    const auto hevc = announced(announce_body(1));
    EXPECT_EQ(hevc.video.width, 3840u);
    EXPECT_EQ(hevc.video.refresh_millihertz, 119'880u);
    EXPECT_EQ(hevc.video.packet_size, 1360u);
    EXPECT_EQ(hevc.video.codec, Codec::Hevc);
    EXPECT_TRUE(hevc.video.ten_bit && hevc.video.full_range);
    EXPECT_EQ(hevc.video.colour_space, ColourSpace::Bt2020);
    EXPECT_EQ(hevc.encryption, (Encryption{true, true, true}));
    EXPECT_EQ(hevc.audio.layout, standard_layout(8, true));
    EXPECT_EQ(hevc.audio.channel_mask, 1599u);
    EXPECT_TRUE(hevc.audio.high_quality);

    const auto av1 = announced(announce_body(2));
    EXPECT_EQ(av1.video.codec, Codec::Av1);
    EXPECT_EQ(av1.video.slices_per_frame, 4u);
    EXPECT_EQ(av1.video.max_reference_frames, 1u);
    EXPECT_EQ(av1.video.bitrate_kbps, 14'988u);
    EXPECT_FALSE(av1.video.mark_dscp || av1.audio.mark_dscp) << "a remote client";
    EXPECT_EQ(av1.encryption, (Encryption{.control = true, .audio = true}));
    EXPECT_EQ(av1.audio.layout, standard_layout(2, true));

    EXPECT_EQ(announced(announce_body(3)).encryption, Encryption{});
    Terms strict;
    strict.offer.codecs = everything();
    strict.mandatory.control = true;
    EXPECT_EQ(read_announce(announce_body(3), strict).error().status, 403);
}

TEST(Announce, AudioIsEncryptedByEitherFlag) {
    // The second flag comes also from clients that were offered nothing.
    Terms nothing;
    nothing.offer.supported = {};
    const auto body = replaced(announce_body(3), "x-nv-general.featureFlags:135", "x-nv-general.featureFlags:167");
    EXPECT_EQ(announced(body, nothing).encryption, (Encryption{.audio = true}));
    Terms without_video;
    without_video.offer.supported.video = false;
    without_video.offer.codecs = everything();
    EXPECT_FALSE(read_announce(announce_body(1), without_video)) << "the client turned on what was not offered";
}

TEST(Announce, WhatIsMissingHasItsKnownMeaning) {
    std::string body = announce_body(1);
    for (const char* name :
         {"x-ml-general.featureFlags", "x-ss-general.encryptionEnabled", "x-ss-video[0].chromaSamplingType",
          "x-ml-video.configuredBitrateKbps", "x-nv-vqos[0].qosTrafficType", "x-nv-aqos.qosTrafficType",
          "x-nv-general.featureFlags", "x-nv-vqos[0].fec.minRequiredFecPackets", "x-nv-vqos[0].bitStreamFormat",
          "x-nv-video[0].dynamicRangeMode", "x-nv-video[0].clientRefreshRateX100", "x-nv-aqos.packetDuration",
          "x-nv-video[0].encoderCscMode", "x-nv-clientSupportHevc", "x-nv-video[0].rateControlMode"})
        body = without_attribute(std::move(body), name);
    const auto config = announced(body);
    EXPECT_EQ(config.video.codec, Codec::H264);
    EXPECT_FALSE(config.video.ten_bit || config.video.full_range);
    EXPECT_EQ(config.video.colour_space, ColourSpace::Bt601);
    EXPECT_EQ(config.video.refresh_millihertz, 120'000u);
    EXPECT_EQ(config.video.bitrate_kbps, 32'000u) << "maximumBitrateKbps is the client's own budget";
    EXPECT_EQ(config.video.min_parity_packets, 0u);
    EXPECT_TRUE(config.video.mark_dscp && config.audio.mark_dscp);
    EXPECT_EQ(config.audio.packet_ms, 5u);
    EXPECT_EQ(config.encryption, Encryption{});
    EXPECT_FALSE(config.reports_fec_status || config.knows_ping_payload);
    EXPECT_TRUE(announced(body + "a=x-ss-video[0].intraRefresh:1 \r\na=x-new.thing:abc\r\n").video.intra_refresh);
    EXPECT_TRUE(announced(body + "a=x-ss-video[0].chromaSamplingType:1 \r\n").video.yuv444);
}

TEST(Announce, WhatMustBeThereOrInRangeIsNamed) {
    const std::string good = announce_body(0);
    const auto why = [](const std::string& body) {
        Terms terms;
        terms.offer.codecs = everything();
        const auto config = read_announce(body, terms);
        EXPECT_FALSE(config) << body;
        if (config) return std::string();
        EXPECT_EQ(config.error().status, 400);
        return config.error().why;
    };
    for (const std::string name :
         {"x-nv-audio.surround.numChannels", "x-nv-audio.surround.channelMask", "x-nv-audio.surround.AudioQuality",
          "x-nv-video[0].packetSize", "x-nv-video[0].clientViewportWd", "x-nv-video[0].clientViewportHt",
          "x-nv-video[0].maxFPS", "x-nv-vqos[0].bw.maximumBitrateKbps", "x-nv-video[0].videoEncoderSlicesPerFrame",
          "x-nv-video[0].maxNumReferenceFrames"}) {
        const auto body = without_attribute(good, name);
        EXPECT_THAT(why(body), HasSubstr(name + " is missing"));
        for (const char* bad : {"", "x", "-1", "1e3", "99999999999", "0x10", "1 2"})
            EXPECT_THAT(why(body + "a=" + name + ":" + bad + "\r\n"), HasSubstr(name + " is malformed"));
    }
    const std::pair<const char*, const char*> out_of_range[] = {
        {"packetSize:1024", "packetSize:1023"},
        {"packetSize:1024", "packetSize:48"},
        {"packetSize:1024", "packetSize:65520"},
        {"clientViewportWd:1280", "clientViewportWd:0"},
        {"clientViewportWd:1280", "clientViewportWd:8193"},
        {"clientViewportHt:720", "clientViewportHt:721"},
        {"maxFPS:30", "maxFPS:0"},
        {"numChannels:2", "numChannels:4"},
        {"packetDuration:5", "packetDuration:6"},
        {"packetDuration:5", "packetDuration:20"},
        {"bitStreamFormat:0", "bitStreamFormat:3"},
        {"encoderCscMode:2", "encoderCscMode:6"},
        {"maximumBitrateKbps:8000", "maximumBitrateKbps:0"},
        {"useReliableUdp:13", "useReliableUdp:1"},
        {"minRequiredFecPackets:2", "minRequiredFecPackets:256"}};
    for (const auto& [part, with] : out_of_range) why(replaced(good, part, with));
    why(without_attribute(good, "x-nv-general.useReliableUdp"));
    why(good + "a=x-nv-video[0].maxFPS:60\r\n");
    std::string many = good;
    for (size_t i = 0; i < kMaxAttributes; ++i) many += fmt::format("a=n{}:1\n", i);
    why(many);
}

TEST(Announce, OnlyFormatsTheHostEncodes) {
    Terms terms;
    terms.offer.codecs.h264.main = true;
    EXPECT_TRUE(read_announce(announce_body(0), terms));
    EXPECT_FALSE(read_announce(announce_body(1), terms));
    EXPECT_FALSE(read_announce(announce_body(2), terms));
    EXPECT_FALSE(read_announce(replaced(announce_body(0), "chromaSamplingType:0", "chromaSamplingType:1"), terms));
    terms.offer.codecs.hevc.main = true;
    EXPECT_FALSE(read_announce(announce_body(1), terms)) << "Main10 was asked for";
    terms.offer.codecs.hevc.main10 = true;
    EXPECT_TRUE(read_announce(announce_body(1), terms));
}

TEST(Announce, RefreshRates) {
    const auto refresh = [](const char* fps, const char* x100) {
        return announced(replaced(replaced(announce_body(0), "maxFPS:30", fmt::format("maxFPS:{}", fps)),
                                  "clientRefreshRateX100:6000", fmt::format("clientRefreshRateX100:{}", x100)))
            .video.refresh_millihertz;
    };
    EXPECT_EQ(refresh("60", "5994"), 59'940u);
    EXPECT_EQ(refresh("60", "6060"), 60'600u);
    EXPECT_EQ(refresh("60", "6061"), 60'000u);
    EXPECT_EQ(refresh("60", "0"), 60'000u);
    EXPECT_EQ(refresh("60", "4294967295"), 60'000u);
    EXPECT_EQ(refresh("59940", "5994"), 59'940u);
    EXPECT_EQ(refresh("1000000", "0"), 1'000'000u);
}

TEST(Announce, AClientsOwnLayoutIsWhatItWillDecode) {
    Terms terms;
    terms.offer.surround_params = "85370124563";
    EXPECT_EQ(announced(announce_body(1), terms).audio.layout.mapping,
              (std::array<uint8_t, 8>{7, 0, 1, 2, 4, 5, 6, 3}));
    EXPECT_EQ(announced(announce_body(1), terms).audio.layout.bitrate_kbps, 2048u);
    EXPECT_EQ(announced(announce_body(0), terms).audio.layout, standard_layout(2, true)) << "for 8 channels only";
    const auto normal = replaced(announce_body(1), "AudioQuality:1", "AudioQuality:0");
    EXPECT_EQ(announced(normal, terms).audio.layout.mapping, (std::array<uint8_t, 8>{7, 0, 1, 3, 2, 4, 5, 6}));
    const auto body = describe(terms.offer);
    const size_t first = body.find("surround-params=85370124563"),
                 second = body.find("surround-params=85370124563", first + 1);
    EXPECT_LT(second, body.find("surround-params=85301245673"));
    for (const char* bad : {"8", "853", "85301245677", "8530124567", "86301234567", "21101x", "31201", "95401234567"}) {
        EXPECT_EQ(parse_surround_params(bad, false), std::nullopt) << bad;
        terms.offer.surround_params = bad;
        EXPECT_EQ(describe(terms.offer), describe({}));
    }
}

TEST(Bitrate, IsSharedAsDescribed) {
    EXPECT_EQ(video_bitrate_kbps(20'000, 20, 2, true), 14'988u);
    EXPECT_EQ(video_bitrate_kbps(20'000, 81, 2, true), 20'000u - 512 - 500);
    EXPECT_EQ(video_bitrate_kbps(500, 20, 8, true), 400u - 80 - 32) << "sound takes a fifth at most, the rest a tenth";
    EXPECT_TRUE(rc::check("never more than was configured, never nothing", [] {
        const auto kbps = *rc::gen::inRange<uint32_t>(1, 10'000'000);
        const auto percentage = *rc::gen::inRange<uint32_t>(0, 101);
        const auto left =
            video_bitrate_kbps(kbps, percentage, *rc::gen::element<uint32_t>(2, 6, 8), *rc::gen::arbitrary<bool>());
        RC_ASSERT(left > 0 && left <= kbps);
    }));
}

TEST(Describe, SaysWhatTheHostCan) {
    Offer offer;
    offer.codecs = everything();
    offer.pen_and_touch = offer.controller_touch_and_motion = offer.invalidates_reference_frames = true;
    EXPECT_EQ(
        describe(offer),
        "a=x-ss-general.featureFlags:3\na=x-ss-general.encryptionSupported:7\na=x-ss-general.encryptionRequested:0\n"
        "x-nv-video[0].refPicInvalidation=1\nsprop-parameter-sets=AAAAAU\na=rtpmap:98 AV1/90000\n"
        "a=fmtp:97 surround-params=21101\na=fmtp:97 surround-params=642012453\na=fmtp:97 surround-params=660012345\n"
        "a=fmtp:97 surround-params=85301245673\na=fmtp:97 surround-params=88001234567\n");
    offer = {};
    offer.codecs.h264.main = true;
    offer.supported.video = false;
    offer.requested = {.control = true, .audio = true};
    EXPECT_THAT(describe(offer), testing::AllOf(HasSubstr("featureFlags:0\n"), HasSubstr("encryptionSupported:5\n"),
                                                HasSubstr("encryptionRequested:5\n"), Not(HasSubstr("sprop")),
                                                Not(HasSubstr("AV1")), Not(HasSubstr("refPicInvalidation"))));
}

TEST(Message, HostileHeadsAreRefused) {
    const std::string good = "OPTIONS rtsp://h RTSP/1.0\r\nCSeq: 1\r\n\r\n";
    ASSERT_TRUE(parse_request(good));
    EXPECT_EQ(parse_request(replaced(good, "CSeq: 1", "cseq:  1 ")).value().sequence, 1u);
    for (const std::string& bad :
         {std::string(), std::string("\r\n\r\n"), replaced(good, "RTSP/1.0", "RTSP/2.0"),
          replaced(good, "RTSP/1.0", "HTTP/1.1"), replaced(good, " rtsp://h", ""), replaced(good, "OPTIONS", ""),
          replaced(good, "CSeq: 1", "CSeq: -1"), replaced(good, "CSeq: 1", "CSeq"), replaced(good, "CSeq: 1", ": 1"),
          replaced(good, "CSeq: 1", "X: 1"), replaced(good, "CSeq: 1", "CSeq: 1\r\nCSeq: 2"),
          replaced(good, "CSeq: 1", "CSeq: 1\tx"), good + "x", good.substr(0, good.size() - 1),
          replaced(good, "\r\n\r\n", "\r\nContent-length: 1\r\n\r\n"),
          replaced(good, "\r\n\r\n", "\r\nContent-length: -1\r\n\r\n"),
          replaced(good, "\r\n\r\n", "\r\nContent-length: 4294967297\r\n\r\n")})
        EXPECT_EQ(parse_request(bad).error().code, ErrorCode::ProtocolViolation) << bad;
    std::string many = "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n";
    for (size_t i = 0; i < kMaxHeaders; ++i) many += fmt::format("X{}: 1\r\n", i);
    EXPECT_FALSE(parse_request(many + "\r\n"));
}

TEST(Reader, PiecesDoNotMatter) {
    EXPECT_TRUE(rc::check("a request arrives in any pieces", [] {
        const auto& wires = vectors("rtsp_encryption").at("messages");
        const size_t which = *rc::gen::inRange<size_t>(0, 7 + wires.size());
        const std::string message = which < 7 ? request(which) : "";
        const Bytes wire =
            which < 7 ? Bytes(message.begin(), message.end()) : from_hex(text(wires.at(which - 7), "wire")).value();
        RequestReader reader;
        ByteView rest(wire);
        while (true) {
            const size_t piece = std::min<size_t>(*rc::gen::inRange<size_t>(1, 600), rest.size());
            const auto result = reader.push(rest.first(piece));
            rest = rest.subspan(piece);
            RC_ASSERT(result.has_value());
            RC_ASSERT(result->has_value() == rest.empty());
            if (!rest.empty()) continue;
            if (which < 7) {
                RC_ASSERT(std::get<PlainMessage>(**result).text == message);
            } else {
                RC_ASSERT(std::get<SealedMessage>(**result).ciphertext == parse_sealed(wire)->ciphertext);
            }
            RC_ASSERT(!reader.push(bytes_of("x")).has_value());
            return;
        }
    }));
}

TEST(Reader, IsBounded) {
    const std::string head = "ANNOUNCE x RTSP/1.0\r\nCSeq: 1\r\n";
    EXPECT_FALSE(RequestReader().push(bytes_of(head + "Content-length: 65536\r\n\r\n")))
        << "the whole message is bounded, not the body alone";
    EXPECT_FALSE(RequestReader().push(bytes_of(request(0) + "x"))) << "one request for each connection";
    EXPECT_FALSE(RequestReader().push(bytes_of(head + "nonsense\r\n\r\n")));
    RequestReader endless;
    bool refused = false;
    for (size_t i = 0; i <= kMaxMessage && !refused; ++i) refused = !endless.push(bytes_of("A"));
    EXPECT_TRUE(refused);
    EXPECT_FALSE(endless.push(bytes_of("A")));
    for (const char* header : {"80000000", "80010001", "ffffffff"})
        EXPECT_FALSE(RequestReader().push(*from_hex(header))) << header;
    RequestReader largest;
    EXPECT_TRUE(largest.push(*from_hex("80010000")));
    EXPECT_EQ(RequestReader().push({}).value(), std::nullopt);
}

TEST(Handshake, InPlainText) {
    Session desk = session(setup(false));
    const auto answers = run(desk, 7);
    for (const auto& answer : answers) expect_acceptable(answer);
    EXPECT_EQ(answers[0], "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n");
    EXPECT_EQ(answers[1].substr(answers[1].find("\r\n\r\n") + 4), describe(setup(false).offer));
    EXPECT_EQ(answers[2],
              "RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: DEADBEEFCAFE;timeout = 90\r\nTransport: server_port=48000\r\n"
              "X-SS-Ping-Payload: 1314287C0FA52D2B\r\n\r\n");
    EXPECT_THAT(answers[3],
                testing::AllOf(HasSubstr("server_port=47998\r\n"), HasSubstr("X-SS-Ping-Payload: 2314287C0FA52D2B")));
    EXPECT_THAT(answers[4],
                testing::AllOf(HasSubstr("server_port=47999\r\n"), HasSubstr("X-SS-Connect-Data: 4000000000\r\n")));
    EXPECT_TRUE(desk.playing());
    ASSERT_TRUE(desk.config());
    EXPECT_EQ(desk.config()->video.width, 1280u);
    EXPECT_FALSE(desk.config()->audio.high_quality) << "the Host header was 0.0.0.0";
    EXPECT_FALSE(desk.expired(kStart + 1h));
    EXPECT_EQ(status_of(desk.answer(plain(request(6)), kStart)), 455) << "PLAY comes once";
}

TEST(Handshake, Sealed) {
    Session desk = session(setup(true));
    const auto client = MessageCipher::create(vector_secret()).value();
    uint32_t sequence = 8;  // a client's counter goes on from its earlier sessions
    for (size_t i = 0; i < 7; ++i, ++sequence) {
        const auto answer = desk.answer(*parse_sealed(client.seal(request(i), sequence, Sender::Client)), kStart);
        ASSERT_TRUE(answer) << i;
        EXPECT_EQ(answer->announced.has_value(), i == 5);
        EXPECT_EQ(answer->play, i == 6);
        const auto sealed = parse_sealed(answer->bytes);
        ASSERT_TRUE(sealed);
        EXPECT_EQ(sealed->sequence, i + 1) << "never one twice under a key";
        expect_acceptable(client.open(*sealed, Sender::Host).value());
    }
}

TEST(Handshake, WhatIsNotSealedForItIsNotAnswered) {
    Session desk = session(setup(true));
    const auto client = MessageCipher::create(vector_secret()).value();
    auto other_secret = vector_secret();
    other_secret.key.bytes[0] ^= 1;
    const auto other = MessageCipher::create(other_secret).value();
    const auto sealed = [&](const MessageCipher& cipher, uint32_t sequence, Sender sender = Sender::Client) {
        return Received(*parse_sealed(cipher.seal(request(0), sequence, sender)));
    };
    EXPECT_FALSE(desk.answer(plain(request(0)), kStart));
    EXPECT_FALSE(desk.answer(sealed(other, 1), kStart));
    EXPECT_FALSE(desk.answer(sealed(client, 1, Sender::Host), kStart)) << "our own words come back";
    EXPECT_TRUE(desk.answer(sealed(client, 5), kStart));
    EXPECT_FALSE(desk.answer(sealed(client, 5), kStart)) << "a replay";
    EXPECT_FALSE(desk.answer(sealed(client, 4), kStart));
    EXPECT_TRUE(desk.answer(sealed(client, 6), kStart));
    EXPECT_FALSE(desk.answer(*parse_sealed(client.seal("nonsense", 7, Sender::Client)), kStart));
    Session open = session(setup(false));
    EXPECT_FALSE(open.answer(sealed(client, 1), kStart));
}

TEST(Handshake, OrderIsKept) {
    const auto status = [](size_t done, const std::string& next) {
        Session desk = session(setup(false));
        run(desk, done);
        return status_of(desk.answer(plain(next), kStart));
    };
    EXPECT_EQ(status(0, request(5)), 455) << "ANNOUNCE without SETUP";
    EXPECT_EQ(status(4, request(5)), 455) << "ANNOUNCE without the control stream";
    EXPECT_EQ(status(5, request(6)), 455) << "PLAY without ANNOUNCE";
    EXPECT_EQ(status(6, request(5)), 455) << "ANNOUNCE twice";
    EXPECT_EQ(status(6, request(2)), 455) << "SETUP after ANNOUNCE";
    EXPECT_EQ(status(7, request(0)), 455) << "anything after PLAY";
    EXPECT_EQ(status(5, replaced(request(5), "Session: DEADBEEFCAFE\r\n", "")), 454);
    EXPECT_EQ(status(6, replaced(request(6), "Session: DEADBEEFCAFE\r\n", "")), 454);
    EXPECT_EQ(status(5, replaced(request(5), "DEADBEEFCAFE", "DEADBEEFCAFF")), 0) << "another session's";
    EXPECT_EQ(status(0, replaced(request(2), "audio/0/0", "smell/0/0")), 404);
    EXPECT_EQ(status(0, replaced(request(0), "OPTIONS", "TEARDOWN")), 501);
    EXPECT_EQ(status(5, replaced(request(5), "packetSize:1024", "packetSize:1023")), 400);
}

TEST(Handshake, ARefusedAnnounceStartsNothing) {
    auto strict = setup(false);
    strict.mandatory.video = true;
    Session desk = session(std::move(strict));
    run(desk, 5);
    const auto answer = desk.answer(plain(request(5)), kStart);
    EXPECT_EQ(status_of(answer), 403);
    EXPECT_FALSE(answer->announced || answer->play || desk.config());
    EXPECT_THAT(answer->refused, HasSubstr("mandatory"));
    EXPECT_EQ(status_of(desk.answer(plain(request(6)), kStart)), 455);
}

TEST(Handshake, ALaunchThatIsNotFollowedExpires) {
    Session desk = session(setup(false));
    EXPECT_FALSE(desk.expired(kStart + Session::kPatience - 1ms));
    EXPECT_TRUE(desk.expired(kStart + Session::kPatience));
    EXPECT_TRUE(desk.answer(plain(request(0)), kStart + 5s));
    EXPECT_FALSE(desk.expired(kStart + 5s + Session::kPatience - 1ms));
    EXPECT_FALSE(desk.answer(plain(request(1)), kStart + 5s + Session::kPatience));
}

TEST(Ids, AreAsClientsNeedThem) {
    const auto a = SessionIds::fresh(), b = SessionIds::fresh();
    for (const auto& ping : {a.audio_ping, a.video_ping}) EXPECT_EQ(ping.size(), 16u) << "else clients send four bytes";
    EXPECT_NE(a.session, b.session);
    EXPECT_NE(a.video_ping, b.video_ping);
    EXPECT_NE(a.connect_data, b.connect_data);
    EXPECT_NE(a.connect_data, 0u);
}

TEST(Pending, EveryRequestFindsItsSession) {
    PendingSessions pending;
    auto second_setup = setup(true);
    second_setup.secret.key.bytes[5] ^= 0xff;
    const auto first_client = MessageCipher::create(vector_secret()).value();
    const auto second_client = MessageCipher::create(second_setup.secret).value();
    const uint64_t first = pending.add(session(setup(true)), "first", "192.0.2.1");
    const uint64_t second = pending.add(session(std::move(second_setup)), "second", "192.0.2.2");
    const uint64_t third = pending.add(session(setup(false)), "third", "192.0.2.3");
    const auto id_of = [&](const Received& received, std::string_view peer) {
        const auto routed = pending.answer(received, peer, kStart);
        return routed ? routed->id : 0;
    };
    EXPECT_EQ(id_of(*parse_sealed(first_client.seal(request(0), 1, Sender::Client)), "anywhere"), first);
    EXPECT_EQ(id_of(*parse_sealed(second_client.seal(request(0), 1, Sender::Client)), "anywhere"), second);
    EXPECT_EQ(id_of(plain(request(0)), "192.0.2.3"), third);
    EXPECT_EQ(id_of(plain(request(0)), "192.0.2.1"), 0u) << "plain text for a sealed session";
    EXPECT_EQ(id_of(plain(request(0)), "192.0.2.9"), 0u);

    EXPECT_TRUE(pending.take(first));
    EXPECT_FALSE(pending.take(first));
    const uint64_t again = pending.add(session(setup(true)), "second", "192.0.2.2");
    EXPECT_FALSE(pending.take(second)) << "a launch supersedes the client's earlier one";
    EXPECT_EQ(pending.expire(kStart + Session::kPatience), (std::vector<uint64_t>{third, again}));
    EXPECT_EQ(pending.size(), 0u);
    for (size_t i = 0; i < PendingSessions::kMax + 3; ++i) pending.add(session(setup(true)), std::to_string(i), "");
    EXPECT_EQ(pending.size(), PendingSessions::kMax);
}

}  // namespace punktfunk::rtsp
