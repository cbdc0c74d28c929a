// A sway session that is running already and belongs to somebody: outputs are added to it, and nothing else is touched.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

#include "desktop.hpp"
#include "host_fixture.hpp"
#include "picture.hpp"
#include "punktfunk/input/input_sink.hpp"
#include "sway_session.hpp"
#include "tone.hpp"
#include "viewer.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
namespace {

struct Attached {
    TempDir directory;
    std::unique_ptr<display::DisplayBackend> backend;
    explicit Attached(const SwaySession& session) {
        auto made = display::make_sway_backend({.runtime_dir = directory.path(),
                                                .attach_socket = session.socket(),
                                                .embedded_only = false,
                                                .session_user = {},
                                                .startup = {},
                                                .demo_desktop = false,
                                                .motion_program = {},
                                                .runtime_dirs_to_scan = {}});
        if (!made) throw std::runtime_error(made.error().message);
        backend = std::move(*made);
    }
    std::unique_ptr<display::VirtualDisplay> create(const display::Mode& mode) {
        auto made = backend->create(mode);
        if (!made) throw std::runtime_error(made.error().message);
        return std::move(*made);
    }
};

void type(input::InputSink& sink, std::string_view keys) {
    for (const char key : keys) {
        ASSERT_TRUE(sink.inject({.kind = wire::InputKind::KeyDown, .code = static_cast<uint8_t>(key)}));
        ASSERT_TRUE(sink.inject({.kind = wire::InputKind::KeyUp, .code = static_cast<uint8_t>(key)}));
    }
}

}  // namespace

TEST(AttachedSway, ItsPixelsAreStreamed) {
    SwaySession session;
    const auto dump = session.runtime() / "painted.ppm", program = session.runtime() / "paint";
    std::filesystem::copy_file(PUNKTFUNK_MOTION, program);
    HostFixture host({"--sway-socket", session.socket(), "--open"});
    const auto shot = host.directory() / "shot.png";
    const auto client = host.client({"connect", host.address(), "--tofu", "--mode", "1024x600x50", "--codec", "h264",
                                     "--duration", "6", "--bitrate", "20000", "--screenshot", shot, "--json"});
    const SwaySession::Output wanted{"HEADLESS-2", {1024, 600, 50}};
    ASSERT_TRUE(eventually(10s, [&] { return session.count(wanted) == 1; })) << client->err() << host.process().err();
    EXPECT_EQ(session.outputs().at(0).name, "HEADLESS-1");
    session.execute(program.string() + " --pattern bars --dump " + dump.string());
    ASSERT_EQ(client->wait(60s), 0) << client->err() << host.process().err();
    EXPECT_GT(psnr(read_ppm(dump), read_png(shot)), 30.5);
    EXPECT_TRUE(eventually(5s, [&] { return session.at_rest(); }));
}

TEST(AttachedSway, KeysGoNowhereButToItsOwnOutput) {
    SwaySession session;
    Attached host(session);
    const auto local = session.runtime() / "local", remote = session.runtime() / "remote";
    session.execute("foot sh -c 'touch " + local.string() + "; cat > " + local.string() + "'");
    ASSERT_TRUE(eventually(10s, [&] { return std::filesystem::exists(local); }));
    const auto display = host.create({800, 600, 60});
    auto sink = input::make_wayland_sink(display->target());
    ASSERT_TRUE(sink) << sink.error().message;
    type(**sink, "SECRET\r");

    session.execute("foot -a remote sh -c 'touch " + remote.string() + "; cat > " + remote.string() + "'");
    ASSERT_TRUE(eventually(10s, [&] { return std::filesystem::exists(remote); }));
    const auto inject = [&](const wire::InputEvent& event) { ASSERT_TRUE((*sink)->inject(event)); };
    inject({.kind = wire::InputKind::MouseMoveAbs, .x = 400, .y = 300, .flags = 800u << 16 | 600u});
    EXPECT_TRUE(eventually(10s, [&] {
        inject({.kind = wire::InputKind::MouseButtonDown, .code = 1});
        inject({.kind = wire::InputKind::MouseButtonUp, .code = 1});
        type(**sink, "HELLO\r");
        return content(remote).find("hello") != std::string::npos;
    })) << content(remote);
    EXPECT_EQ(content(local), "") << "typed into somebody else's window";
}

TEST(AttachedSway, ClientsHaveAnOutputAndASeatEachAndTheNextOnesUseThemAgain) {
    SwaySession session;
    Attached host(session);
    for (int round = 0; round < 3; ++round) {
        const auto one = host.create({800, 600, 60});
        const auto two = host.create({640, 360, 30});
        EXPECT_NE(one->target().output_name, two->target().output_name);
        EXPECT_NE(one->target().seat_name, two->target().seat_name);
        EXPECT_EQ(session.outputs().size(), 3u);
        EXPECT_EQ(session.count({one->target().output_name, {800, 600, 60}}), 1u);
        EXPECT_EQ(session.count({two->target().output_name, {640, 360, 30}}), 1u);
        ASSERT_TRUE(one->set_mode({1024, 600, 120}));
        EXPECT_EQ(session.count({one->target().output_name, {1024, 600, 120}}), 1u);
    }
    EXPECT_LE(session.outputs().size(), 3u);
    EXPECT_LE(session.seats(), 3u);
}

TEST(AttachedSway, TheSessionThatComesBackIsUsed) {
    SwaySession session;
    HostFixture host({"--sway-socket", session.socket(), "--open"});
    Viewer viewer({.port = host.port()});
    ASSERT_TRUE(viewer.picture(10s));
    session.kill();
    session.start();
    const auto took = viewer.keyframe(15s);
    ASSERT_TRUE(took) << host.process().err();
    EXPECT_TRUE(viewer.flows(3, 10s));
    EXPECT_EQ(session.outputs().size(), 2u);
    fmt::print("session killed and started again: the picture is back {} ms after that (bound 15000)\n", took->count());
}

TEST(AttachedSway, AKilledHostsOutputIsTakenUpByTheNext) {
    SwaySession session;
    HostFixture host({"--sway-socket", session.socket(), "--open"});
    for (int round = 0; round < 3; ++round) {
        const auto client = host.client(
            {"connect", host.address(), "--tofu", "--mode", "640x360x30", "--codec", "h264", "--duration", "60"});
        ASSERT_TRUE(eventually(15s,
                               [&] {
                                   const auto sessions = host.status().at("sessions");
                                   return sessions.size() == 1 && sessions[0].at("frames_encoded").get<int>() > 0;
                               }))
            << client->err() << host.process().err();
        EXPECT_EQ(session.outputs().size(), 2u);
        host.process().signal(SIGKILL);
        ASSERT_TRUE(host.process().wait(5s));
        host.start();
        EXPECT_TRUE(session.at_rest());
    }
}

// What a client asks to run comes up on its own output, as the session's user, and takes nobody's focus.
TEST(AttachedSway, ItsProgramsComeUpOnTheClientsOutput) {
    SwaySession session;
    Attached host(session);
    const auto local = session.runtime() / "local", said = session.runtime() / "said";
    session.execute("foot -a local sh -c 'touch " + local.string() + "; exec sleep 1000'");
    ASSERT_TRUE(eventually(10s, [&] { return std::filesystem::exists(local); }));
    const auto display = host.create({800, 600, 60});
    const auto on = [&](const std::string& output) {
        std::vector<std::string> apps;
        const std::function<void(const nlohmann::json&)> walk = [&](const nlohmann::json& node) {
            if (node.contains("app_id") && node["app_id"].is_string()) apps.push_back(node["app_id"]);
            for (const auto& child : node.value("nodes", nlohmann::json::array())) walk(child);
        };
        for (const auto& node : session.ask("get_tree").value("nodes", nlohmann::json::array())) {
            if (node.value("name", "") == output) walk(node);
        }
        return apps;
    };
    const std::string ours = display->target().output_name;
    {
        auto program = display->run({.command = "echo \"$COLOUR $XDG_RUNTIME_DIR $(id -u)\" > " + said.string() +
                                                "; foot -a game sleep 1000; true",
                                     .directory = {},
                                     .environment = {"COLOUR=green"}});
        ASSERT_TRUE(program) << program.error().message;
        EXPECT_TRUE(eventually(20s, [&] { return on(ours) == std::vector<std::string>{"game"}; }))
            << session.ask("get_tree").dump(1);
        EXPECT_EQ(on("HEADLESS-1"), std::vector<std::string>{"local"});
        std::ostringstream text;
        text << std::ifstream(said).rdbuf();
        EXPECT_TRUE(text.str().starts_with("green " + session.runtime().string() + " ")) << text.str();
        EXPECT_FALSE(text.str().ends_with(" 0\n")) << "as root: " << text.str();
    }
    EXPECT_TRUE(eventually(10s, [&] { return on(ours).empty(); })) << "it goes with its process";
    EXPECT_FALSE(display->run({.command = "true", .directory = "/no/such/place", .environment = {}}));
}

// The session has a PipeWire of its own, whose default is its owner's business. A host that is killed leaves no sink.
TEST(AttachedSway, ItsSoundIsWhatIsPlayedForTheClientAndTheDefaultStays) {
    SwaySession session;
    const auto log = [&](const char* name) {
        std::ostringstream text;
        text << std::ifstream(session.runtime() / name).rdbuf();
        return text.str();
    };
    write_tones(session.runtime() / "tones.wav", 1000, 450, 60);
    std::filesystem::permissions(session.runtime() / "tones.wav", std::filesystem::perms::all);
    std::ofstream(session.runtime() / "sound.sh")
        << "pipewire 2>pipewire.log & until [ -e pipewire-0 ]; do sleep 0.1; done\n"
           "pw-cli create-node adapter '{ factory.name=support.null-audio-sink node.name=owners-sink "
           "media.class=Audio/Sink object.linger=true priority.session=500 audio.position=\"FL,FR\" }'\n"
           "dbus-run-session -- wireplumber 2>wireplumber.log &\n"
           "while :; do\n"
           "  pw-metadata 0 default.audio.sink >defaults.new; mv defaults.new defaults\n"
           "  pw-cli ls Node >nodes.new; mv nodes.new nodes; sleep 0.2\n"
           "done\n";
    std::ofstream(session.runtime() / "play.sh")
        << "while :; do pw-play --target punktfunk-HEADLESS-2 tones.wav || sleep 0.1; done\n";
    session.execute("sh sound.sh");
    ASSERT_TRUE(eventually(20s, [&] { return log("defaults").find("owners-sink") != std::string::npos; }))
        << log("wireplumber.log");

    HostFixture host({"--sway-socket", session.socket(), "--open"});
    const auto wav = host.directory() / "heard.wav";
    const auto client = host.client({"connect", host.address(), "--tofu", "--mode", "640x360x30", "--codec", "h264",
                                     "--sound", wav, "--duration", "5", "--json"});
    ASSERT_TRUE(eventually(20s, [&] { return log("nodes").find("punktfunk-HEADLESS-2") != std::string::npos; }))
        << host.process().err();
    session.execute("sh play.sh");
    ASSERT_EQ(client->wait(60s), 0) << client->err() << host.process().err();
    EXPECT_NE(log("defaults").find("owners-sink"), std::string::npos) << log("defaults");
    const auto sound = media::read_wav(wav);
    ASSERT_TRUE(sound);
    EXPECT_GE(listen(*sound, 1000, 450).good, 50u) << host.process().err();

    const auto again = host.client({"connect", host.address(), "--tofu", "--mode", "640x360x30", "--codec", "h264",
                                    "--sound", wav, "--duration", "60"});
    const auto sink_is_there = [&] { return log("nodes").find("punktfunk-HEADLESS-2") != std::string::npos; };
    ASSERT_TRUE(eventually(20s, sink_is_there)) << host.process().err();
    host.process().signal(SIGKILL);
    EXPECT_TRUE(eventually(20s, [&] { return !sink_is_there(); })) << log("nodes");
    EXPECT_NE(log("defaults").find("owners-sink"), std::string::npos) << log("defaults");
}

}  // namespace punktfunk::test
