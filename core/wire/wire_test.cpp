#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/wire/control.hpp"
#include "punktfunk/wire/datagram.hpp"
#include "punktfunk/wire/device_name.hpp"

namespace punktfunk::wire {

namespace {

const nlohmann::json& vectors() {
    static const auto document = nlohmann::json::parse(std::ifstream(PUNKTFUNK_VECTORS "/punktfunk1-vectors.json"));
    return document;
}

Bytes control(const std::string& name) {
    return *from_hex(vectors().at("control_messages").at(name).at("payload").get<std::string>());
}
Bytes datagram(const std::string& name) {
    return *from_hex(vectors().at("datagrams").at(name).at("hex").get<std::string>());
}

template <typename Message>
void expect_typed(const std::string& name, const Message& message) {
    EXPECT_EQ(to_hex(encode(TypedMessage{message})), to_hex(control(name))) << name;
    const auto decoded = decode_typed(control(name));
    ASSERT_TRUE(decoded) << name;
    ASSERT_TRUE(std::holds_alternative<Message>(*decoded)) << name;
    EXPECT_EQ(std::get<Message>(*decoded), message) << name;
}

Hello hello_720p() {
    Hello hello;
    hello.mode = {1280, 720, 60};
    return hello;
}

}  // namespace

TEST(Vectors, EveryControlMessageIsFramedAsWritten) {
    for (const auto& [name, vector] : vectors().at("control_messages").items()) {
        const Bytes payload = control(name);
        EXPECT_EQ(payload.size(), vector.value("payload_len", payload.size())) << name;
        if (!vector.contains("framed")) continue;
        EXPECT_EQ(to_hex(frame_message(payload)), vector.at("framed").get<std::string>()) << name;
    }
}

TEST(Vectors, Hello) {
    Hello full = hello_720p();
    full.mode = {2560, 1440, 120};
    full.compositor = Compositor::KWin;
    full.gamepad = Gamepad::DualSense;
    full.bitrate_kbps = 50000;
    full.name = "Living Room TV";
    full.launch = "steam:570";
    full.video_caps = 3;
    EXPECT_EQ(to_hex(encode(full)), to_hex(control("hello_full")));
    EXPECT_EQ(decode_hello(control("hello_full")).value(), full);

    EXPECT_EQ(encode(hello_720p()), control("hello_no_tail"));
    Hello named = hello_720p();
    named.name = "punktfunk-client-rs";
    EXPECT_EQ(encode(named), control("hello_name_only"));
    Hello launching = hello_720p();
    launching.launch = "custom:abc123";
    EXPECT_EQ(encode(launching), control("hello_launch_only"));
    EXPECT_EQ(decode_hello(control("hello_launch_only")).value(), launching);
    Hello caps = hello_720p();
    caps.video_caps = 1;
    EXPECT_EQ(encode(caps), control("hello_caps_only"));
    EXPECT_EQ(decode_hello(control("hello_caps_only")).value(), caps);

    Hello legacy;
    legacy.mode = {1920, 1080, 60};
    EXPECT_EQ(decode_hello(control("hello_legacy_20")).value(), legacy);
    legacy.compositor = Compositor::Mutter;
    EXPECT_EQ(decode_hello(control("hello_legacy_21")).value(), legacy);
    legacy.gamepad = Gamepad::DualSense;
    EXPECT_EQ(decode_hello(control("hello_legacy_22")).value(), legacy);
}

TEST(Vectors, HelloAndWelcomeOfV031) {
    const Bytes hello_bytes = *from_hex(vectors().at("v031").at("hello_typical").at("payload").get<std::string>());
    const auto hello = decode_hello(hello_bytes);
    ASSERT_TRUE(hello);
    EXPECT_EQ(hello->name, "Deck");
    EXPECT_EQ(hello->launch, std::nullopt);
    EXPECT_EQ(hello->video_caps, 0x38);
    ASSERT_TRUE(hello->tail);
    EXPECT_EQ(hello->tail->video_codecs, 7);
    EXPECT_EQ(hello->tail->max_shard_payload, 9152);
    EXPECT_FALSE(hello->tail->display_hdr);
    EXPECT_EQ(to_hex(encode(*hello)), to_hex(hello_bytes));

    const auto welcome =
        decode_welcome(*from_hex(vectors().at("v031").at("welcome_typical").at("payload").get<std::string>()));
    ASSERT_TRUE(welcome);
    EXPECT_EQ(welcome->shard_payload, 1408);
    ASSERT_TRUE(welcome->tail);
    EXPECT_EQ(welcome->tail->codec, kCodecHevc);
    EXPECT_EQ(welcome->tail->host_caps, 1);
    Welcome extended = *welcome;
    EXPECT_EQ(encode(extended).size(), 68u) << "nothing may stand at offset 68";
}

TEST(Vectors, Welcome) {
    const auto full = decode_welcome(control("welcome_full"));
    ASSERT_TRUE(full);
    EXPECT_EQ(full->udp_port, 50123);
    EXPECT_EQ(full->mode, (Mode{2560, 1440, 120}));
    EXPECT_EQ(full->max_data_per_block, 4096);
    EXPECT_EQ(full->shard_payload, 1452);
    EXPECT_EQ(to_hex(full->salt), "706b6631");
    EXPECT_EQ(full->compositor, Compositor::KWin);
    EXPECT_EQ(full->gamepad, Gamepad::DualSense);
    EXPECT_EQ(full->bit_depth, 10);
    EXPECT_EQ(to_hex(encode(*full)), to_hex(control("welcome_full")));
    EXPECT_EQ(encode(decode_welcome(control("welcome_synthetic")).value()), control("welcome_synthetic"));
    const auto legacy = decode_welcome(control("welcome_legacy_53"));
    ASSERT_TRUE(legacy);
    EXPECT_EQ(legacy->bit_depth, 8);
    EXPECT_EQ(legacy->compositor, Compositor::Auto);
    EXPECT_FALSE(legacy->tail);
}

TEST(Vectors, TheOtherControlMessages) {
    EXPECT_EQ(encode(Start{51000}), control("start"));
    EXPECT_EQ(decode_start(control("start")).value(), Start{51000});
    expect_typed("reconfigure", Reconfigure{{3840, 2160, 60}});
    expect_typed("reconfigured_accepted", Reconfigured{true, {3840, 2160, 60}});
    expect_typed("reconfigured_rejected", Reconfigured{false, {2560, 1440, 120}});
    expect_typed("request_keyframe", RequestKeyframe{});
    expect_typed("probe_request", ProbeRequest{1'000'000, 2000});
    expect_typed("probe_result", ProbeResult{250'000'000, 954, 2001, {}});
    expect_typed("clock_probe", ClockProbe{1700000000000000000});
    expect_typed("clock_echo", ClockEcho{1700000000000000000, 1700000000012345678, 1700000000012350000});
    const auto& exchange = vectors().at("spake2").at("punktfunk");
    const auto hex = [&](const char* key) { return *from_hex(exchange.at(key).get<std::string>()); };
    const auto mac = [&](const char* key) {
        std::array<uint8_t, 32> value{};
        std::ranges::copy(hex(key), value.begin());
        return value;
    };
    expect_typed("pair_request", PairRequest{"iPad", hex("msg_a")});
    expect_typed("pair_challenge", PairChallenge{hex("msg_b"), mac("confirm_host")});
    expect_typed("pair_proof", PairProof{mac("confirm_client")});
    expect_typed("pair_result_ok", PairResult{true});
    expect_typed("pair_result_rejected", PairResult{false});
}

TEST(TypedMessages, PipelineGap) {
    const TypedMessage message = PipelineGap{1000};
    EXPECT_EQ(to_hex(encode(message)), "504b46630ae8030000");
    EXPECT_EQ(decode_typed(encode(message)), message);
}

TEST(TypedMessages, RecoveryReport) {
    const TypedMessage message = RecoveryReport{0x0102030405060708};
    EXPECT_EQ(to_hex(encode(message)), "504b4663f10807060504030201");
    EXPECT_EQ(decode_typed(encode(message)), message);
    Bytes bytes = encode(message);
    bytes.push_back(0xff);
    EXPECT_EQ(decode_typed(bytes), message) << "it may grow";
    bytes.resize(12);
    EXPECT_EQ(decode_typed(bytes), std::nullopt);
}

TEST(Control, TheMessagesOfLaterVersionsHaveTheirSizes) {
    const auto round_trip = [](const TypedMessage& message, size_t bytes) {
        const Bytes encoded = encode(message);
        EXPECT_EQ(encoded.size(), bytes);
        EXPECT_EQ(decode_typed(encoded), message);
    };
    round_trip(LossReport{12'345}, 9);
    round_trip(SetBitrate{20'000}, 9);
    round_trip(BitrateChanged{20'000}, 9);
    round_trip(RfiRequest{7, 9}, 13);
    round_trip(PathReport{98'000}, 9);
    round_trip(RecoveryReport{1'000}, 13);
    round_trip(ProbeResult{250'000'000, 954, 2001, {}}, 21);
    round_trip(ProbeResult{250'000'000, 954, 2001, ProbeWireCounts{200'000, 3}}, 29);
    // What lies between the two lengths counts as the shorter one.
    Bytes between = encode(TypedMessage{ProbeResult{1, 2, 3, ProbeWireCounts{4, 5}}});
    between.resize(27);
    EXPECT_EQ(decode_typed(between), TypedMessage(ProbeResult{1, 2, 3, {}}));
}

TEST(Vectors, ClockOffset) {
    std::vector<ClockSample> samples;
    for (const auto& s : vectors().at("clock_offset").at("samples_t1_t2_t3_t4"))
        samples.push_back({s[0], s[1], s[2], s[3]});
    for (size_t i = 0; i < samples.size(); ++i) {
        EXPECT_EQ(estimate_of(samples[i]).offset_ns,
                  vectors().at("clock_offset").at("per_sample_offset_rtt_ns")[i][0].get<int64_t>());
        EXPECT_EQ(estimate_of(samples[i]).rtt_ns,
                  vectors().at("clock_offset").at("per_sample_offset_rtt_ns")[i][1].get<uint64_t>());
    }
    EXPECT_EQ(best_estimate(samples)->offset_ns, vectors().at("clock_offset").at("result_offset_ns").get<int64_t>());
    EXPECT_FALSE(best_estimate({}));
}

TEST(ClockSync, NonsenseFromTheHostDoesNotWrapAround) {
    constexpr uint64_t kNever = ~uint64_t{0};
    // An answer that left before the question came.
    EXPECT_EQ(estimate_of({0, kNever, 0, 10}).rtt_ns, kNever);
    EXPECT_EQ(estimate_of({10, 20, 50, 30}).rtt_ns, 0u) << "longer inside than on the way";
    EXPECT_EQ(estimate_of({0, kNever, kNever, 0}).offset_ns, std::numeric_limits<int64_t>::max());
    EXPECT_EQ(estimate_of({kNever, 0, 0, kNever}).offset_ns, std::numeric_limits<int64_t>::min());
    const ClockSample samples[] = {{0, kNever, 0, 10}, {1000, 2000, 2000, 1010}};
    EXPECT_EQ(best_estimate(samples)->rtt_ns, 10u);
}

TEST(Vectors, Datagrams) {
    using enum InputKind;
    const std::pair<const char*, InputEvent> inputs[] = {
        {"input_key_down_A", {KeyDown, 0x41}},
        {"input_key_up_A", {KeyUp, 0x41}},
        {"input_mouse_move", {MouseMove, 0, -12, 34}},
        {"input_mouse_abs", {MouseMoveAbs, 0, 640, 360, 1280u << 16 | 720}},
        {"input_mouse_down_left", {MouseButtonDown, 1}},
        {"input_mouse_up_right", {MouseButtonUp, 3}},
        {"input_scroll_up_one", {MouseScroll, 0, 120}},
        {"input_scroll_horizontal", {MouseScroll, 1, -120}},
        {"input_pad_button_A_down", {GamepadButton, 0x1000, 1}},
        {"input_pad_axis_lsy", {GamepadAxis, 1, -32768, 0, 2}},
        {"input_touch_down", {TouchDown, 2, 640, 360, 1280u << 16 | 720}},
        {"input_touch_move", {TouchMove, 2, 641, 361, 1280u << 16 | 720}},
        {"input_touch_up", {TouchUp, 2}},
    };
    for (const auto& [name, event] : inputs) {
        EXPECT_EQ(to_hex(encode_input(event)), to_hex(datagram(name))) << name;
        EXPECT_EQ(decode_input(datagram(name)), event) << name;
    }
    const Bytes opus = *from_hex("fc0102030405");
    const AudioPacket sound{7, 1000000123, opus};
    std::array<uint8_t, 19> room{};
    EXPECT_EQ(to_hex(encode_into(room, sound)), to_hex(datagram("audio")));
    EXPECT_TRUE(encode_into(std::span(room).first(18), sound).empty());
    const std::pair<const char*, Bytes> others[] = {
        {"audio", encode(AudioPacket{7, 1000000123, *from_hex("fc0102030405")})},
        {"audio_dtx", encode(AudioPacket{8, 0x3be715bb, {}})},
        {"rumble", encode(Rumble{1, 4660, 65535})},
        {"rumble_stop", encode(Rumble{})},
        {"mic", encode(MicPacket{42, 9999, *from_hex("f8aabb")})},
        {"rich_touchpad", encode(RichInput{Touchpad{0, 1, true, 65535, 32768}})},
        {"rich_motion", encode(RichInput{Motion{3, {-500, 0, 500}, {0, 0, 16384}}})},
        {"hid_led", encode(HidOutput{Lightbar{0, 10, 20, 30}})},
        {"hid_player_leds", encode(HidOutput{PlayerLeds{0, 4}})},
        {"hid_trigger_r2", encode(HidOutput{TriggerEffect{0, 1, 11, {0x21, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}})},
    };
    for (const auto& [name, bytes] : others) {
        EXPECT_EQ(to_hex(bytes), to_hex(datagram(name))) << name;
        const bool to_host = bytes[0] == 0xCB || bytes[0] == 0xCC;
        EXPECT_TRUE(to_host ? decode_client_datagram(bytes).has_value() : decode_host_datagram(bytes).has_value())
            << name;
        Bytes cut(bytes.begin(), bytes.begin() + 3);
        EXPECT_FALSE(to_host ? decode_client_datagram(cut).has_value() : decode_host_datagram(cut).has_value()) << name;
    }
    const HostTiming timing{
        .pts_ns = 5, .host_us = 1000, .detailed = true, .queue_us = 1, .encode_us = 2, .pace_us = 3};
    EXPECT_EQ(encode(timing).size(), 25u);
    EXPECT_EQ(std::get<HostTiming>(*decode_host_datagram(encode(timing))), timing);
}

TEST(GamepadEvents, PackedAsV031PacksThem) {
    const GamepadState state{.pad = 3,
                             .seq = 0xfe,
                             .buttons = 0x00201000,
                             .left_x = -2,
                             .left_y = 32767,
                             .right_x = -32768,
                             .right_y = -1,
                             .left_trigger = 0xab,
                             .right_trigger = 0x01};
    const InputEvent event = to_event(state);
    EXPECT_EQ(event, (InputEvent{InputKind::GamepadState, 0x00201000, static_cast<int32_t>(0xfffe7fff),
                                 static_cast<int32_t>(0x8000ffff), 0xfeab0103}));
    EXPECT_EQ(gamepad_state(*decode_input(encode_input(event))), state);
    EXPECT_EQ(to_event(GamepadRemove{2, 9}), (InputEvent{.kind = InputKind::GamepadRemove, .flags = 0x09000002}));
    EXPECT_EQ(gamepad_remove(to_event(GamepadRemove{2, 9})), (GamepadRemove{2, 9}));
    EXPECT_EQ(to_event(GamepadArrival{1, 7, 0x1f}),
              (InputEvent{.kind = InputKind::GamepadArrival, .code = 7, .flags = 0x1f01}));
    EXPECT_EQ(gamepad_arrival(to_event(GamepadArrival{1, 7, 0x1f})), (GamepadArrival{1, 7, 0x1f}));
}

TEST(Datagrams, RumbleGrowsByAppending) {
    Rumble rumble{1, 0x1234, 0xffff};
    EXPECT_EQ(to_hex(encode(rumble)), "ca01003412ffff");
    rumble.envelope = {7, 1500};
    EXPECT_EQ(to_hex(encode(rumble)), "ca01003412ffff07dc05");
    EXPECT_EQ(std::get<Rumble>(*decode_host_datagram(encode(rumble))), rumble);
    rumble.triggers = {1, 0x8000};
    const Bytes v3 = encode(rumble);
    EXPECT_EQ(to_hex(v3), "ca01003412ffff07dc0501000080");
    EXPECT_EQ(std::get<Rumble>(*decode_host_datagram(v3)), rumble);
    // Cut short it is the version before.
    EXPECT_FALSE(std::get<Rumble>(*decode_host_datagram(ByteView(v3).first(13))).triggers);
    EXPECT_FALSE(std::get<Rumble>(*decode_host_datagram(ByteView(v3).first(9))).envelope);
    EXPECT_EQ(encode(Rumble{.pad = 1, .triggers = {{1, 2}}}).size(), 7u) << "no triggers without an envelope";
}

TEST(Datagrams, TouchpadExIsSigned) {
    const TouchpadEx touch{2, 1, 1, true, false, -12345, 30000, 4000};
    const Bytes bytes = encode(RichInput{touch});
    EXPECT_EQ(to_hex(bytes), "cc0302010101c7cf3075a00f");
    EXPECT_EQ(std::get<RichInput>(*decode_client_datagram(bytes)), RichInput{touch});
    EXPECT_FALSE(decode_client_datagram(ByteView(bytes).first(11)));
}

TEST(GamepadNames, FromPeople) {
    EXPECT_EQ(parse_gamepad(" PS5\n"), Gamepad::DualSense);
    EXPECT_EQ(parse_gamepad("Xbox"), Gamepad::Xbox360);
    EXPECT_EQ(parse_gamepad("default"), Gamepad::Auto);
    for (const char* wrong : {"", " ", "xbox3600", "ds4", "d s"}) EXPECT_FALSE(parse_gamepad(wrong)) << wrong;
    for (const Gamepad gamepad : {Gamepad::Auto, Gamepad::Xbox360, Gamepad::DualSense})
        EXPECT_EQ(parse_gamepad(to_string(gamepad)), gamepad);
}

TEST(Tolerance, TrailingBytesUnknownTypesAndTruncation) {
    for (const char* name : {"reconfigure", "probe_result", "clock_echo", "request_keyframe"}) {
        Bytes longer = control(name);
        longer.insert(longer.end(), 8, 0xaa);
        EXPECT_TRUE(decode_typed(longer)) << name;
        Bytes shorter = control(name);
        shorter.pop_back();
        EXPECT_FALSE(decode_typed(shorter)) << name;
    }
    Bytes pair = control("pair_request");
    pair.push_back(0);
    EXPECT_FALSE(decode_typed(pair)) << "pairing messages end exactly";
    EXPECT_FALSE(decode_typed(*from_hex("504b4663ff")));
    EXPECT_FALSE(decode_typed({}));
    Bytes cut = control("hello_legacy_20");
    cut.pop_back();
    EXPECT_EQ(decode_hello(cut).error().code, ErrorCode::ProtocolViolation);
    EXPECT_FALSE(decode_welcome(Bytes(52, 'P')));
}

TEST(Tolerance, TheRawLengthsLocateTheTailEvenWhenTheyAreInvalid) {
    Bytes bytes = control("hello_no_tail");
    bytes.push_back(70);  // over the cap of 64: no name, but 70 bytes to skip
    bytes.insert(bytes.end(), 70, 'x');
    bytes.push_back(2);
    bytes.insert(bytes.end(), {0xff, 0xfe});  // no UTF-8: no launch id
    bytes.push_back(1);
    const auto hello = decode_hello(bytes);
    ASSERT_TRUE(hello);
    EXPECT_FALSE(hello->name);
    EXPECT_FALSE(hello->launch);
    EXPECT_EQ(hello->video_caps, 1);
}

TEST(Tolerance, LongNamesAreCutAtACharacter) {
    Hello hello = hello_720p();
    hello.name = std::string(63, 'a') + "\xc3\xa4";
    EXPECT_EQ(decode_hello(encode(hello))->name, std::string(63, 'a'));
}

TEST(Tolerance, AnyBytesAreSafeToDecode) {
    EXPECT_TRUE(rc::check("decoders answer for every input", [](Bytes bytes) {
        const bool with_magic = *rc::gen::arbitrary<bool>();
        if (with_magic && bytes.size() >= 4)
            std::ranges::copy(std::string_view(*rc::gen::arbitrary<bool>() ? "PKF1" : "PKFc"), bytes.begin());
        (void)decode_hello(bytes);
        (void)decode_welcome(bytes);
        (void)decode_start(bytes);
        (void)decode_typed(bytes);
        (void)decode_client_datagram(bytes);
        (void)decode_host_datagram(bytes);
    }));
}

TEST(MessageFramer, AnyChunkingGivesTheSameMessages) {
    EXPECT_TRUE(rc::check("chunks do not matter", [](const std::vector<Bytes>& messages) {
        Bytes stream;
        for (const auto& message : messages) std::ranges::copy(frame_message(message), std::back_inserter(stream));
        MessageFramer framer;
        std::vector<Bytes> out;
        for (size_t at = 0; at < stream.size();) {
            const size_t size = std::min<size_t>(stream.size() - at, 1 + *rc::gen::inRange<size_t>(0, 7));
            framer.feed(ByteView(stream).subspan(at, size));
            at += size;
            while (auto message = framer.next()) out.push_back(std::move(*message));
        }
        RC_ASSERT(out == messages);
    }));
}

TEST(DeviceName, IsFitToBeShown) {
    const std::array<uint8_t, 32> fingerprint{0xde, 0xad, 0xbe, 0xef};
    EXPECT_EQ(sanitize_device_name("  Living\tRoom \n TV ", fingerprint), "Living Room TV");
    EXPECT_EQ(sanitize_device_name("a\x01\x1b[31mb", fingerprint), "a[31mb");
    EXPECT_EQ(sanitize_device_name("a\u202eb\ufeff\u200f", fingerprint), "ab");
    EXPECT_EQ(sanitize_device_name("a\u3000b", fingerprint), "a b");
    EXPECT_EQ(sanitize_device_name("", fingerprint), "device deadbeef");
    EXPECT_EQ(sanitize_device_name("\u202e \n", fingerprint), "device deadbeef");
    EXPECT_EQ(sanitize_device_name(std::string(63, 'x') + "\u00e4", fingerprint), std::string(63, 'x'));
}

}  // namespace punktfunk::wire
