#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "address.hpp"
#include "calls.hpp"
#include "launch_policy.hpp"
#include "punktfunk/base/hex.hpp"
#include "xml.hpp"

namespace punktfunk::nvhttp {

namespace {

constexpr Access kPlain{}, kStranger{.tls = true}, kPaired{.tls = true, .authorised = true};
constexpr std::string_view kHead = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
constexpr std::string_view kLaunch =
    "/launch?uniqueid=0123456789ABCDEF&uuid=x&appid=881448767&mode=1920x1080x60&additionalStates=1&sops=1"
    "&rikey=000102030405060708090A0B0C0D0E0F&rikeyid=-791166965&hdrMode=1&clientHdrCapVersion=0"
    "&localAudioPlayMode=0&surroundAudioInfo=4128774&remoteControllersBitmap=3&gcmap=3&gcpersist=1&corever=1";

const nlohmann::json& vectors(const char* group) {
    static const auto document = nlohmann::json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json"));
    return document.at(group);
}

template <typename T>
T call(std::string_view target, Access access) {
    auto routed = route(target, access);
    EXPECT_TRUE(routed) << target << ": " << routed.error().body;
    if (!routed || !std::holds_alternative<T>(*routed)) {
        ADD_FAILURE() << target << " is another call";
        return {};
    }
    return std::get<T>(std::move(*routed));
}

std::string refusal(std::string_view target, Access access) {
    const auto routed = route(target, access);
    EXPECT_FALSE(routed) << target;
    return routed ? "" : routed.error().body;
}

std::string without(std::string text, std::string_view part) {
    return text.erase(text.find(part), part.size());
}
std::string replaced(std::string text, std::string_view part, std::string_view with) {
    return text.replace(text.find(part), part.size(), with);
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

HostInfo desk() {
    HostInfo host;
    host.hostname = "Desk & <Co>";
    host.unique_id = "00112233445566778899aabbccddeeff";
    host.codecs.h264.main = host.codecs.hevc.main = host.codecs.hevc.main10 = true;
    return host;
}

}  // namespace

TEST(Query, IsReadWhateverItsOrder) {
    const auto request = parse_request_line("GET /pair?b=%4a%4B&a=1+2&flag&b=JK HTTP/1.1");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->path, "/pair");
    EXPECT_EQ(request->query.size(), 3u);
    EXPECT_EQ(request->query.find("a"), "1 2");
    EXPECT_EQ(request->query.find("b"), "JK");
    EXPECT_EQ(request->query.find("flag"), "");
    EXPECT_EQ(request->query.find("c"), std::nullopt);
    EXPECT_TRUE(parse_target("/serverinfo"));
    EXPECT_TRUE(parse_target("/serverinfo?"));
}

TEST(Query, HostileBytesAreRefused) {
    for (const char* target : {"/a?x=%", "/a?x=%4", "/a?x=%zz", "/a?x=%00", "/a?x=%0d%0aLocation:", "/a?x=1&x=2",
                               "/a\nb", "serverinfo", "", "http://host/serverinfo", "/a?x=\x7f", "/a b"}) {
        const auto request = parse_target(target);
        EXPECT_FALSE(request) << target;
        EXPECT_EQ(request.error().code, ErrorCode::ProtocolViolation);
        EXPECT_TRUE(contains(refusal(target, kPlain), "status_code=\"400\"")) << target;
    }
    std::string longest(kMaxRequestLine, 'a');
    longest[0] = '/';
    EXPECT_TRUE(parse_target(longest));
    EXPECT_FALSE(parse_target(longest + 'a'));
    std::string many = "/a?";
    for (size_t i = 0; i < kMaxParameters; ++i) many += fmt::format("p{}=&", i);
    EXPECT_TRUE(parse_target(many));
    EXPECT_FALSE(parse_target(many + "one=more"));
    EXPECT_EQ(parse_request_line("POST /pair HTTP/1.1").error().code, ErrorCode::Unsupported);
    for (const char* line : {"", "GET", "GET /", "GET /HTTP/1.1", "GET / HTTP/2", "GET  HTTP/1.1", "\x16\x03\x01"})
        EXPECT_FALSE(parse_request_line(line)) << line;
}

TEST(Query, EncodedAnyTextComesBack) {
    EXPECT_TRUE(rc::check("percent-encoding is undone", [](const std::string& text) {
        std::string encoded;
        for (const char c : text) encoded += fmt::format("%{:02x}", static_cast<unsigned char>(c));
        const auto query = Query::parse("x=" + encoded);
        const bool control = std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
        RC_ASSERT(query.has_value() == !control);
        if (query) RC_ASSERT(query->find("x") == text);
    }));
}

TEST(Route, StrangersReachOnlyWhatStrangersMay) {
    EXPECT_TRUE(route("/serverinfo", kPlain));
    EXPECT_TRUE(route("/serverinfo", kPaired));
    for (const char* target : {"/applist", "/appasset?appid=1", "/launch", "/resume", "/cancel"}) {
        for (const Access access : {kPlain, kStranger}) {
            const auto refused = route(target, access);
            ASSERT_FALSE(refused) << target;
            EXPECT_EQ(refused.error().http_status, 200) << "any other status hides the reason from clients";
            EXPECT_TRUE(contains(refused.error().body, "status_code=\"401\"")) << target;
        }
    }
    EXPECT_TRUE(contains(refusal("/serverinfo", kStranger), "status_code=\"401\""));
    EXPECT_EQ(route("/nonsense", kPaired).error().http_status, 404);
    EXPECT_EQ(call<UnpairCall>("/unpair?uniqueid=ab", kPlain).unique_id, "ab");
    EXPECT_EQ(call<AppAssetCall>("/appasset?appid=7&AssetType=2&AssetIdx=0", kPaired).app_id, 7);
    EXPECT_TRUE(contains(refusal("/appasset?appid=x", kPaired), "400"));
    // Over plain HTTP an authorised flag means nothing: there is no certificate.
    EXPECT_FALSE(route("/applist", Access{.tls = false, .authorised = true}));
}

TEST(Launch, EveryParameterIsRead) {
    const auto launch = call<LaunchCall>(kLaunch, kPaired);
    EXPECT_FALSE(launch.resume);
    EXPECT_EQ(launch.app_id, 881448767);
    EXPECT_EQ(launch.mode, (DisplayMode{1920, 1080, 60000}));
    EXPECT_EQ(to_hex(launch.secret.key.bytes), "000102030405060708090a0b0c0d0e0f");
    EXPECT_EQ(launch.secret.key_id, 3503800331u);
    EXPECT_TRUE(launch.may_change_mode && launch.hdr && launch.keep_gamepads);
    EXPECT_FALSE(launch.play_audio_on_host || launch.continuous_audio);
    EXPECT_EQ(launch.audio, (AudioChannels{6, 63}));
    EXPECT_EQ(launch.gamepads, 3u);
    EXPECT_TRUE(launch.encrypts_rtsp());
    EXPECT_EQ(launch.surround_params, "");

    const auto more = call<LaunchCall>(
        std::string(kLaunch) + "&surroundParams=85301245673&continuousAudio=1&virtualDisplay=1&scaleFactor=100",
        kPaired);
    EXPECT_EQ(more.surround_params, "85301245673");
    EXPECT_TRUE(more.continuous_audio);

    const auto resume = call<LaunchCall>("/resume?rikey=000102030405060708090A0B0C0D0E0F&rikeyid=1", kPaired);
    EXPECT_TRUE(resume.resume);
    EXPECT_EQ(resume.app_id, 0);
    EXPECT_EQ(resume.mode, std::nullopt);
    EXPECT_EQ(resume.audio, AudioChannels{});
    EXPECT_FALSE(resume.encrypts_rtsp()) << "a client of core version 0 does not know rtspenc";
}

TEST(Launch, WhatIsMissingOrMalformedIsNamed) {
    const std::string launch(kLaunch);
    const struct {
        std::string target;
        std::string_view named;
    } cases[] = {
        {without(launch, "&appid=881448767"), "appid is missing"},
        {replaced(launch, "881448767", "0"), "appid is malformed"},
        {replaced(launch, "881448767", "2147483648"), "appid is malformed"},
        {without(launch, "&rikeyid=-791166965"), "rikeyid is missing"},
        {without(launch, "&rikey=000102030405060708090A0B0C0D0E0F"), "rikey is missing"},
        {replaced(launch, "0C0D0E0F", "0C0D0E"), "rikey is malformed"},
        {replaced(launch, "0C0D0E0F", "0C0D0E0G"), "rikey is malformed"},
        {replaced(launch, "-791166965", "2147483648"), "rikeyid is malformed"},
        {replaced(launch, "1920x1080x60", "1920x1080x0"), "mode is malformed"},
        {replaced(launch, "4128774", "4128771"), "surroundAudioInfo is malformed"},
        {replaced(launch, "gcmap=3", "gcmap=-1"), "gcmap is malformed"},
        {launch + "&surroundParams=12345678901234", "surroundParams is malformed"},
        {launch + "&surroundParams=%3Cx%3E", "surroundParams is malformed"},
    };
    for (const auto& [target, named] : cases) {
        const std::string body = refusal(target, kPaired);
        EXPECT_TRUE(contains(body, "status_code=\"400\"") && contains(body, named)) << target << "\n" << body;
        EXPECT_TRUE(contains(body, "<gamesession>0</gamesession>")) << body;
        EXPECT_FALSE(contains(body, "0C0D")) << "the key is in the answer";
    }
    EXPECT_TRUE(contains(refusal("/resume?rikeyid=1", kPaired), "<resume>0</resume>"));
}

TEST(Launch, Modes) {
    EXPECT_EQ(parse_mode("1x8192x1"), (DisplayMode{1, 8192, 1000}));
    EXPECT_EQ(parse_mode("3840x2160x59.94"), (DisplayMode{3840, 2160, 59940}));
    EXPECT_EQ(parse_mode("3840x2160x59940"), (DisplayMode{3840, 2160, 59940}));
    EXPECT_EQ(parse_mode("800x600x23.976024"), (DisplayMode{800, 600, 23976}));
    EXPECT_EQ(parse_mode("800x600x1000"), (DisplayMode{800, 600, 1'000'000}));
    for (const char* text : {"", "x", "xx", "800x600", "800x600x", "0x600x60", "800x0x60", "8193x600x60", "800x600x0",
                             "800x600x60.", "800x600x60.x", "800x600x59940.5", "800x600x1000001", "-1x600x60",
                             "800x600x60x60", " 800x600x60", "800x600x1000.5", "99999999999x1x1"})
        EXPECT_EQ(parse_mode(text), std::nullopt) << text;
}

TEST(Vectors, KeyIdsAndSurroundInfo) {
    for (const auto& vector : vectors("rikeyid").at("cases")) {
        const auto id = parse_key_id(vector.at("rikeyid_query_text").get<std::string>());
        EXPECT_EQ(id, vector.at("u32").get<uint32_t>());
        EXPECT_EQ(*id, static_cast<uint32_t>(std::stoul(vector.at("iv_first4").get<std::string>(), nullptr, 16)));
    }
    const auto info = [](const char* name) {
        return parse_surround_audio_info(std::to_string(vectors("surroundAudioInfo").at(name).get<uint32_t>()));
    };
    EXPECT_EQ(info("stereo"), (AudioChannels{2, 3}));
    EXPECT_EQ(info("5.1"), (AudioChannels{6, 63}));
    EXPECT_EQ(info("7.1"), (AudioChannels{8, 1599}));
}

TEST(Launch, IsRefusedInWords) {
    auto launch = call<LaunchCall>(kLaunch, kPaired);
    LaunchConditions conditions;
    EXPECT_FALSE(refuse_launch(launch, conditions));
    const auto refused = [&](int code) {
        const auto response = refuse_launch(launch, conditions);
        ASSERT_TRUE(response) << code;
        EXPECT_TRUE(contains(response->body, "status_code=\"" + std::to_string(code) + '"')) << response->body;
        EXPECT_TRUE(contains(response->body, launch.resume ? "<resume>0" : "<gamesession>0")) << response->body;
    };
    conditions.running_app = 5;
    refused(400);
    conditions = {.app_exists = false};
    refused(404);
    conditions = {.can_encode = false};
    refused(503);
    conditions = {.encryption_mandatory = true};
    EXPECT_FALSE(refuse_launch(launch, conditions));
    launch.client_version = 0;
    refused(403);

    launch.resume = true;
    conditions = {};
    refused(503);
    conditions.running_app = 5;
    refused(400);
    launch.app_id = 0;
    EXPECT_FALSE(refuse_launch(launch, conditions));
    launch.app_id = 5;
    EXPECT_FALSE(refuse_launch(launch, conditions));
}

TEST(Launch, AKeyIsGoodForOneSession) {
    UsedKeys used;
    SessionSecret secret;
    EXPECT_TRUE(used.insert(secret));
    secret.key_id = 7;
    EXPECT_FALSE(used.insert(secret)) << "another id does not make it another key";
    for (uint32_t i = 1; i < UsedKeys::kCapacity; ++i) {
        store_le<uint32_t>(secret.key.bytes.data(), i);
        EXPECT_TRUE(used.insert(secret));
    }
    EXPECT_FALSE(used.insert({}));
    store_le<uint32_t>(secret.key.bytes.data(), 0xffffffff);
    EXPECT_TRUE(used.insert(secret));
    EXPECT_TRUE(used.insert({})) << "the oldest of more than kCapacity is forgotten";
}

TEST(ServerInfo, ToAPairedClient) {
    const auto response = server_info(
        desk(), {.access = kPaired, .local_address = "192.168.1.5", .mac = "aa:bb:cc:dd:ee:ff", .running_app = 7});
    EXPECT_EQ(response.http_status, 200);
    EXPECT_EQ(response.content_type, "application/xml");
    EXPECT_EQ(response.body, std::string(kHead) +
                                 "<root status_code=\"200\"><hostname>Desk &amp; &lt;Co&gt;</hostname>"
                                 "<appversion>7.1.431.-1</appversion><GfeVersion>3.23.0.74</GfeVersion>"
                                 "<uniqueid>00112233445566778899aabbccddeeff</uniqueid><HttpsPort>47984</HttpsPort>"
                                 "<ExternalPort>47989</ExternalPort><MaxLumaPixelsHEVC>1869449984</MaxLumaPixelsHEVC>"
                                 "<mac>aa:bb:cc:dd:ee:ff</mac><LocalIP>192.168.1.5</LocalIP>"
                                 "<ServerCodecModeSupport>769</ServerCodecModeSupport><PairStatus>1</PairStatus>"
                                 "<currentgame>7</currentgame><state>PUNKTFUNK_SERVER_BUSY</state></root>\n");
}

TEST(ServerInfo, ToAStranger) {
    HostInfo host = desk();
    host.http_port = 1000;
    host.external_ip = "203.0.113.9";
    host.external_port = 2000;
    host.codecs.hevc = {};
    for (const Access access : {kPlain, Access{.tls = false, .authorised = true}}) {
        const auto body =
            server_info(
                host, {.access = access, .local_address = "2001:db8::1", .mac = "aa:bb:cc:dd:ee:ff", .running_app = 7})
                .body;
        for (const char* part : {"<PairStatus>0<", "<currentgame>0<", "_SERVER_FREE</state>", "<mac>00:00:00:00:00:00<",
                                 "<LocalIP>127.0.0.1<", "<ExternalIP>203.0.113.9<", "<ExternalPort>2000<",
                                 "<MaxLumaPixelsHEVC>0<", "<ServerCodecModeSupport>1<"})
            EXPECT_TRUE(contains(body, part)) << part << "\n" << body;
        EXPECT_FALSE(contains(body, "MJOLNIR"));
    }
}

TEST(CodecSupport, Bits) {
    CodecSupport codecs;
    EXPECT_FALSE(codecs.any());
    codecs.h264.main = codecs.hevc.main = codecs.hevc.main10 = codecs.av1.main = codecs.av1.main10 = true;
    EXPECT_EQ(codecs.server_codec_mode_support(), 197377u);
    EXPECT_TRUE(codecs.supports(Codec::Av1, true, false));
    EXPECT_FALSE(codecs.supports(Codec::Av1, true, true));
    codecs.h264.main10 = true;
    EXPECT_FALSE(codecs.supports(Codec::H264, true, false)) << "there is no such profile";
    const Profiles all{true, true, true, true};
    EXPECT_EQ((CodecSupport{{}, all, {}}).server_codec_mode_support(), 0x180300u);
    EXPECT_EQ((CodecSupport{{}, {}, all}).server_codec_mode_support(), 0x630000u);
    EXPECT_EQ((CodecSupport{all, {}, {}}).server_codec_mode_support(), 0x40001u);
}

TEST(Address, AsGameStreamWritesIt) {
    EXPECT_EQ(ipv4_or_loopback("192.168.1.5"), "192.168.1.5");
    EXPECT_EQ(ipv4_or_loopback("::ffff:192.168.1.5"), "192.168.1.5");
    EXPECT_EQ(ipv4_or_loopback("fe80::1%eth0"), "127.0.0.1");
    EXPECT_EQ(ipv4_or_loopback("desk"), "127.0.0.1");
    EXPECT_EQ(session_url("192.168.1.5", 48010, true), "rtspenc://192.168.1.5:48010");
    EXPECT_EQ(session_url("::ffff:192.168.1.5", 48010, false), "rtsp://192.168.1.5:48010");
    EXPECT_EQ(session_url("2001:db8::1", 48010, true), "rtspenc://[2001:db8::1]:48010");
    EXPECT_EQ(session_url("fe80::1%eth0", 1, false), "rtsp://[fe80::1]:1");
}

TEST(Answers, AsClientsReadThem) {
    EXPECT_EQ(session_started(false, "rtspenc://192.168.1.5:48010").body,
              std::string(kHead) +
                  "<root status_code=\"200\"><sessionUrl0>rtspenc://192.168.1.5:48010</sessionUrl0>"
                  "<gamesession>1</gamesession></root>\n");
    EXPECT_TRUE(contains(session_started(true, "rtsp://h:1").body, "<resume>1</resume>"));
    EXPECT_TRUE(contains(cancel_answer().body, "<cancel>1</cancel>"));
    EXPECT_EQ(image("\x89PNG").content_type, "image/png");
    const App apps[] = {
        {1, "Desktop", true}, {0, "no id", false}, {-4, "negative", false}, {2, "a<b>&\"c\"\x01\xff", false}};
    EXPECT_EQ(app_list(apps).body,
              std::string(kHead) +
                  "<root status_code=\"200\"><App><IsHdrSupported>1</IsHdrSupported>"
                  "<AppTitle>Desktop</AppTitle><ID>1</ID></App><App><IsHdrSupported>0</IsHdrSupported>"
                  "<AppTitle>a&lt;b&gt;&amp;&quot;c&quot;\xEF\xBF\xBD\xEF\xBF\xBD</AppTitle><ID>2</ID></App></root>\n");
    EXPECT_EQ(error_response(503, "no \"encoder\"").body,
              std::string(kHead) + "<root status_code=\"503\" status_message=\"no &quot;encoder&quot;\"></root>\n");
    const uint8_t bytes[] = {0xab, 0x01};
    EXPECT_EQ(pair_accepted("plaincert", bytes).body,
              std::string(kHead) + "<root status_code=\"200\"><paired>1</paired><plaincert>ab01</plaincert></root>\n");
    EXPECT_TRUE(contains(pair_refused(200, "").body, "status_code=\"200\"><paired>0</paired>"));
}

TEST(Pair, PhasesAreTyped) {
    const std::string common = "/pair?uniqueid=0123456789ABCDEF&uuid=1&devicename=roth&updateState=1";
    const auto phase = [&]<typename T>(const std::string& rest, T*) {
        auto pair = call<PairCall>(common + rest, kPlain);
        EXPECT_EQ(pair.unique_id, "0123456789ABCDEF");
        EXPECT_EQ(pair.device_name, "roth");
        EXPECT_TRUE(std::holds_alternative<T>(pair.phase)) << rest;
        return std::holds_alternative<T>(pair.phase) ? std::get<T>(pair.phase) : T{};
    };
    const std::string salt = "&salt=00112233445566778899AABBCCDDEEFF";
    const auto first =
        phase("&phrase=getservercert" + salt + "&clientcert=2d2d", (pair_phase::GetServerCertificate*){});
    EXPECT_EQ(to_hex(first.salt), "00112233445566778899aabbccddeeff");
    EXPECT_EQ(first.salt_text, "00112233445566778899AABBCCDDEEFF");
    EXPECT_EQ(first.client_certificate_pem, "--");
    const std::string block(32, 'a');
    EXPECT_EQ(to_hex(phase("&clientchallenge=" + block, (pair_phase::ClientChallenge*){}).encrypted), block);
    EXPECT_EQ(
        to_hex(phase("&serverchallengeresp=" + block + block, (pair_phase::ServerChallengeResponse*){}).encrypted),
        block + block);
    const auto last = phase("&clientpairingsecret=" + block + "0102", (pair_phase::ClientPairingSecret*){});
    EXPECT_EQ(to_hex(last.secret), block);
    EXPECT_EQ(to_hex(last.signature), "0102");

    const std::string malformed[] = {"",
                                     "&phrase=nonsense",
                                     "&phrase=getservercert" + salt,
                                     "&phrase=getservercert&clientcert=2d",
                                     "&phrase=getservercert&salt=00&clientcert=2d",
                                     "&phrase=getservercert" + salt + "&clientcert=2",
                                     "&phrase=getservercert" + salt + "&clientcert=2d&clientchallenge=" + block,
                                     "&clientchallenge=aa",
                                     "&clientchallenge=" + block + block,
                                     "&serverchallengeresp=" + block,
                                     "&clientpairingsecret=" + block,
                                     "&clientpairingsecret=zz",
                                     "&clientchallenge=" + block + "&serverchallengeresp=" + block + block};
    for (const std::string& rest : malformed) phase(rest, (pair_phase::Malformed*){});
    EXPECT_TRUE(
        std::holds_alternative<pair_phase::Malformed>(call<PairCall>("/pair?clientchallenge=" + block, kPlain).phase))
        << "no uniqueid";
}

TEST(Pair, TheLastPhaseIsForPairedTlsOnlyAndTheOthersForPlainHttpOnly) {
    const std::string last = "/pair?uniqueid=1&phrase=pairchallenge";
    EXPECT_TRUE(route(last, kPaired));
    EXPECT_TRUE(contains(refusal(last, kPlain), "<paired>0</paired>"));
    EXPECT_TRUE(contains(refusal(last, kStranger), "<paired>0</paired>"));
    EXPECT_TRUE(
        contains(refusal("/pair?uniqueid=1&clientchallenge=" + std::string(32, 'a'), kPaired), "<paired>0</paired>"));
}

TEST(Xml, AnythingBecomesWellFormed) {
    EXPECT_TRUE(rc::check("no byte of a name leaves its element", [](const std::string& text) {
        const std::string escaped = xml_escape(text);
        RC_ASSERT(escaped.find_first_of("<>\"") == std::string::npos);
        RC_ASSERT(std::ranges::none_of(escaped, [](unsigned char c) { return c < 0x20 && c != '\t'; }));
    }));
}

}  // namespace punktfunk::nvhttp
