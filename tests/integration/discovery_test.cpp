// A host is found from another network: two network namespaces with a cable between them, a real Avahi daemon in each.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "host_fixture.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr char kBusConfiguration[] = R"(<busconfig>
  <type>system</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow user="*"/>
  </policy>
</busconfig>
)";

// A machine of its own as far as the network, D-Bus and Avahi go.
class Machine {
  public:
    Machine(const std::filesystem::path& directory, const std::string& name)
        : directory_(directory), name_(name), bus_(directory / (name + ".bus")) {
        holder_ = std::make_unique<Process>(
            directory, name,
            std::vector<std::string>{"/usr/bin/env", "unshare", "--net", "--mount", "--propagation", "private", "sh",
                                     "-c",
                                     "mkdir -p /run/avahi-daemon && mount -t tmpfs tmpfs /run/avahi-daemon && ip link "
                                     "set lo up && echo made && exec sleep infinity"});
        made_ = eventually(5s, [&] { return holder_->out() == "made\n" || holder_->wait(0ms); }) && !holder_->wait(0ms);
        std::array<char, 1024> text{};
        (void)std::snprintf(text.data(), text.size(), kBusConfiguration, bus_.c_str());
        std::ofstream(directory / (name + ".conf")) << text.data();
        std::ofstream(directory / (name + ".avahi"))
            << "[server]\nhost-name=" << name << "\nuse-ipv4=yes\nuse-ipv6=yes\n[publish]\npublish-workstation=no\n";
    }
    [[nodiscard]] bool made() const { return made_; }
    [[nodiscard]] std::string why_not() const { return holder_->err(); }
    [[nodiscard]] std::string pid() const { return std::to_string(holder_->pid()); }

    std::unique_ptr<Process> run(const std::string& what, const std::vector<std::string>& arguments) {
        std::vector<std::string> all{
            "/usr/bin/env", "nsenter", "--target", pid(),
            "--net",        "--mount", "env",      "DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + bus_.string()};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return std::make_unique<Process>(directory_, fmt::format("{}-{}{}", name_, what, ++runs_), all);
    }
    void done(const std::vector<std::string>& arguments) {
        const auto process = run("setup", arguments);
        EXPECT_EQ(process->wait(10s), 0) << process->err();
    }
    void start_bus() {
        bus_daemon_ = run("dbus", {"dbus-daemon", "--nofork", "--nopidfile",
                                   "--config-file=" + (directory_ / (name_ + ".conf")).string()});
        ASSERT_TRUE(eventually(5s, [&] { return std::filesystem::exists(bus_); })) << bus_daemon_->err();
    }
    void start_avahi() {
        avahi_ = run("avahi", {"avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits", "-f",
                               (directory_ / (name_ + ".avahi")).string()});
    }
    void kill_avahi() {
        avahi_->signal(SIGKILL);
        (void)avahi_->wait(5s);
        avahi_.reset();
    }

  private:
    std::filesystem::path directory_;
    std::string name_;
    std::filesystem::path bus_;
    std::unique_ptr<Process> holder_, bus_daemon_, avahi_;
    bool made_ = false;
    int runs_ = 0;
};

}  // namespace

TEST(Discovery, AHostIsFoundAcrossTheNetworkAndAgainWhenAvahiComesBack) {
    if (::geteuid() != 0) GTEST_SKIP() << "network namespaces need root";
    const TempDir directory;
    Machine living_room(directory.path(), "living-room"), attic(directory.path(), "attic");
    if (!living_room.made() || !attic.made())
        GTEST_SKIP() << "this system allows no network namespaces: " << living_room.why_not() << attic.why_not();
    {
        Process cable(directory.path(), "cable",
                      {"/usr/bin/env", "ip", "link", "add", "cable0", "netns", living_room.pid(), "type", "veth",
                       "peer", "name", "cable0", "netns", attic.pid()});
        const auto laid = cable.wait(10s);
        if (laid != 0) GTEST_SKIP() << "this system has no veth: " << cable.err();
    }
    int number = 0;
    for (Machine* machine : {&attic, &living_room}) {
        machine->done({"ip", "address", "add", fmt::format("10.77.0.{}/24", ++number), "dev", "cable0"});
        machine->done({"ip", "link", "set", "cable0", "up"});
        machine->start_bus();
        machine->start_avahi();
    }

    const auto found = [&] {
        const auto search = living_room.run("discover", {PUNKTFUNK_CLIENT, "discover", "--duration", "1", "--json"});
        if (search->wait(20s) != 0) return json::array();
        return json::parse(search->out());
    };
    const auto ready = directory.path() / "ready.json";
    auto host = attic.run(
        "host", {PUNKTFUNK_HOST, "serve", "--embedded", "--port", "0", "--config-dir", directory.path() / "config",
                 "--runtime-dir", directory.path() / "run", "--ready-file", ready});
    ASSERT_TRUE(eventually(30s, [&] { return std::filesystem::exists(ready); })) << host->err();
    json hosts;
    ASSERT_TRUE(eventually(60s, [&] { return !(hosts = found()).empty(); })) << host->err();
    // Announced on IPv4 and IPv6, found once.
    ASSERT_EQ(hosts.size(), 1u) << hosts;
    const auto port = json::parse(std::ifstream(ready)).at("port");
    EXPECT_EQ(hosts[0].at("address"), "10.77.0.1");
    EXPECT_EQ(hosts[0].at("port"), port);
    EXPECT_EQ(hosts[0].at("protocol"), "punktfunk/1");
    EXPECT_EQ(hosts[0].at("os"), "linux");
    EXPECT_EQ(hosts[0].at("pairing_required"), true);
    EXPECT_EQ(hosts[0].at("id").get<std::string>().size(), 32u);
    EXPECT_NE(host->err().find("fingerprint " + hosts[0].at("fingerprint").get<std::string>()), std::string::npos);

    attic.kill_avahi();
    EXPECT_TRUE(eventually(10s, [&] { return host->err().find("Avahi daemon is not there") != std::string::npos; }))
        << host->err();
    attic.start_avahi();
    EXPECT_TRUE(eventually(60s, [&] { return !(hosts = found()).empty(); })) << host->err();

    host.reset();
    EXPECT_TRUE(eventually(60s, [&] { return found().empty(); })) << "it said goodbye";
}

TEST(Discovery, WithoutAvahiTheHostServesAndTheClientSaysWhy) {
    const TempDir directory;
    const std::string nowhere = "DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + (directory.path() / "nothing").string();
    Process search(directory.path(), "discover",
                   {"/usr/bin/env", nowhere, PUNKTFUNK_CLIENT, "discover", "--duration", "1"});
    EXPECT_EQ(search.wait(20s), 1);
    EXPECT_NE(search.err().find("avahi-daemon"), std::string::npos) << search.err();
    const auto ready = directory.path() / "ready.json";
    Process host(directory.path(), "host",
                 {"/usr/bin/env", nowhere, PUNKTFUNK_HOST, "serve", "--embedded", "--bind", "127.0.0.1", "--port", "0",
                  "--config-dir", directory.path() / "config", "--runtime-dir", directory.path() / "run",
                  "--ready-file", ready});
    EXPECT_TRUE(eventually(30s, [&] { return std::filesystem::exists(ready); })) << host.err();
    EXPECT_NE(host.err().find("not announced on the network"), std::string::npos) << host.err();
}

}  // namespace punktfunk::test
