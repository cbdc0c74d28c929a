#include "play_messages.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace punktfunk::browser {
namespace {

using nlohmann::json;

TEST(PageMessages, StartSaysWhatThePageWants) {
    const auto message = parse_page_message(
        R"({"type":"start","width":1281,"height":721,"refresh_hz":60,"bitrate_kbps":8000,"sound":false})");
    ASSERT_TRUE(message) << message.error().message;
    const auto& start = std::get<Start>(*message);
    EXPECT_EQ(start.mode, (display::Mode{1280, 720, 60}));
    EXPECT_EQ(start.bitrate_kbps, 8000u);
    EXPECT_FALSE(start.sound);
}

TEST(PageMessages, ResizeAndKeyframe) {
    const auto resize = parse_page_message(R"({"type":"resize","width":64,"height":8192,"refresh_hz":240})");
    ASSERT_TRUE(resize);
    EXPECT_EQ(std::get<Resize>(*resize).mode, (display::Mode{64, 8192, 240}));
    EXPECT_TRUE(std::holds_alternative<Keyframe>(parse_page_message(R"({"type":"keyframe"})").value()));
}

TEST(PageMessages, WhatIsWrongIsNamed) {
    for (const auto& [text, named] : {
             std::pair{"", "JSON object"},
             {"[]", "JSON object"},
             {"{}", "type"},
             {R"({"type":7})", "type"},
             {R"({"type":"stop"})", "type"},
             {R"({"type":"resize","width":63,"height":64,"refresh_hz":60})", "width"},
             {R"({"type":"resize","width":8193,"height":64,"refresh_hz":60})", "width"},
             {R"({"type":"resize","width":-1,"height":64,"refresh_hz":60})", "width"},
             {R"({"type":"resize","width":100.5,"height":64,"refresh_hz":60})", "width"},
             {R"({"type":"resize","width":18446744073709551617,"height":64,"refresh_hz":60})", "width"},
             {R"({"type":"resize","width":100,"height":"64","refresh_hz":60})", "height"},
             {R"({"type":"resize","width":100,"height":64})", "refresh_hz"},
             {R"({"type":"resize","width":100,"height":64,"refresh_hz":60,"x":1})", "x is not known"},
             {R"({"type":"start","width":100,"height":64,"refresh_hz":60})", "bitrate_kbps"},
             {R"({"type":"start","width":100,"height":64,"refresh_hz":60,"bitrate_kbps":8000,"sound":1})", "sound"},
             {R"({"type":"keyframe","now":true})", "now"},
         }) {
        const auto message = parse_page_message(text);
        ASSERT_FALSE(message) << text;
        EXPECT_EQ(message.error().code, ErrorCode::ProtocolViolation);
        EXPECT_THAT(message.error().message, testing::HasSubstr(named)) << text;
    }
    EXPECT_FALSE(parse_page_message(R"({"type":"keyframe"})" + std::string(kMaxPageMessage, ' ')));
}

TEST(PageMessages, WhatIsWrongCannotForgeLinesOfTheLog) {
    for (const std::string name : {R"(x\n[error] forged)", R"(\u001b[2Jx)", R"(\r\u007f\t)"}) {
        const auto message = parse_page_message(R"({"type":"keyframe",")" + name + R"(":1})");
        ASSERT_FALSE(message);
        EXPECT_TRUE(std::ranges::all_of(message.error().message, [](unsigned char c) {
            return c >= 0x20 && c != 0x7f;
        })) << message.error().message;
    }
    const auto long_name = parse_page_message(R"({"type":"keyframe",")" + std::string(900, 'x') + R"(":1})");
    ASSERT_FALSE(long_name);
    EXPECT_LT(long_name.error().message.size(), 100u);
}

TEST(HostMessages, AreJsonWhateverTheReasonHolds) {
    EXPECT_EQ(json::parse(started_message({1280, 720, 60}, "libx264 (software)", true)),
              (json{{"type", "started"},
                    {"width", 1280},
                    {"height", 720},
                    {"refresh_hz", 60},
                    {"encoder", "libx264 (software)"},
                    {"sound", true}}));
    EXPECT_EQ(json::parse(mode_message({64, 66, 1}, false)).at("accepted"), false);
    EXPECT_EQ(json::parse(ended_message("\"\n\xff")).at("type"), "ended");
}

TEST(MediaHeader, IsLittleEndianMicroseconds) {
    EXPECT_THAT(media_header(MediaKind::Video, true, 0x000a0b0c0d0e0full * 1000 + 999),
                testing::ElementsAre(1, 1, 0, 0, 0x0f, 0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 0, 0));
    EXPECT_THAT(media_header(MediaKind::Sound, false, 0), testing::ElementsAre(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
}

}  // namespace
}  // namespace punktfunk::browser
