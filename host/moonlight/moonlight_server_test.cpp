// The GameStream host's front on real sockets: what clients are answered from the first contact to RTSP, and what
// strangers and vandals are.
#include "punktfunk/moonlight/moonlight_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <random>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/rtsp/sealed_message.hpp"
#include "punktfunk/testing/temp_directory.hpp"
#include "test_client.hpp"
#include "test_peer.hpp"

namespace punktfunk::moonlight {

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// Nothing is streamed here: a host without a compositor.
class NoDisplays final : public display::DisplayBackend {
  public:
    [[nodiscard]] std::string_view name() const override { return "none"; }
    [[nodiscard]] std::string description() const override { return "none"; }
    Result<std::unique_ptr<display::VirtualDisplay>> create(const display::Mode&) override {
        return fail(ErrorCode::NotAvailable, "this host has no displays");
    }
};

std::vector<encode::ProbeResult> two_encoders() {
    return {{"libx264", encode::Codec::H264, true, ""}, {"libx265", encode::Codec::Hevc, true, ""}};
}

const crypto::Identity& host_identity() {
    static const auto identity = crypto::generate_identity(crypto::IdentityKind::Host).value();
    return identity;
}

class Running {
  public:
    explicit Running(const std::filesystem::path& config_dir, const char* bind = "127.0.0.1",
                     std::vector<encode::ProbeResult> probed = two_encoders(), bool all_codecs = false) {
        server_ = MoonlightServer::start(thread_.io(),
                                         {.bind = boost::asio::ip::make_address(bind),
                                          .port_base = 0,
                                          .identity = host_identity(),
                                          .hostname = "Tom & Jerry",
                                          .unique_id = "00112233445566778899aabbccddeeff",
                                          .config_dir = config_dir,
                                          .all_codecs = all_codecs,
                                          .other_sessions = {}},
                                         {.display = &displays_}, probed)
                      .value();
        ports_ = server_->ports();
        thread_.start();
    }
    ~Running() {
        thread_.there([this] { return server_.reset(), 0; });
    }
    [[nodiscard]] const Ports& ports() const { return ports_; }
    template <typename Function>
    auto there(Function function) {
        return thread_.there([&] { return function(*server_); });
    }
    Result<WaitingInfo> type_pin(const std::string& pin, const std::string& name = "") {
        return there([&](MoonlightServer& server) { return server.enter_pin(0, pin, name); });
    }
    [[nodiscard]] bool somebody_waits() {
        return eventually([&] { return there([](MoonlightServer& s) { return s.waiting().size(); }) == 1; });
    }
    [[nodiscard]] boost::asio::ip::tcp::endpoint at(uint16_t port) const {
        return {boost::asio::ip::address_v4::loopback(), port};
    }

  private:
    NoDisplays displays_;
    IoThread thread_;
    std::unique_ptr<MoonlightServer> server_;
    Ports ports_;
};

struct MoonlightFront : testing::Test {
    test::TempDirectory directory;
    std::unique_ptr<Running> host = std::make_unique<Running>(directory.path());

    TestClient client() { return {host->ports().http, host->ports().https}; }
    bool pair(TestClient& client, const std::string& shown = "1234", const std::string& typed = "1234",
              const std::string& name = "") {
        auto first = std::async(std::launch::async, [&] { return client.begin_pairing(); });
        EXPECT_TRUE(host->somebody_waits());
        EXPECT_TRUE(host->type_pin(typed, name));
        return first.get() && client.finish_pairing(shown);
    }
    static std::string info(const TestClient& client) { return client.https("/serverinfo?uniqueid=1&uuid=2"); }
};

UniqueFd connect_to(uint16_t port) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
}

constexpr const char* kSecrets[] = {"/serverinfo",
                                    "/applist",
                                    "/appasset?appid=1",
                                    "/launch?appid=1",
                                    "/resume",
                                    "/cancel",
                                    "/pair?uniqueid=1&phrase=pairchallenge"};

}  // namespace

TEST_F(MoonlightFront, ServerInfoSaysWhatIsTrue) {
    auto moonlight = client();
    const std::string stranger = moonlight.http("/serverinfo?uniqueid=1&uuid=2");
    EXPECT_EQ(TestClient::status(stranger), "200");
    EXPECT_EQ(TestClient::element(stranger, "hostname"), "Tom &amp; Jerry");
    EXPECT_EQ(TestClient::element(stranger, "uniqueid"), "00112233445566778899aabbccddeeff");
    EXPECT_EQ(TestClient::element(stranger, "HttpsPort"), std::to_string(host->ports().https));
    EXPECT_EQ(TestClient::element(stranger, "ExternalPort"), std::to_string(host->ports().http));
    EXPECT_EQ(TestClient::element(stranger, "ServerCodecModeSupport"), "1") << "HEVC by the CPU is not offered";
    EXPECT_EQ(TestClient::element(stranger, "LocalIP"), "127.0.0.1");
    EXPECT_EQ(TestClient::element(stranger, "PairStatus"), "0");
    ASSERT_TRUE(pair(moonlight));
    const std::string friendly = info(moonlight);
    EXPECT_EQ(TestClient::element(friendly, "PairStatus"), "1");
    EXPECT_EQ(TestClient::element(friendly, "currentgame"), "0");
    EXPECT_THAT(TestClient::element(friendly, "state"), testing::EndsWith("_SERVER_FREE"));
    EXPECT_EQ(TestClient::element(moonlight.http("/serverinfo"), "PairStatus"), "0");
}

TEST_F(MoonlightFront, OffersWhatIsFastAndTheRestIfItIsTold) {
    const auto offered = [&](std::vector<encode::ProbeResult> probed, bool all) {
        host.reset();
        host = std::make_unique<Running>(directory.path(), "127.0.0.1", std::move(probed), all);
        return TestClient::element(client().http("/serverinfo"), "ServerCodecModeSupport");
    };
    const auto cpu = two_encoders();
    EXPECT_EQ(offered(cpu, false), "1");
    EXPECT_EQ(offered(cpu, true), "257");
    auto gpu = cpu;
    gpu.push_back({"hevc_vaapi", encode::Codec::Hevc, false, "no GPU"});
    EXPECT_EQ(offered(gpu, false), "1");
    gpu.back().available = true;
    EXPECT_EQ(offered(gpu, false), "257");
}

TEST_F(MoonlightFront, OneWildcardTakesBothFamilies) {
    host.reset();
    host = std::make_unique<Running>(directory.path(), "::");
    TestClient six(host->ports().http, host->ports().https, "::1"), four = client();
    EXPECT_EQ(TestClient::status(four.http("/serverinfo")), "200");
    EXPECT_EQ(TestClient::element(six.http("/serverinfo"), "LocalIP"), "127.0.0.1");
    ASSERT_TRUE(pair(four));
    EXPECT_THAT(TestClient::element(four.launch("launch", 1), "gamesession"), "0") << "no such app";
    ASSERT_TRUE(pair(six, "4321", "4321"));
    const std::string desktop = TestClient::element(six.https("/applist"), "ID");
    EXPECT_EQ(TestClient::element(six.launch("launch", std::stoi(desktop)), "sessionUrl0"),
              "rtspenc://[::1]:" + std::to_string(host->ports().rtsp));
}

TEST_F(MoonlightFront, AClientPairsAndStaysPaired) {
    auto right = client(), wrong = client();
    EXPECT_FALSE(host->type_pin("1234")) << "nobody waits";
    EXPECT_FALSE(pair(wrong, "1234", "4321"));
    (void)::poll(nullptr, 0, 1100);  // one attempt a second
    ASSERT_TRUE(pair(right, "0042", "0042", "Living room"));
    EXPECT_EQ(TestClient::status(wrong.https("/applist")), "401");
    host.reset();
    host = std::make_unique<Running>(directory.path());
    const auto paired = host->there([](MoonlightServer& server) { return server.paired(); });
    ASSERT_EQ(paired.size(), 1u);
    EXPECT_EQ(paired[0].name, "Living room");
    EXPECT_EQ(paired[0].fingerprint, right.identity().fingerprint);
    right.move_to(host->ports().http, host->ports().https);
    EXPECT_EQ(TestClient::element(info(right), "PairStatus"), "1");
    ASSERT_TRUE(host->there([&](MoonlightServer& server) { return server.unpair(right.identity().fingerprint); }));
    EXPECT_EQ(TestClient::status(info(right)), "401");
}

TEST_F(MoonlightFront, StrangersAreToldSoWithoutAHandshakeThatBreaks) {
    auto stranger = client();
    for (const char* secret : kSecrets) {
        for (const bool with_certificate : {true, false}) {
            const std::string answer = stranger.https(secret, with_certificate);
            EXPECT_EQ(TestClient::status(answer), "401") << secret;
        }
        if (std::string_view(secret) != "/serverinfo") {
            EXPECT_EQ(TestClient::status(stranger.http(secret)), "401") << secret;
        }
    }
    EXPECT_EQ(TestClient::status(stranger.http("/unpair?uniqueid=0123456789ABCDEF")), "200");
}

TEST_F(MoonlightFront, AppsAndTheirPictures) {
    ASSERT_TRUE(write_file_atomic(directory.path() / "apps.json",
                                  R"({"apps": [{"name": "A <b> & c", "command": "true", "image": "none.png"}]})"));
    auto moonlight = client();
    ASSERT_TRUE(pair(moonlight));
    const std::string list = moonlight.https("/applist?uniqueid=1&uuid=2");
    EXPECT_THAT(list, HasSubstr("<AppTitle>Desktop</AppTitle>"));
    EXPECT_THAT(list, HasSubstr("<AppTitle>A &lt;b&gt; &amp; c</AppTitle>"));
    EXPECT_THAT(list, Not(HasSubstr("<IsHdrSupported>1"))) << "no HDR is captured";
    const std::string id = TestClient::element(list, "ID");
    EXPECT_GT(std::stoi(id), 0);
    const std::string art = moonlight.https("/appasset?appid=" + id + "&AssetType=2&AssetIdx=0");
    EXPECT_EQ(art.substr(1, 3), "PNG");
    EXPECT_EQ(TestClient::status(moonlight.https("/appasset?appid=7&AssetType=2&AssetIdx=0")), "404");
}

TEST_F(MoonlightFront, AnAppRunsUntilItIsCancelled) {
    auto one = client(), other = client();
    ASSERT_TRUE(pair(one));
    ASSERT_TRUE(pair(other));
    const std::string desktop = TestClient::element(one.https("/applist"), "ID");
    EXPECT_EQ(TestClient::element(one.launch("resume", std::stoi(desktop)), "resume"), "0") << "nothing runs";
    const std::string started = one.launch("launch", std::stoi(desktop));
    EXPECT_EQ(TestClient::element(started, "gamesession"), "1");
    EXPECT_EQ(TestClient::element(started, "sessionUrl0"), "rtspenc://127.0.0.1:" + std::to_string(host->ports().rtsp));
    EXPECT_EQ(TestClient::element(info(one), "currentgame"), desktop);
    EXPECT_THAT(TestClient::element(info(one), "state"), testing::EndsWith("_SERVER_BUSY"));
    EXPECT_EQ(TestClient::element(info(other), "currentgame"), "0") << "clients do not wait for each other";
    EXPECT_EQ(TestClient::element(other.launch("launch", std::stoi(desktop)), "gamesession"), "1");

    const std::string again = one.https("/resume?appid=" + desktop + "&rikey=" + one.session_key + "&rikeyid=1");
    EXPECT_EQ(TestClient::element(again, "resume"), "0") << "the key was used";
    EXPECT_EQ(TestClient::element(one.launch("resume", std::stoi(desktop)), "resume"), "1");
    EXPECT_EQ(TestClient::element(one.https("/cancel"), "cancel"), "1");
    EXPECT_EQ(TestClient::element(info(one), "currentgame"), "0");
    EXPECT_THAT(TestClient::element(info(one), "state"), testing::EndsWith("_SERVER_FREE"));
    EXPECT_EQ(TestClient::element(info(other), "currentgame"), desktop);
}

TEST_F(MoonlightFront, AHostWithoutEncoderRefusesInWords) {
    host.reset();
    host = std::make_unique<Running>(directory.path(), "127.0.0.1", std::vector<encode::ProbeResult>{});
    auto moonlight = client();
    ASSERT_TRUE(pair(moonlight));
    const std::string desktop = TestClient::element(moonlight.https("/applist"), "ID");
    const std::string answer = moonlight.launch("launch", std::stoi(desktop));
    EXPECT_EQ(TestClient::status(answer), "503");
    EXPECT_THAT(answer, HasSubstr("encoder"));
}

TEST_F(MoonlightFront, WhoLaunchesIsAnsweredOverRtspWithItsKey) {
    auto moonlight = client();
    ASSERT_TRUE(pair(moonlight));
    const std::string desktop = TestClient::element(moonlight.https("/applist"), "ID");
    ASSERT_EQ(TestClient::element(moonlight.launch("launch", std::stoi(desktop)), "gamesession"), "1");
    nvhttp::SessionSecret secret;
    std::ranges::copy(from_hex(moonlight.session_key).value(), secret.key.bytes.begin());
    const auto cipher = rtsp::MessageCipher::create(secret).value();
    const auto ask = [&](const std::string& request, uint32_t sequence) {
        const Bytes sealed = cipher.seal(request, sequence, rtsp::Sender::Client);
        TestPeer peer(host->at(host->ports().rtsp));
        peer.send({reinterpret_cast<const char*>(sealed.data()), sealed.size()});
        const std::string answer = peer.read_to_end();
        EXPECT_EQ(peer.ended, boost::asio::error::eof);
        const auto message = rtsp::parse_sealed({reinterpret_cast<const uint8_t*>(answer.data()), answer.size()});
        return message ? cipher.open(*message, rtsp::Sender::Host).value_or("") : "";
    };
    EXPECT_THAT(ask("OPTIONS rtspenc://127.0.0.1 RTSP/1.0\r\nCSeq: 1\r\n\r\n", 9), HasSubstr("RTSP/1.0 200 OK"));
    EXPECT_EQ(ask("OPTIONS rtspenc://127.0.0.1 RTSP/1.0\r\nCSeq: 1\r\n\r\n", 9), "") << "said again";
    EXPECT_THAT(ask("DESCRIBE rtspenc://127.0.0.1 RTSP/1.0\r\nCSeq: 2\r\n\r\n", 10), HasSubstr("surround-params"));
    EXPECT_EQ(TestPeer(host->at(host->ports().rtsp)).send("OPTIONS x RTSP/1.0\r\nCSeq: 1\r\n\r\n").read_to_end(), "");
    ASSERT_EQ(TestClient::element(moonlight.https("/cancel"), "cancel"), "1");
    EXPECT_EQ(ask("DESCRIBE rtspenc://127.0.0.1 RTSP/1.0\r\nCSeq: 3\r\n\r\n", 11), "") << "cancelled";
}

TEST_F(MoonlightFront, VandalsHurtNobody) {
    auto moonlight = client();
    ASSERT_TRUE(pair(moonlight));
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = std::min<rlim_t>(descriptors.rlim_max, 8192);
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    std::mt19937 random(11);
    for (const uint16_t port : {host->ports().http, host->ports().https, host->ports().rtsp}) {
        std::vector<UniqueFd> half_open;
        for (int i = 0; i < 1000; ++i) {
            half_open.push_back(connect_to(port));
            if (i % 3 != 0) continue;
            std::string noise(random() % 200 + 1, '\0');
            for (char& c : noise) c = static_cast<char>(random());
            (void)::send(half_open.back().get(), noise.data(), noise.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        EXPECT_EQ(TestClient::element(info(moonlight), "PairStatus"), "1") << port;
    }
    EXPECT_THAT(TestPeer(host->at(host->ports().http))
                    .send("GET /" + std::string(30'000, 'a') + " HTTP/1.1\r\n\r\n")
                    .read_to_end(),
                HasSubstr("431"));
    EXPECT_THAT(TestPeer(host->at(host->ports().http)).send("POST /pair HTTP/1.1\r\n\r\n").read_to_end(),
                HasSubstr("405"));
    for (const char* target : {"/pair", "/pair?uniqueid=1&phrase=getservercert&salt=zz&clientcert=00",
                               "/pair?uniqueid=1&clientchallenge=00"}) {
        const std::string answer = moonlight.http(target);
        EXPECT_EQ(TestClient::status(answer), "400") << target;
        EXPECT_EQ(TestClient::element(answer, "paired"), "0") << target;
    }
    EXPECT_EQ(TestClient::status(moonlight.http("/serverinfo?a=%00")), "400");
    EXPECT_EQ(TestClient::status(moonlight.http("/unpair")), "200");
    EXPECT_EQ(TestClient::element(info(moonlight), "PairStatus"), "1");
}

TEST(MoonlightServer, SaysWhatIsInItsWay) {
    const test::TempDirectory directory;
    NoDisplays displays;
    boost::asio::io_context io;
    const auto start = [&](uint16_t base) {
        return MoonlightServer::start(io,
                                      {.bind = boost::asio::ip::address_v4::loopback(),
                                       .port_base = base,
                                       .identity = host_identity(),
                                       .hostname = "x",
                                       .unique_id = "00112233445566778899aabbccddeeff",
                                       .config_dir = directory.path(),
                                       .other_sessions = {}},
                                      {.display = &displays}, two_encoders());
    };
    // The ports beside it may be somebody else's at this moment: then the message names that one, and another base is
    // tried.
    std::string complaint, taken_port;
    for (int attempt = 0; attempt < 20 && (attempt == 0 || complaint.find(taken_port) == std::string::npos);
         ++attempt) {
        boost::asio::ip::tcp::acceptor taken(io, {boost::asio::ip::address_v4::loopback(), 0});
        const uint16_t port = taken.local_endpoint().port();
        taken_port = fmt::format("port {}", port);
        const auto busy = start(port);
        ASSERT_FALSE(busy);
        complaint = busy.error().message;
    }
    EXPECT_THAT(complaint, HasSubstr(taken_port));
    EXPECT_THAT(start(65530).error().message, HasSubstr("--port-base"));
    ASSERT_TRUE(write_file_atomic(directory.path() / "gs-paired.json", "?"));
    EXPECT_THAT(start(0).error().message, HasSubstr("gs-paired.json"));
}

}  // namespace punktfunk::moonlight
