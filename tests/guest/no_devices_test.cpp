// A machine that lets nobody make controllers: one line that says what to do, and the session goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "pads.hpp"
#include "process.hpp"

namespace punktfunk::test {

using namespace gamepad;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

// What the host logs while this exists.
class Log {
  public:
    Log() {
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("host", sink_)),
            spdlog::set_level(spdlog::level::debug);
    }
    ~Log() { spdlog::set_default_logger(before_); }

    [[nodiscard]] std::vector<std::string> lines(spdlog::level::level_enum level) const {
        std::vector<std::string> lines;
        for (const auto& line : sink_->last_raw()) {
            if (line.level == level) lines.emplace_back(line.payload.data(), line.payload.size());
        }
        return lines;
    }

  private:
    std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
    std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> sink_ = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100);
};

// Every pad is asked for and none is made: the first is the warning, what follows is for who debugs.
std::vector<std::string> warnings_without_devices() {
    const Log log;
    Pads pads;
    for (uint8_t pad = 0; pad < 3; ++pad) pads.push(pad, Plug{pad == 1 ? Kind::DualSense : Kind::Xbox360});
    pads.push(0, State{.buttons = kA});
    pads.push(1, Unplug{});
    EXPECT_TRUE(eventually(kPatience, [&] { return log.lines(spdlog::level::debug).size() == 2; }));
    EXPECT_FALSE(EvdevNode::exists(Pads::phys(0)));
    return log.lines(spdlog::level::warn);
}

}  // namespace

TEST(NoDevices, WithoutPermission) {
    ASSERT_EQ(::chmod("/dev/uinput", 0600), 0);
    ASSERT_EQ(::chmod("/dev/uhid", 0600), 0);
    ASSERT_EQ(::seteuid(65534), 0);
    const auto warnings = warnings_without_devices();
    ASSERT_EQ(::seteuid(0), 0);
    EXPECT_THAT(warnings,
                ElementsAre(AllOf(HasSubstr("guest"), HasSubstr("/dev/uinput"), HasSubstr("60-punktfunk.rules"))));
}

TEST(NoDevices, WithoutTheNodes) {
    for (const char* node : {"/dev/uinput", "/dev/uhid"}) std::filesystem::rename(node, std::string(node) + "-away");
    const auto warnings = warnings_without_devices();
    for (const char* node : {"/dev/uinput", "/dev/uhid"}) std::filesystem::rename(std::string(node) + "-away", node);
    EXPECT_THAT(warnings, ElementsAre(AllOf(HasSubstr("/dev/uinput"), HasSubstr("modprobe uinput"))));
}

TEST(NoDevices, AreThereForTheNextSession) {
    Pads pads;
    pads.push(0, Plug{});
    (void)EvdevNode::open(Pads::phys(0));
}

}  // namespace punktfunk::test
