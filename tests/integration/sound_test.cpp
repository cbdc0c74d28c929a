// What a program on the desktop plays is what the client hears, and what the client says is what a program records.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

#include "host_fixture.hpp"
#include "punktfunk/base/clock.hpp"
#include "tone.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

// Pitches that fit a stretch of 20 ms a whole number of times, so that one is not heard in the other.
constexpr double kLeft = 1000, kRight = 450, kOtherLeft = 750, kOtherRight = 1500;

// Programs of the desktop, and a directory that they read and write.
struct Studio {
    TempDir directory;
    Studio() { std::filesystem::permissions(directory.path(), std::filesystem::perms::all); }
    [[nodiscard]] std::filesystem::path file(const std::string& name) const { return directory.path() / name; }
    [[nodiscard]] std::string content(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(file(name)).rdbuf();
        return text.str();
    }
    // The command that runs this on the desktop.
    [[nodiscard]] std::string script(const std::string& name, const std::string& text) const {
        std::ofstream(file(name)) << "cd " << directory.path().string() << "\n" << text << "\n";
        return "sh " + file(name).string();
    }
    [[nodiscard]] std::string player(const std::string& tones) const {
        return script("play.sh", "while :; do pw-play " + tones + " || sleep 0.1; done");
    }
};

std::vector<std::string> connect_command(const HostFixture& host, const std::filesystem::path& sound, int seconds) {
    return {"connect", host.address(), "--tofu", "--mode", "640x360x30", "--codec",
            "h264",    "--sound",      sound,    "--json", "--duration", std::to_string(seconds)};
}

uint64_t in_session(HostFixture& host, const char* counter) {
    const auto sessions = host.status().at("sessions");
    return sessions.empty() ? 0 : sessions[0].at(counter).get<uint64_t>();
}

// Not every stretch: on a machine at its limits the player itself comes too late for a quantum of 5 ms now and then.
// What the stream loses, the client's report tells.
void expect_heard(const std::filesystem::path& file, double left_hz, double right_hz, size_t at_least) {
    const auto sound = media::read_wav(file);
    ASSERT_TRUE(sound) << sound.error().message;
    const Heard heard = listen(*sound, left_hz, right_hz);
    fmt::print("{}: {} stretches of 20 ms as played, {} not\n", file.filename().string(), heard.good, heard.bad);
    EXPECT_GE(heard.good, at_least);
    EXPECT_LE(heard.bad, heard.good);
}

// Processor time so far, of a process or (/proc/PID/task/TID) a thread.
double cpu_seconds(const std::filesystem::path& proc) {
    std::string text;
    std::getline(std::ifstream(proc / "stat"), text);
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

constexpr const char* kSoundPrograms[] = {"pipewire", "wireplumber", "pipewire-pulse"};

}  // namespace

TEST(Sound, ReachesTheClientInItsChannelsWithoutALoss) {
    const Studio studio;
    write_tones(studio.file("tones.wav"), kLeft, kRight, 60);
    HostFixture host({"--open", "--no-demo-desktop", "--startup", studio.player("tones.wav")});
    const auto wav = host.directory() / "heard.wav";
    const auto client = host.client(connect_command(host, wav, 5));
    ASSERT_TRUE(eventually(20s, [&] { return in_session(host, "sound_packets") > 500; })) << host.process().err();
    const double packets = static_cast<double>(in_session(host, "sound_packets"));
    for (const char* name : kSoundPrograms) {
        for (const pid_t pid : host.programs(name))
            fmt::print("{}: {:.2f} s of processor time\n", name, cpu_seconds("/proc/" + std::to_string(pid)));
    }
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(host.process().pid()) + "/task")) {
        std::string name;
        std::getline(std::ifstream(task.path() / "comm"), name);
        if (name == "pf-sound")
            fmt::print("{}: {:.2f} s, for {:.1f} s of sound\n", name, cpu_seconds(task.path()), packets / 200);
    }
    ASSERT_EQ(client->wait(60s), 0) << client->err() << host.process().err();
    const auto report = json::parse(client->out()).at("sound");
    fmt::print("sound: {}\n", report.dump());
    EXPECT_EQ(report.at("lost"), 0);
    EXPECT_EQ(report.at("late"), 0);
    EXPECT_EQ(report.at("undecodable"), 0);
    expect_heard(wav, kLeft, kRight, 100);
}

TEST(Sound, PulseAudioProgramsAreHeardToo) {
    const Studio studio;
    write_tones(studio.file("tones.wav"), kLeft, kRight, 60);
    HostFixture host({"--open", "--no-demo-desktop", "--startup",
                      studio.script("play.sh", "while :; do paplay tones.wav || sleep 0.1; done")});
    const auto wav = host.directory() / "heard.wav";
    const auto client = host.client(connect_command(host, wav, 5));
    ASSERT_EQ(client->wait(60s), 0) << client->err() << host.process().err();
    expect_heard(wav, kLeft, kRight, 100);
}

TEST(Sound, SessionsDoNotHearEachOther) {
    const Studio studio;
    write_tones(studio.file("one.wav"), kLeft, kRight, 60);
    write_tones(studio.file("two.wav"), kOtherLeft, kOtherRight, 60);
    const auto startup = studio.script(
        "play.sh", "mkdir taken && file=one.wav || file=two.wav; while :; do pw-play $file || sleep 0.1; done");
    HostFixture host({"--open", "--no-demo-desktop", "--startup", startup});
    const auto first_wav = host.directory() / "first.wav", second_wav = host.directory() / "second.wav";
    const auto first = host.client(connect_command(host, first_wav, 8), "first");
    ASSERT_TRUE(eventually(20s, [&] { return std::filesystem::exists(studio.file("taken")); }));
    const auto second = host.client(connect_command(host, second_wav, 5), "second");
    ASSERT_EQ(first->wait(60s), 0) << first->err() << host.process().err();
    ASSERT_EQ(second->wait(60s), 0) << second->err() << host.process().err();
    expect_heard(first_wav, kLeft, kRight, 100);
    expect_heard(second_wav, kOtherLeft, kOtherRight, 100);
    for (const auto& [file, left, right] :
         {std::tuple{first_wav, kOtherLeft, kOtherRight}, {second_wav, kLeft, kRight}}) {
        EXPECT_EQ(listen(*media::read_wav(file), left, right).good, 0u);
    }
}

TEST(Sound, ASilentDesktopStreams) {
    HostFixture host({"--open", "--no-demo-desktop"});
    const auto client = host.client(connect_command(host, host.directory() / "heard.wav", 4));
    ASSERT_EQ(client->wait(60s), 0) << client->err() << host.process().err();
    EXPECT_EQ(host.process().err().find("again"), std::string::npos) << host.process().err();
}

TEST(Sound, TheMicrophoneIsRecordedOnTheDesktopIfTheClientIsPaired) {
    const Studio studio;
    const auto speech = studio.file("speech.wav");
    write_tones(speech, kLeft, kRight, 60);
    // A recorder that finds nothing to record from ends; one that comes before the microphone would hear the sink.
    const auto startup = studio.script("record.sh",
                                       "until grep -q punktfunk-mic sources; do\n"
                                       "  pactl list short sources >>sources; sleep 0.1\n"
                                       "done\n"
                                       "timeout 6 pw-record --channels 2 --rate 48000 recorded.wav");
    HostFixture host({"--open", "--no-demo-desktop", "--startup", startup});
    auto command = connect_command(host, host.directory() / "heard.wav", 4);
    command.insert(command.end(), {"--mic", speech});
    {
        const auto stranger = host.client(command, "stranger");
        ASSERT_EQ(stranger->wait(60s), 0) << stranger->err() << host.process().err();
        EXPECT_NE(studio.content("sources").find("punktfunk.monitor"), std::string::npos) << host.process().err();
        EXPECT_EQ(studio.content("sources").find("punktfunk-mic"), std::string::npos);
    }
    host.pair();
    *(std::ranges::find(command, "--duration") + 1) = "10";
    const auto client = host.client(command);
    ASSERT_EQ(client->wait(60s), 0) << client->err() << host.process().err();
    EXPECT_NE(studio.content("sources").find("punktfunk-mic"), std::string::npos);
    expect_heard(studio.file("recorded.wav"), kLeft, kRight, 100);
}

TEST(Sound, ComesBackWhenPipeWireIsKilledAndThePictureGoesOn) {
    const Studio studio;
    write_tones(studio.file("tones.wav"), kLeft, kRight, 60);
    HostFixture host({"--open", "--startup", studio.player("tones.wav")});
    const auto wav = host.directory() / "heard.wav";
    const auto client = host.client(connect_command(host, wav, 15));
    ASSERT_TRUE(eventually(20s, [&] { return in_session(host, "sound_packets") > 200; })) << host.process().err();
    for (const char* victim : {"pipewire", "wireplumber"}) {
        const auto programs = host.programs(victim);
        ASSERT_EQ(programs.size(), 1u);
        ::kill(programs[0], SIGKILL);
        const auto killed = SteadyClock::now();
        const auto frames = in_session(host, "frames_encoded");
        // What was on its way is not counted: the same program, again and playing for a while.
        EXPECT_TRUE(eventually(15s, [&] {
            const auto now = host.programs(victim);
            return now.size() == 1 && now != programs;
        }));
        const auto packets = in_session(host, "sound_packets");
        EXPECT_TRUE(eventually(15s, [&] { return in_session(host, "sound_packets") > packets + 20; }));
        fmt::print("{} killed: 100 ms of sound after {:.2f} s\n", victim,
                   std::chrono::duration<double>(SteadyClock::now() - killed).count());
        EXPECT_GT(in_session(host, "frames_encoded"), frames);
    }
    ASSERT_EQ(client->wait(60s), 0) << client->err() << host.process().err();
    const auto report = json::parse(client->out());
    EXPECT_EQ(report.at("sound").at("lost"), 0) << "the numbers did not go on";
    EXPECT_EQ(report.at("sound").at("late"), 0);
    EXPECT_EQ(host.process().err().find("rebuilding"), std::string::npos) << host.process().err();
}

TEST(Sound, NothingOfAKilledHostIsLeft) {
    HostFixture host({"--open"});
    const auto client = host.client(connect_command(host, host.directory() / "heard.wav", 60));
    ASSERT_TRUE(eventually(20s, [&] { return in_session(host, "frames_encoded") > 0; })) << host.process().err();
    for (const char* name : kSoundPrograms)
        EXPECT_TRUE(eventually(10s, [&] { return host.programs(name).size() == 1; })) << name;
    host.process().signal(SIGKILL);
    ASSERT_TRUE(host.process().wait(5s));
    host.start();
    for (const char* name : kSoundPrograms) EXPECT_TRUE(host.programs(name).empty()) << name;
    for (const auto& entry : std::filesystem::directory_iterator(host.directory() / "run"))
        EXPECT_FALSE(entry.path().filename().string().starts_with("desktop-")) << entry.path();
}

TEST(Sound, CanBeLeftOut) {
    HostFixture host({"--open", "--no-demo-desktop", "--no-sound"});
    const auto client = host.client(connect_command(host, host.directory() / "heard.wav", 60));
    ASSERT_TRUE(eventually(20s, [&] { return in_session(host, "frames_encoded") > 0; })) << host.process().err();
    for (const char* name : kSoundPrograms) EXPECT_TRUE(host.programs(name).empty()) << name;
}

}  // namespace punktfunk::test
