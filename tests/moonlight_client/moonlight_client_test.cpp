// The client's own pieces against the specification's vectors, and that it is as strict as it says.
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "bitstream_rules.hpp"
#include "ceremony.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/x509.hpp"
#include "punktfunk/gs_video/packetizer.hpp"
#include "punktfunk/moonlight_client/rtsp.hpp"
#include "punktfunk/moonlight_client/sdp.hpp"
#include "punktfunk/moonlight_client/xml.hpp"
#include "video_receiver.hpp"

namespace punktfunk::moonlight_client {
namespace {

using nlohmann::json;

const json& vectors(const char* group) {
    static const auto document = json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json"));
    return document.at(group);
}

std::string hex(const json& object, const char* name) {
    return object.at(name).get<std::string>();
}

Secret secret_of(const json& object, const char* name) {
    Secret secret{};
    std::ranges::copy(*from_hex(hex(object, name)), secret.begin());
    return secret;
}

TEST(Vectors, Pairing) {
    const json& group = vectors("pairing");
    const Bytes key = *from_hex(hex(group, "client_private_key_pkcs8_der"));
    const uint8_t* at = key.data();
    const crypto::Key parsed(::d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(key.size())));
    const std::unique_ptr<BIO, crypto::Deleter<::BIO_free_all>> text(::BIO_new(::BIO_s_mem()));
    ::PEM_write_bio_PKCS8PrivateKey(text.get(), parsed.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* pem = nullptr;
    const auto length = static_cast<size_t>(BIO_get_mem_data(text.get(), &pem));
    const auto self = crypto::parse_identity(hex(group, "client_cert_pem_text"), {pem, length});
    ASSERT_TRUE(self) << self.error().message;

    const auto begin = [&](const char* pin) {
        auto ceremony = ClientCeremony::create(*self, hex(group, "host_cert_pem_text"), secret_of(group, "salt"), pin);
        ceremony->set_randoms(secret_of(group, "client_random_challenge"), secret_of(group, "client_secret"));
        return std::move(*ceremony);
    };
    const auto response = *from_hex(hex(group.at("phase2"), "response_challengeresponse"));
    const auto host_secret = *from_hex(hex(group.at("phase3"), "response_pairingsecret"));
    ClientCeremony ceremony = begin("1234");
    EXPECT_EQ(to_hex(ceremony.challenge()), hex(group.at("phase2"), "request_clientchallenge"));
    EXPECT_EQ(to_hex(ceremony.answer_challenge(response).value()),
              hex(group.at("phase3"), "request_serverchallengeresp"));
    EXPECT_TRUE(ceremony.check_host(host_secret));
    EXPECT_EQ(to_hex(ceremony.secret().value()), hex(group.at("phase4"), "request_clientpairingsecret"));

    auto forged = host_secret;
    forged.back() ^= 1;
    EXPECT_FALSE(ceremony.check_host(forged));
    ClientCeremony wrong = begin("1235");
    (void)wrong.answer_challenge(response).value();
    EXPECT_FALSE(wrong.check_host(host_secret));
}

TEST(Vectors, Announcement) {
    const StreamWish wish{.width = 1280, .height = 720, .fps = 30, .bitrate_kbps = 10'000};
    EXPECT_EQ(announce_body({.wish = wish, .encryption = 1, .host_ip = "127.0.0.1", .video_port = 47998}),
              vectors("announce_sdp").at("samples")[0].at("body_text").get<std::string>());
}

TEST(Vectors, SurroundLayouts) {
    for (const bool high : {false, true}) {
        for (const auto& entry : vectors("surround_params").at(high ? "high" : "normal")) {
            const auto value = entry.at("value").get<std::string>();
            const auto channels = static_cast<uint32_t>(value[0] - '0');
            const std::string line = "a=fmtp:97 surround-params=" + value + "\n";
            const auto layout = choose_layout(read_describe(line + line), channels, high);
            ASSERT_TRUE(layout);
            const auto mapping = entry.at("client_mapping").get<std::vector<int>>();
            EXPECT_TRUE(std::equal(mapping.begin(), mapping.end(), layout->mapping.begin())) << value;
        }
    }
    EXPECT_EQ(choose_layout(HostOffer{}, 6, false), (OpusStreams{6, 4, 2, {0, 4, 1, 5, 2, 3}}));
    EXPECT_FALSE(choose_layout(HostOffer{}, 8, false));
}

TEST(Sdp, EncryptionIsNegotiated) {
    const auto offer = [](uint32_t supported, uint32_t requested) {
        return HostOffer{.encryption_supported = supported, .encryption_requested = requested, .body = {}};
    };
    EXPECT_EQ(choose_encryption(offer(0, 0), {.encrypt_video = true, .encrypt_audio = true}), 0u);
    EXPECT_EQ(choose_encryption(offer(7, 0), {}), 1u);
    EXPECT_EQ(choose_encryption(offer(7, 6), {}), 7u);
    EXPECT_EQ(choose_encryption(offer(7, 0), {.encrypt_video = true}), 3u);
}

TEST(Rtsp, AnswersAreReadAsStrictlyAsClientsDo) {
    const auto good = parse_rtsp_answer("RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: A;timeout = 90\r\n\r\nbody");
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_EQ(good->headers.at("Session"), "A;timeout = 90");
    EXPECT_EQ(good->body, "body");
    for (const char* bad : {"RTSP/1.1 200 OK\r\nCSeq: 1\r\n\r\n", "RTSP/1.0 200\r\nCSeq: 1\r\n\r\n",
                            "RTSP/1.0 200 OK\r\n\r\n", "RTSP/1.0 200 OK\r\nCSeq: 1\r\n",
                            "RTSP/1.0 200 OK\r\nCSeq:1\r\n\r\n", "RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: \r\n\r\n"}) {
        EXPECT_FALSE(parse_rtsp_answer(bad)) << bad;
    }
}

TEST(Xml, IsWellFormedOrNone) {
    const auto root = parse_xml(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<root status_code=\"200\"><a>x &amp; y</a><b/></root>\n");
    ASSERT_TRUE(root) << root.error().message;
    EXPECT_EQ(root->attributes.at("status_code"), "200");
    EXPECT_EQ(root->text_of("a"), "x & y");
    EXPECT_NE(root->child("b"), nullptr);
    for (const char* bad : {"", "<root>", "<root></toor>", "<root a=1/>", "<root>&</root>", "<root>&nbsp;</root>",
                            "<a/><b/>", "<root a=\"1\" a=\"2\"/>"}) {
        EXPECT_FALSE(parse_xml(bad)) << bad;
    }
}

// --- video -----------------------------------------------------------------------------------------------------------

const Bytes kIdr{0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 4, 5, 6};
const Bytes kPredicted{0, 0, 0, 1, 0x41, 7, 8, 9};

struct Watched {
    std::vector<std::string> faults;
    std::vector<gs_control::ClientMessage> sent;
    size_t decoded = 0;
    VideoReceiver receiver;
    gs_video::Packetizer packetizer;

    explicit Watched(VideoReceiver::Options options = {})
        : receiver(*VideoReceiver::create(options, {.send = [this](const auto& message) { sent.push_back(message); },
                                                    .fault = [this](std::string what) { faults.push_back(what); },
                                                    .decode =
                                                        [this](ByteView, bool) {
                                                            ++decoded;
                                                            return true;
                                                        }})),
          packetizer(*gs_video::Packetizer::create(video_config(options))) {}
    Watched(const Watched&) = delete;

    static gs_video::VideoConfig video_config(const VideoReceiver::Options& options) {
        gs_video::VideoConfig config{.packet_bytes = static_cast<uint16_t>(options.packet_bytes), .key = {}};
        if (options.encrypted) config.key = {options.key};
        return config;
    }
    using Change = std::function<bool(size_t packet, std::span<uint8_t> datagram)>;
    // `change` alters a datagram on its way, and answers whether it arrives.
    void send(ByteView access_unit, gs_video::FrameType type, const Change& change = {}) {
        const auto batch = packetizer.packetize(access_unit, {.type = type, .rtp_timestamp = ++time_ * 3000}).value();
        for (size_t i = 0; i < batch.count; ++i) {
            Bytes datagram(batch.packet_bytes);
            std::ranges::copy(batch.arena.subspan(i * batch.packet_bytes, batch.packet_bytes), datagram.begin());
            if (!change || change(i, datagram)) receiver.push(datagram);
        }
    }
    void idr(const Change& change = {}) { send(kIdr, gs_video::FrameType::Idr, change); }
    void predicted(const Change& change = {}) { send(kPredicted, gs_video::FrameType::Predicted, change); }
    template <typename T>
    [[nodiscard]] size_t count() const {
        return static_cast<size_t>(
            std::ranges::count_if(sent, [](const auto& m) { return std::holds_alternative<T>(m); }));
    }

  private:
    uint32_t time_ = 0;
};

bool lost(size_t, std::span<uint8_t>) {
    return false;
}

TEST(Video, AGoodStreamHasNoFault) {
    for (const bool encrypted : {false, true}) {
        Watched watched({.encrypted = encrypted, .key = {1, 2, 3}});
        watched.idr();
        for (int i = 0; i < 5; ++i) watched.predicted();
        EXPECT_EQ(watched.faults, std::vector<std::string>{});
        EXPECT_EQ(watched.decoded, 6u);
        EXPECT_TRUE(watched.sent.empty());
    }
}

TEST(Video, WhatAStockClientTripsOverIsAFault) {
    const auto faults_with = [](const Watched::Change& change) {
        Watched watched;
        watched.idr(change);
        watched.predicted(change);
        return watched.faults.size();
    };
    EXPECT_EQ(faults_with([](size_t, auto) { return true; }), 0u);
    const auto put = [&](size_t at, uint8_t value) {
        return faults_with([=](size_t, std::span<uint8_t> datagram) {
            datagram[at] = value;
            return true;
        });
    };
    EXPECT_GT(put(0, 0x80), 0u) << "no extension bit";
    EXPECT_GT(put(2, 0x80), 0u) << "sequence";
    EXPECT_GT(put(20, 0), 0u) << "frame number 0";
    EXPECT_GT(put(20, 9), 0u) << "another first frame";
    EXPECT_GT(put(24, 1), 0u) << "no SOF and EOF";
    EXPECT_GT(put(35, 1), 0u) << "the type of a frame";
    {
        Watched watched;
        watched.predicted();
        EXPECT_FALSE(watched.faults.empty()) << "no IDR first";
    }
    {
        Bytes late = kIdr;
        Bytes sei{0, 0, 0, 1, 6};
        sei.resize(1400, 0x55);
        late.insert(late.begin(), sei.begin(), sei.end());
        Watched watched;
        watched.send(late, gs_video::FrameType::Idr);
        EXPECT_EQ(watched.faults.size(), 1u) << "the slice begins in the second packet";
    }
    {
        Watched watched({.packet_bytes = 1040});
        Watched smaller({.packet_bytes = 1024});
        const auto batch = smaller.packetizer.packetize(kIdr, {.type = gs_video::FrameType::Idr}).value();
        Bytes datagram(batch.arena.begin() + static_cast<ptrdiff_t>(batch.packet_bytes),
                       batch.arena.begin() + static_cast<ptrdiff_t>(2 * batch.packet_bytes));
        watched.receiver.push(datagram);
        EXPECT_FALSE(watched.faults.empty()) << "packets of another size";
    }
}

TEST(Video, AnIdrBeginsWithItsParameterSetsInTheFirstPacket) {
    const Bytes vps{0, 0, 1, 0x40, 1, 9}, sps{0, 0, 1, 0x42, 1, 9}, pps{0, 0, 1, 0x44, 1, 9},
        slice{0, 0, 1, 0x26, 1, 9};
    const auto fault = [](std::initializer_list<Bytes> units) {
        Bytes all;
        for (const Bytes& unit : units) all.insert(all.end(), unit.begin(), unit.end());
        return fault_of_idr(Codec::Hevc, all, 1000).has_value();
    };
    const Bytes delimiter{0, 0, 1, 0x46, 1, 0x50};
    EXPECT_FALSE(fault({vps, sps, pps, slice}));
    EXPECT_FALSE(fault({delimiter, vps, sps, pps, slice}));
    EXPECT_TRUE(fault({sps, pps, slice}));
    EXPECT_TRUE(fault({slice}));
    EXPECT_TRUE(fault({vps, sps, pps}));
    EXPECT_TRUE(fault({vps, Bytes(2000, 0x55), sps, pps, slice}));
}

TEST(Video, AnAv1FrameIsWhatItsTypeSaysAndEndsWhereItsLastPacketDoes) {
    const Bytes key{0x12, 0, 0x0A, 2, 9, 9, 0x32, 3, 1, 2, 3}, predicted{0x12, 0, 0x32, 3, 1, 2, 3};
    const auto faults_with = [&](ByteView second, gs_video::FrameType type, const Watched::Change& change = {}) {
        Watched watched({.codec = Codec::Av1});
        watched.send(key, gs_video::FrameType::Idr);
        watched.send(second, type, change);
        EXPECT_EQ(watched.decoded, 2u);
        return watched.faults.size();
    };
    EXPECT_EQ(faults_with(predicted, gs_video::FrameType::Predicted), 0u);
    EXPECT_EQ(faults_with(key, gs_video::FrameType::Idr), 0u);
    EXPECT_EQ(faults_with(predicted, gs_video::FrameType::Idr), 1u);
    EXPECT_EQ(faults_with(key, gs_video::FrameType::Predicted), 1u);
    EXPECT_EQ(faults_with(predicted, gs_video::FrameType::Predicted,
                          [](size_t, std::span<uint8_t> datagram) {
                              ++datagram[36];  // lastPayloadLen
                              return true;
                          }),
              1u);
}

TEST(Video, ALostFrameAsksForAnIdr) {
    Watched watched;
    watched.idr();
    watched.predicted(lost);
    EXPECT_EQ(watched.count<gs_control::RequestIdr>(), 0u);
    watched.predicted();
    watched.predicted();
    EXPECT_EQ(watched.count<gs_control::RequestIdr>(), 1u) << "once";
    EXPECT_EQ(watched.decoded, 1u) << "nothing is decoded until it comes";
    watched.idr();
    watched.predicted();
    EXPECT_EQ(watched.decoded, 3u);
    EXPECT_TRUE(watched.faults.empty());
}

TEST(Video, ALostFrameIsInvalidatedWhereBothEndsCan) {
    Watched watched({.invalidates_frames = true});
    watched.idr();
    watched.predicted(lost);
    watched.predicted();
    watched.predicted();
    ASSERT_EQ(watched.count<gs_control::InvalidateFrames>(), 2u);
    EXPECT_EQ(std::get<gs_control::InvalidateFrames>(watched.sent[0]), (gs_control::InvalidateFrames{2, 3}));
    EXPECT_EQ(std::get<gs_control::InvalidateFrames>(watched.sent[1]), (gs_control::InvalidateFrames{2, 4}));
    watched.send(kPredicted, gs_video::FrameType::AfterInvalidation);
    EXPECT_EQ(watched.decoded, 2u);
}

TEST(Video, FramesWithoutParityAndFullOnesAreCounted) {
    Watched watched({.packet_bytes = 1024});
    watched.idr();
    Bytes large = kPredicted;
    large.resize(700'000, 1);
    watched.send(large, gs_video::FrameType::Predicted);
    watched.send(kPredicted, gs_video::FrameType::Predicted, [](size_t, std::span<uint8_t> datagram) {
        datagram[28] &= 0x0F;  // the percentage
        datagram[29] &= 0xF0;
        return true;
    });
    EXPECT_EQ(watched.receiver.counts().full_frames, 1u);
    EXPECT_EQ(watched.receiver.counts().unprotected_frames, 1u);
    EXPECT_GT(watched.receiver.counts().most_shards, 150u);
    EXPECT_LE(watched.receiver.counts().most_shards, 255u);
}

TEST(Video, ARecoveryIsReported) {
    Watched watched;
    watched.idr([](size_t packet, auto) { return packet != 0; });
    watched.predicted();
    EXPECT_EQ(watched.decoded, 2u);
    ASSERT_EQ(watched.count<gs_control::FrameFecStatus>(), 1u);
    const auto status = std::get<gs_control::FrameFecStatus>(watched.sent[0]);
    EXPECT_EQ(status.frame, 1u);
    EXPECT_EQ(status.total_data, 1);
    EXPECT_EQ(status.received_data, 0);
    EXPECT_EQ(status.total_parity, 2);
}

}  // namespace
}  // namespace punktfunk::moonlight_client
