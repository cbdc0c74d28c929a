// The management API of a real host with a real client: every operation held to the contract, what abuse does to it,
// and that what it changes counts at once.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "bad_path.hpp"
#include "desktop.hpp"
#include "host_fixture.hpp"
#include "management_api.hpp"
#include "moonlight.hpp"
#include "punktfunk/base/hex.hpp"
#include "raw_client.hpp"
#include "seen_events.hpp"
#include "sway_session.hpp"
#include "viewer.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using enum wire::InputKind;
using nlohmann::json;
using wire::InputEvent;

namespace {

std::unique_ptr<Process> python(HostFixture& host, const std::string& script, std::vector<std::string> arguments) {
    std::vector<std::string> all{"/usr/bin/env",
                                 "python3",
                                 std::string(PUNKTFUNK_MANAGEMENT_TESTS) + "/" + script,
                                 "--openapi",
                                 PUNKTFUNK_OPENAPI,
                                 "--config-dir",
                                 host.directory() / "host",
                                 "--port",
                                 std::to_string(host.ready().at("mgmt").get<uint16_t>())};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return std::make_unique<Process>(host.directory(), script, all);
}

bool streams(const ManagementApi& api) {
    return eventually(30s, [&] {
        const json sessions = api.get("/sessions");
        return !sessions.empty() && sessions[0].at("state") == "streaming";
    });
}

// Until a session's statistics are like that; the last of them.
json stats_when(const ManagementApi& api, const std::function<bool(const json&)>& like) {
    json stats;
    (void)eventually(30s, [&] {
        const json sessions = api.get("/sessions");
        if (sessions.empty() || sessions[0].at("state") != "streaming") return false;
        stats = sessions[0].at("stats");
        return like(stats);
    });
    return stats;
}

}  // namespace

TEST(Management, EveryOperationKeepsToTheContract) {
    MoonlightHost moonlight({"--mgmt-bind", "127.0.0.1:0"});
    HostFixture& host = moonlight.host();
    (void)moonlight.paired();
    host.pair("client");
    host.pair("other");
    const auto client = host.client(
        {"connect", host.address(), "--mode", "640x360x30", "--codec", "h264", "--duration", "240"}, "other");
    const ManagementApi api(host);
    ASSERT_TRUE(streams(api)) << client->err();
    const auto contract = python(
        host, "contract.py",
        {"--client", PUNKTFUNK_CLIENT, "--client-dir", host.directory(), "--identity", host.directory() / "client",
         "--native", host.address(), "--http", std::to_string(moonlight.http_port())});
    EXPECT_EQ(contract->wait(240s), 0) << contract->err() << contract->out() << "\n"
                                       << host.process().err().substr(0, 20000);
}

TEST(Management, AbuseIsSurvivedWhileAClientIsStreamedTo) {
    HostFixture host;
    host.pair();
    const auto client =
        host.client({"connect", host.address(), "--mode", "640x360x30", "--codec", "h264", "--duration", "400"});
    const ManagementApi api(host);
    ASSERT_TRUE(streams(api)) << client->err();
    const auto abuse = python(host, "abuse.py", {"--pid", std::to_string(host.process().pid())});
    const auto ended = abuse->wait(360s);
    EXPECT_EQ(ended, 0) << abuse->err() << abuse->out();
    fmt::print("{}", abuse->out());
    EXPECT_FALSE(host.process().wait(0ms)) << "it lives";
}

// On somebody's own sway session, so that what arrives can be seen from outside.
class Rights : public testing::Test {
  protected:
    void SetUp() override {
        client_ = std::make_unique<RawClient>(host_.port(), device_, [&] {
            wire::Hello hello{.mode = {800, 600, 30}, .name = "hands"};
            hello.tail = wire::HelloTail{.video_codecs = wire::kCodecH264};
            return wire::encode(hello);
        }());
        ASSERT_TRUE(client_->until(20s, [&] { return !api_.get("/native/pending").empty(); }));
        const json knock = api_.get("/native/pending")[0];
        ASSERT_EQ(api_.call("POST", "/native/pending/" + knock.at("id").dump() + "/approve", json::object()).status,
                  200u);
        ASSERT_TRUE(wire::decode_welcome(client_->next_message(30s))) << host_.process().err();
        client_->send(wire::encode(wire::Start{9}));  // nobody watches
        session_.execute(SeenEvents::command(log_));
        // wev has the seat's keyboard once it was clicked.
        ASSERT_TRUE(client_->until(20s, [&] {
            send({.kind = MouseMoveAbs, .x = 400, .y = 300, .flags = 800u << 16 | 600u});
            click();
            tap('Q');
            client_->run_for(100ms);
            return seen_.has("sym: q") && seen_.has("(left)");
        })) << seen_.text();
    }
    void send(const InputEvent& event) { client_->send_datagram(wire::encode_input(event)); }
    void tap(uint32_t key) {
        send({.kind = KeyDown, .code = key});
        send({.kind = KeyUp, .code = key});
    }
    void click() {
        send({.kind = MouseButtonDown, .code = 1});
        send({.kind = MouseButtonUp, .code = 1});
    }
    [[nodiscard]] json change(const json& body) const {
        const auto answer = api_.call("PATCH", "/devices/" + to_hex(device_.fingerprint), body);
        EXPECT_EQ(answer.status, 200u) << answer.body;
        return answer.json();
    }

    SwaySession session_;
    HostFixture host_{{"--sway-socket", session_.socket()}};
    const ManagementApi api_{host_};
    const crypto::Identity device_ = *crypto::generate_identity(crypto::IdentityKind::Client);
    const std::filesystem::path log_ = session_.runtime() / "events";
    const SeenEvents seen_{log_};
    std::unique_ptr<RawClient> client_;
};

TEST_F(Rights, InputThatIsRevokedIsDeadAtOnceAndWhatWasHeldIsReleased) {
    send({.kind = KeyDown, .code = 0xa0});
    send({.kind = KeyDown, .code = 'W'});
    send({.kind = MouseButtonDown, .code = 1});
    ASSERT_TRUE(client_->until(10s, [&] { return seen_.held().keys.size() == 2 && seen_.held().buttons.size() == 1; }))
        << seen_.text();

    const auto asked = SteadyClock::now();
    EXPECT_EQ(change({{"rights", {{"input", false}}}}).at("rights").at("input"), false);
    EXPECT_TRUE(eventually(10s, [&] { return seen_.nothing_held(); })) << seen_.text();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - asked);
    fmt::print("a right that is revoked is gone after {} ms, of which the bound is 100\n", took.count());
    RecordProperty("revoked_ms", static_cast<int>(took.count()));

    // All of it, for a while: nothing of it arrives.
    const std::string before = seen_.text();
    for (int i = 0; i < 20; ++i) {
        tap('E');
        click();
        send({.kind = MouseMoveAbs, .x = 100 + i, .y = 100, .flags = 800u << 16 | 600u});
        send({.kind = MouseScroll, .code = 0, .x = 120});
        send({.kind = TextInput, .code = 'x'});
        send({.kind = TouchDown, .code = 3, .x = 10, .y = 10, .flags = 800u << 16 | 600u});
        client_->run_for(20ms);
    }
    // What is granted again works, and everything before it would have arrived before it.
    (void)change({{"rights", {{"input", true}}}});
    ASSERT_TRUE(client_->until(10s, [&] {
        tap('R');
        client_->run_for(50ms);
        return seen_.has("sym: r");
    })) << seen_.text();
    const std::string after = seen_.text().substr(before.size());
    EXPECT_EQ(after.find("sym: e"), std::string::npos) << after;
    EXPECT_EQ(after.find("button: "), std::string::npos) << after;
    EXPECT_EQ(after.find("axis: "), std::string::npos) << after;
    EXPECT_EQ(after.find("sym: x"), std::string::npos) << after;
}

TEST_F(Rights, AreStoredWithThePairing) {
    (void)change({{"rights", {{"input", false}}}, {"name", "Shelf"}});
    host_.process().signal(SIGTERM);
    ASSERT_TRUE(host_.process().wait(20s));
    host_.start();
    const json devices = ManagementApi(host_).get("/devices");
    ASSERT_EQ(devices.size(), 1u);
    EXPECT_EQ(devices[0].at("name"), "Shelf");
    EXPECT_EQ(devices[0].at("rights").at("input"), false);
    EXPECT_EQ(devices[0].at("connected"), false);
}

TEST_F(Rights, ADeviceThatIsRemovedLosesItsSession) {
    EXPECT_EQ(api_.call("DELETE", "/devices/" + to_hex(device_.fingerprint)).status, 204u);
    ASSERT_TRUE(client_->until_closed(5s));
    EXPECT_EQ(client_->close_code(), quic::CloseCode::Denied) << client_->closed->reason;
    EXPECT_TRUE(api_.get("/sessions").empty());
    EXPECT_TRUE(api_.get("/devices").empty());
}

TEST(Management, GameStreamsSessionsAreSeenAndStopped) {
    MoonlightHost moonlight;
    const ManagementApi api(moonlight.host());
    auto client = moonlight.paired();
    auto stream = moonlight.stream(client);
    ASSERT_TRUE(streams(api));
    const json session = api.get("/sessions")[0];
    EXPECT_EQ(session.at("protocol"), "gamestream");
    EXPECT_EQ(session.at("app"), "Desktop");
    const std::string id = session.at("id"), fingerprint = session.at("device").at("fingerprint");
    EXPECT_EQ(api.get("/status").at("stream").at("width"), session.at("mode").at("width"));
    EXPECT_EQ(api.get("/devices")[0].at("session_ids"), json::array({id}));
    EXPECT_EQ(api.call("POST", "/session/idr").status, 202u);
    EXPECT_EQ(api.call("GET", "/sessions/" + id + "/thumbnail").status, 200u);
    const json changed = api.call("PATCH", "/devices/" + fingerprint, {{"rights", {{"input", false}}}}).json();
    EXPECT_EQ(changed.at("protocols"), json::array({"gamestream"}));
    EXPECT_EQ(api.get("/sessions")[0].at("rights").at("input"), false);
    EXPECT_EQ(api.call("DELETE", "/session").status, 204u);
    EXPECT_TRUE(eventually(5s, [&] { return api.get("/sessions").empty(); }));
    EXPECT_EQ(api.get("/devices").size(), 1u) << "it is paired still";
}

TEST(Management, WhatParityBroughtBackIsToldByClientsThatKnow) {
    const uint16_t control_port = free_port(), data_port = free_port();
    HostFixture host(
        {"--port", std::to_string(control_port), "--data-port", std::to_string(data_port), "--max-concurrent", "1"});
    host.pair();
    const auto at = [](const char* ip, uint16_t port) { return net::Endpoint::parse(ip, port).value(); };
    const auto relay = impair::Relay::start({.routes = {{at("127.0.0.2", control_port), at("127.0.0.1", control_port)},
                                                        {at("127.0.0.2", data_port), at("127.0.0.1", data_port)}},
                                             .to_client = {.loss = 0.05},
                                             .seed = 3});
    ASSERT_TRUE(relay) << relay.error().message;
    const auto client = host.client({"connect", "127.0.0.2:" + std::to_string(control_port), "--tofu", "--mode",
                                     "1280x720x60", "--codec", "h264", "--duration", "0", "--json"});
    const ManagementApi api(host);
    const json seen = stats_when(api, [](const json& stats) { return stats.at("recovered") > 20; });
    EXPECT_GT(seen.at("recovered"), 20) << seen.dump(2) << client->err();
    EXPECT_GT(seen.at("rtt_us"), 0);
    EXPECT_NE(api.metrics().find("\npunktfunk_session_packets_recovered_total{session=\"punktfunk1-"),
              std::string::npos);
    client->signal(SIGINT);
    ASSERT_EQ(client->wait(20s), 0) << client->err();
    EXPECT_GE(json::parse(client->out()).at("fec_recovered_shards"), seen.at("recovered")) << client->out();
}

TEST(Management, AClientThatTellsNothingLeavesItOpen) {
    HostFixture host({"--open"});
    RawClient client(host.port(), *crypto::generate_identity(crypto::IdentityKind::Client), [] {
        wire::Hello hello{.mode = {640, 360, 30}, .name = "quiet"};
        hello.tail = wire::HelloTail{.video_codecs = wire::kCodecH264};
        return wire::encode(hello);
    }());
    ASSERT_TRUE(wire::decode_welcome(client.next_message(30s))) << host.process().err();
    client.send(wire::encode(wire::Start{9}));
    const ManagementApi api(host);
    ASSERT_TRUE(client.until(20s, [&] {
        const json sessions = api.get("/sessions");
        return !sessions.empty() && sessions[0].at("state") == "streaming";
    }));
    EXPECT_TRUE(api.get("/sessions")[0].at("stats").at("recovered").is_null());
    // What it says once counts, nonsense or not.
    client.send(wire::encode(wire::TypedMessage{wire::RecoveryReport{41}}));
    EXPECT_TRUE(client.until(10s, [&] { return api.get("/sessions")[0].at("stats").at("recovered") == 41; }));
}

TEST(Management, GameStreamsClientsTellOfLossAndRecoveryAndTheirRoundTripIsMeasured) {
    for (const bool tells : {true, false}) {
        SCOPED_TRACE(tells);
        MoonlightHost moonlight;
        const ManagementApi api(moonlight.host());
        auto client = moonlight.paired();
        const auto stream = moonlight.stream(
            client, {.wish = {.width = 1280, .height = 720, .fps = 60, .tells_fec_status = tells}, .video_loss = 0.03});
        ASSERT_TRUE(stream->wait(30s, [](const StreamReport& report) { return report.recovered_packets > 30; }))
            << describe(stream->report());
        const json stats = stats_when(api, [&](const json& s) { return !tells || s.at("recovered") > 0; });
        if (tells) {
            EXPECT_GT(stats.at("recovered"), 0) << stats.dump(2);
            EXPECT_GT(stats.at("packets_lost"), 0) << stats.dump(2);
            EXPECT_LE(stats.at("recovered"), stream->report().recovered_packets);
        } else {
            for (const char* unknown : {"recovered", "packets_lost", "loss_percent"})
                EXPECT_TRUE(stats.at(unknown).is_null()) << unknown << stats.dump(2);
        }
        // On this machine, whatever ENet assumes before it has measured.
        EXPECT_GT(stats.at("rtt_us"), 0) << stats.dump(2);
        EXPECT_LT(stats.at("rtt_us"), 400'000) << stats.dump(2);
    }
}

TEST(Management, ADeviceWithoutTheRightLaunchesNothingButTheDesktop) {
    MoonlightHost moonlight;
    const ManagementApi api(moonlight.host());
    auto client = moonlight.paired();
    moonlight.write_app({{"name", "Game"}, {"command", "exec sleep 600"}});
    const uint32_t game = app_named(client, "Game"), desktop = app_named(client, "Desktop");
    const std::string device = "/devices/" + api.get("/devices")[0].at("fingerprint").get<std::string>();
    ASSERT_EQ(api.call("PATCH", device, {{"rights", {{"launch", false}}}}).status, 200u);
    const auto refused = client.launch({.app = game, .key = {1}});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("desktop only"), std::string::npos) << refused.error().message;
    EXPECT_TRUE(client.launch({.app = desktop, .key = {2}}));
    ASSERT_EQ(api.call("PATCH", device, {{"rights", {{"launch", true}}}}).status, 200u);
    EXPECT_TRUE(client.launch({.app = game, .key = {3}}));
}

TEST(Management, AnAppThatRunsWhenTheRightToLaunchIsTakenGoesOnAndIsComeBackTo) {
    MoonlightHost moonlight;
    const ManagementApi api(moonlight.host());
    auto client = moonlight.paired();
    const Outbox outbox;
    moonlight.write_app({{"name", "Game"},
                         {"command", "sh -c 'echo $$ >> started; exec sleep 1000'"},
                         {"directory", outbox.directory.path().string()}});
    const uint32_t game = app_named(client, "Game");
    const auto shows = [](Stream& stream) {
        const auto before = stream.report().decoded;
        return stream.wait(20s, [&](const StreamReport& report) { return report.decoded > before + 2; });
    };
    auto stream = moonlight.stream(client, {.app = game});
    ASSERT_TRUE(shows(*stream)) << describe(stream->report());
    std::string started;
    ASSERT_TRUE(eventually(10s, [&] { return !(started = content(outbox.file("started"))).empty(); }));
    const std::string device = "/devices/" + api.get("/devices")[0].at("fingerprint").get<std::string>();
    ASSERT_EQ(api.call("PATCH", device, {{"rights", {{"launch", false}}}}).status, 200u);
    EXPECT_TRUE(shows(*stream)) << describe(stream->report());
    stream->close();
    ASSERT_TRUE(eventually(10s, [&] { return api.get("/sessions").empty(); }));
    stream = moonlight.stream(client, {.app = game, .resume = true, .rtsp_sequence = 2});
    EXPECT_TRUE(shows(*stream)) << describe(stream->report());
    EXPECT_EQ(content(outbox.file("started")), started) << "the same one";
    stream->close();
    ASSERT_TRUE(client.cancel());
    EXPECT_FALSE(client.launch({.app = game, .key = {9}}));
}

TEST(Management, AClientStartsAnEntryOfTheLibraryAndItsEndEndsTheStream) {
    HostFixture host;
    host.pair();
    const ManagementApi api(host);
    const std::string over = host.directory() / "over";
    const json entry =
        api.call("POST", "/library/custom",
                 {{"title", "Zebra"},
                  {"launch", {{"kind", "command"}, {"value", "until test -e " + over + "; do sleep 0.1; done"}}}})
            .json();
    const std::vector<std::string> connect{
        "connect", host.address(), "--mode",   "640x360x30",
        "--codec", "h264",         "--launch", "custom:" + entry.at("id").get<std::string>()};
    const auto client = host.client(connect);
    ASSERT_TRUE(streams(api)) << client->err();
    EXPECT_EQ(api.get("/sessions")[0].at("app"), "Zebra");

    // What runs goes on without the right: it is the next start that needs it.
    const std::string device = "/devices/" + api.get("/devices")[0].at("fingerprint").get<std::string>();
    ASSERT_EQ(api.call("PATCH", device, {{"rights", {{"launch", false}}}}).status, 200u);
    const auto frames = [&] { return api.get("/sessions")[0].at("stats").at("frames_encoded").get<uint64_t>(); };
    const auto before = frames();
    EXPECT_TRUE(eventually(20s, [&] { return frames() > before + 2; }));
    EXPECT_EQ(api.get("/sessions")[0].at("app"), "Zebra");
    std::ofstream(over).put('1');
    ASSERT_TRUE(client->wait(20s)) << "it streams on after what was started has ended";
    EXPECT_NE(client->err().find("the game has ended"), std::string::npos) << client->err() << client->out();

    const auto refused = host.client(connect);
    ASSERT_TRUE(refused->wait(20s));
    EXPECT_NE(refused->err().find("may not start that program"), std::string::npos) << refused->err();
}

TEST(Management, BeyondThisMachineOnlyWithAPassword) {
    const TempDir directory;
    const auto serve = [&](const char* name) {
        return std::make_unique<Process>(
            directory.path(), name,
            std::vector<std::string>{PUNKTFUNK_HOST, "serve", "--bind", "127.0.0.1", "--port", "0", "--no-gamestream",
                                     "--no-mdns", "--embedded", "--mgmt-bind", "0.0.0.0:0", "--config-dir",
                                     directory.path() / "config", "--runtime-dir", directory.path() / "run",
                                     "--ready-file", directory.path() / "ready"});
    };
    const auto refused = serve("refused");
    EXPECT_EQ(refused->wait(20s), 2);
    EXPECT_NE(refused->err().find("punktfunk-host passwd"), std::string::npos) << refused->err();

    const auto set = [&](const std::string& password) {
        Process passwd(directory.path(), "passwd",
                       {"/bin/sh", "-c", "printf '%s\\n' \"$1\" | \"$0\" passwd --config-dir \"$2\"", PUNKTFUNK_HOST,
                        password, directory.path() / "config"});
        return passwd.wait(20s);
    };
    EXPECT_EQ(set("short"), 1);
    EXPECT_EQ(set("long enough"), 0);
    EXPECT_EQ(content(directory.path() / "config/password").find("long enough"), std::string::npos);
    EXPECT_EQ(std::filesystem::status(directory.path() / "config/password").permissions(),
              std::filesystem::perms(0600));
    const auto served = serve("served");
    EXPECT_TRUE(eventually(30s, [&] { return std::filesystem::exists(directory.path() / "ready"); })) << served->err();
}

TEST(Management, ThePrintedDocumentIsTheContract) {
    const TempDir directory;
    Process printed(directory.path(), "openapi", {PUNKTFUNK_HOST, "openapi"});
    ASSERT_EQ(printed.wait(10s), 0);
    EXPECT_EQ(printed.out(), content(PUNKTFUNK_OPENAPI));
}

}  // namespace punktfunk::test
