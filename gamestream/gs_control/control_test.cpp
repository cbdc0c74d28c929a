#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/gs_control/cipher.hpp"
#include "punktfunk/gs_control/messages.hpp"

namespace punktfunk::gs_control {
namespace {

using nlohmann::json;

const json& vectors() {
    static const auto document = json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json"));
    return document.at("control_encryption");
}

gs_media::StreamKey vector_key() {
    gs_media::StreamKey key;
    std::ranges::copy(*from_hex(vectors().at("key").get<std::string>()), key.bytes.begin());
    return key;
}

// Every message of the vectors in their order, as values.
const std::vector<ClientMessage>& client_values() {
    static const Bytes kKeyDown = *from_hex("0000000a03000000004180000000");
    static const std::vector<ClientMessage> values{
        RequestIdr{},
        StartB{},
        KeepAlive{},
        InvalidateFrames{20, 21},
        AcknowledgeFrame{7},
        FrameFecStatus{.frame = 1,
                       .highest_received_sequence = 66,
                       .next_contiguous_sequence = 8,
                       .missing_before_highest = 7,
                       .total_data = 60,
                       .total_parity = 12,
                       .received_data = 53,
                       .received_parity = 7,
                       .fec_percent = 20,
                       .block = 0,
                       .block_count = 1},
        Input{kKeyDown},
        RequestIdr{},  // two of the older scheme, and one with a large number
        RequestIdr{},
        RequestIdr{},
    };
    return values;
}

const std::vector<HostMessage> kHostValues{
    Rumble{0, 0x8000, 0x4000},
    TriggerRumble{0, 1000, 2000},
    MotionReports{0, 100, MotionType::Gyro},
    LedColour{0, 10, 20, 30},
    AdaptiveTriggers{.left = TriggerEffect{1, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
                     .right = TriggerEffect{2, {20, 21, 22, 23, 24, 25, 26, 27, 28, 29}}},
    HdrMode{.enabled = true,
            .metadata = {.red = {34000, 16000},
                         .green = {13250, 34500},
                         .blue = {7500, 3000},
                         .white = {15635, 16450},
                         .max_luminance = 1000,
                         .min_luminance = 50,
                         .max_content_light_level = 800,
                         .max_frame_average_light_level = 400,
                         .max_full_frame_luminance = 600}},
    HdrMode{},
    Termination{TerminationCode::Graceful},
};

template <typename Message>
bool same(const Message& a, const Message& b) {
    return encode(a) == encode(b) && a.index() == b.index();
}

TEST(Vectors, EveryMessageIsSealedAndOpenedAsWritten) {
    size_t client = 0, host = 0;
    for (const auto& one : vectors().at("messages")) {
        SCOPED_TRACE(one.at("description").get<std::string>());
        const bool from_client = one.at("from") == "client";
        const Sender sender = from_client ? Sender::Client : Sender::Host;
        const Scheme scheme = one.at("scheme") == "v2" ? Scheme::V2 : Scheme::Legacy;
        const Bytes inner = *from_hex(one.at("inner_plaintext").get<std::string>());
        const Bytes wire = *from_hex(one.at("wire").get<std::string>());

        auto opener = Opener::create(vector_key(), sender, scheme).value();
        Bytes received = wire;
        const auto opened = opener.open(received);
        ASSERT_TRUE(opened);
        EXPECT_EQ(to_hex(*opened), to_hex(inner));
        if (from_client) {
            const ClientMessage& expected = client_values().at(client++);
            EXPECT_EQ(to_hex(encode(expected)), to_hex(inner));
            const auto decoded = decode_client_message(*opened);
            ASSERT_TRUE(decoded);
            EXPECT_TRUE(same(*decoded, expected));
        } else {
            const HostMessage& expected = kHostValues.at(host++);
            EXPECT_EQ(to_hex(encode(expected)), to_hex(inner));
            EXPECT_EQ(decode_host_message(*opened), expected);
        }
        const auto sequence = one.at("sequence").get<uint32_t>();
        if (sequence > 1000) continue;  // nobody gets that far one by one in a test
        auto sealer = Sealer::create(vector_key(), sender, scheme).value();
        Bytes sealed;
        for (uint32_t i = 0; i <= sequence; ++i) sealed = sealer.seal(inner).value();
        EXPECT_EQ(to_hex(sealed), to_hex(wire));
    }
    EXPECT_EQ(client, client_values().size());
    EXPECT_EQ(host, kHostValues.size());
}

TEST(Cipher, TakesAnyOrderAndNothingTwice) {
    const auto key = vector_key();
    auto sealer = Sealer::create(key, Sender::Client, Scheme::V2).value();
    auto opener = Opener::create(key, Sender::Client, Scheme::V2).value();
    std::vector<Bytes> packets;
    for (int i = 0; i < 200; ++i) packets.push_back(sealer.seal(encode(ClientMessage{KeepAlive{}})).value());
    std::ranges::shuffle(packets, std::mt19937(3));
    for (int round = 0; round < 2; ++round) {
        for (const Bytes& packet : packets) {
            Bytes received = packet;
            const auto opened = opener.open(received);
            EXPECT_EQ(opened.has_value(), round == 0);
            if (!opened) {
                EXPECT_EQ(opened.error().code, ErrorCode::Crypto);
            }
        }
    }
}

TEST(Cipher, RefusesWhatIsNotThisDirectionsUntouchedPacket) {
    const auto key = vector_key();
    const Bytes packet =
        Sealer::create(key, Sender::Client, Scheme::V2).value().seal(encode(ClientMessage{StartB{}})).value();
    auto opener = Opener::create(key, Sender::Client, Scheme::V2).value();
    const auto code = [&](Opener& by, Bytes received) {
        const auto opened = by.open(received);
        return opened ? std::nullopt : std::optional(opened.error().code);
    };
    for (size_t at = 0; at < packet.size(); ++at) {
        Bytes damaged = packet;
        damaged[at] ^= 0x10;
        EXPECT_EQ(code(opener, damaged), at < 4 ? ErrorCode::ProtocolViolation : ErrorCode::Crypto) << at;
    }
    for (size_t length = 0; length < packet.size(); ++length) {
        EXPECT_EQ(code(opener, Bytes(packet.begin(), packet.begin() + static_cast<ptrdiff_t>(length))),
                  ErrorCode::ProtocolViolation);
    }
    auto of_host = Opener::create(key, Sender::Host, Scheme::V2).value();
    EXPECT_EQ(code(of_host, packet), ErrorCode::Crypto);
    auto of_old = Opener::create(key, Sender::Client, Scheme::Legacy).value();
    EXPECT_EQ(code(of_old, packet), ErrorCode::Crypto);
    EXPECT_EQ(code(opener, packet), std::nullopt) << "none of that may spoil the real one";

    auto sealer = Sealer::create(key, Sender::Host, Scheme::V2).value();
    EXPECT_EQ(sealer.seal(Bytes(3)).error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(sealer.seal(Bytes(489)).error().code, ErrorCode::InvalidArgument);
    EXPECT_TRUE(sealer.seal(Bytes(488)));
}

TEST(Messages, TooShortIsRefusedLongerIsTaken) {
    const auto check = [](Bytes message, auto decode) {
        for (size_t length = 0; length < message.size(); ++length) {
            const auto cut = decode(ByteView(message).first(length));
            ASSERT_FALSE(cut);
            EXPECT_EQ(cut.error().code, ErrorCode::ProtocolViolation);
        }
        const auto whole = decode(ByteView(message));
        ASSERT_TRUE(whole);
        Bytes longer = message;
        longer.resize(message.size() + 9);
        store_le<uint16_t>(&longer[2], static_cast<uint16_t>(longer.size() - 4));
        const auto taken = decode(ByteView(longer));
        ASSERT_TRUE(taken);
        EXPECT_EQ(taken->index(), whole->index());
    };
    for (const auto& message : client_values()) check(encode(message), decode_client_message);
    for (const auto& message : kHostValues) check(encode(message), decode_host_message);
}

TEST(Messages, UnknownOnesAreIgnored) {
    for (const char* hex : {"010200000000", "05030000", "ffff0400deadbeef"}) {
        const auto message = decode_client_message(*from_hex(hex));
        ASSERT_TRUE(message) << hex;
        EXPECT_TRUE(std::holds_alternative<Ignored>(*message)) << hex;
    }
    EXPECT_EQ(std::get<Ignored>(*decode_host_message(*from_hex("34120000"))).type, 0x1234);
    // Lost frames that end before they begin.
    EXPECT_EQ(decode_client_message(encode(ClientMessage{InvalidateFrames{9, 8}})).error().code,
              ErrorCode::ProtocolViolation);
}

}  // namespace
}  // namespace punktfunk::gs_control
