// What the host offers in DESCRIBE, and what it reads out of ANNOUNCE.
#include "captured_client.hpp"

namespace punktfunk::rtsp {

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

TEST(Announce, AnOddWidthBecomesEven) {
    EXPECT_EQ(announced(replaced(announce_body(0), "clientViewportWd:1280", "clientViewportWd:1281")).video.width,
              1280u);
    EXPECT_FALSE(read_announce(replaced(announce_body(0), "clientViewportWd:1280", "clientViewportWd:1"),
                               {.offer = {.codecs = everything()}, .mandatory = {}}));
}

TEST(Announce, SoundFitsIntoItsDatagrams) {
    const auto kbps = [](int channels, int quality, int packet_ms) {
        std::string body = replaced(announce_body(0), "numChannels:2", fmt::format("numChannels:{}", channels));
        body = replaced(body, "AudioQuality:0", fmt::format("AudioQuality:{}", quality));
        return announced(replaced(body, "packetDuration:5", fmt::format("packetDuration:{}", packet_ms)))
            .audio.layout.bitrate_kbps;
    };
    EXPECT_EQ(kbps(8, 1, 5), 2048u) << "1280 bytes";
    EXPECT_EQ(kbps(6, 1, 5), 1536u);
    EXPECT_EQ(kbps(8, 0, 10), 450u);
    for (const int channels : {2, 6, 8}) EXPECT_LE(kbps(channels, 1, 10) * 10 / 8, 1360u) << channels;
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

}  // namespace punktfunk::rtsp
