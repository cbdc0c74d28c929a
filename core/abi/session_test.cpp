// Plain sessions through the C interface (spec §9.5).
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <thread>

#include "boundary.hpp"
#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "testing.hpp"

namespace punktfunk::abi {

namespace {

using SessionHandle = std::unique_ptr<PunktfunkSession, decltype(&punktfunk_session_free)>;

struct Pair {
    SessionHandle host{nullptr, punktfunk_session_free}, client{nullptr, punktfunk_session_free};
};

Pair pair_of(const PunktfunkConfig& host_config, const PunktfunkConfig& client_config) {
    PunktfunkSession *host = nullptr, *client = nullptr;
    EXPECT_EQ(punktfunk_test_loopback_pair(&host_config, &client_config, &host, &client), PUNKTFUNK_STATUS_OK);
    Pair pair;
    pair.host.reset(host);
    pair.client.reset(client);
    return pair;
}

PunktfunkStats stats_of(const SessionHandle& session) {
    PunktfunkStats stats;
    EXPECT_EQ(punktfunk_get_stats(session.get(), &stats), PUNKTFUNK_STATUS_OK);
    return stats;
}

Bytes pattern(size_t length, unsigned seed) {
    Bytes bytes(length);
    for (size_t i = 0; i < length; ++i) bytes[i] = static_cast<uint8_t>(i * 7 + seed);
    return bytes;
}

PunktfunkStatus submit(const SessionHandle& host, const Bytes& frame, uint64_t pts_ns = 1, uint32_t flags = 5) {
    return punktfunk_host_submit_frame(host.get(), frame.data(), frame.size(), pts_ns, flags);
}

void expect_frame(const SessionHandle& client, const Bytes& frame) {
    PunktfunkFrame got{};
    ASSERT_EQ(punktfunk_client_poll_frame(client.get(), &got), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(Bytes(got.data, got.data + got.len), frame);
}

// Nobody is bound to it just now.
uint16_t free_port() {
    const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    (void)::bind(fd.get(), reinterpret_cast<sockaddr*>(&at), length);
    (void)::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&at), &length);
    return ntohs(at.sin_port);
}

}  // namespace

TEST(PlainSession, CarriesFramesOfEverySizeUnderEveryConfiguration) {
    for (const uint32_t scheme : {0u, 1u}) {
        for (const uint32_t encrypt : {0u, 1u}) {
            for (const uint32_t phase : {1u, 2u}) {
                auto host_config = config_for(0), client_config = config_for(1);
                for (auto* config : {&host_config, &client_config}) {
                    config->fec_scheme = scheme;
                    config->max_data_per_block = 100;
                    config->encrypt = encrypt;
                    config->phase = phase;
                }
                const auto [host, client] = pair_of(host_config, client_config);
                for (const size_t length : {size_t{0}, size_t{1}, size_t{1024}, size_t{1025}, size_t{500'000}}) {
                    const Bytes frame = pattern(length, scheme);
                    ASSERT_EQ(submit(host, frame), PUNKTFUNK_STATUS_OK);
                    expect_frame(client, frame);
                }
                EXPECT_EQ(punktfunk_host_submit_frame(host.get(), nullptr, 0, 1, 1), PUNKTFUNK_STATUS_OK);
                expect_frame(client, {});
            }
        }
    }
}

TEST(PlainSession, SaysWhatItCounted) {
    auto host_config = config_for(0);
    host_config.loopback_drop_period = 10;  // packets 0, 10, 20 ...
    const auto [host, client] = pair_of(host_config, config_for(1));
    const Bytes frame = pattern(20 * 1024, 1);  // 20 data and 4 parity packets
    ASSERT_EQ(submit(host, frame, 77, 9), PUNKTFUNK_STATUS_OK);
    PunktfunkFrame got{};
    ASSERT_EQ(punktfunk_client_poll_frame(client.get(), &got), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(got.pts_ns, 77u);
    EXPECT_EQ(got.flags, 9u);
    EXPECT_EQ(got.frame_index, 0u);
    EXPECT_EQ(punktfunk_client_poll_frame(client.get(), &got), PUNKTFUNK_STATUS_NO_FRAME);

    const auto sent = stats_of(host), received = stats_of(client);
    EXPECT_EQ(sent.frames_submitted, 1u);
    EXPECT_EQ(sent.packets_sent, 24u);
    EXPECT_EQ(sent.bytes_sent, 24u * (1024 + 40 + 24));
    EXPECT_EQ(sent.packets_send_dropped, 0u) << "what the network loses, the sender does not see";
    EXPECT_EQ(received.packets_received, 21u);
    EXPECT_EQ(received.bytes_received, 21u * (1024 + 40));
    EXPECT_EQ(received.fec_recovered_shards, 2u);
    EXPECT_EQ(received.frames_completed, 1u);
}

TEST(PlainSession, LosesEveryPacketWithAPeriodOfOneAndGivesUpAfterSixteenFrames) {
    auto host_config = config_for(0);
    host_config.fec_percent = 0;
    host_config.loopback_drop_period = 40;
    auto client_config = config_for(1);
    client_config.fec_percent = 0;
    const auto [host, client] = pair_of(host_config, client_config);
    const Bytes frame = pattern(2048, 1);  // two packets: the first frame loses its first
    for (int i = 0; i < 18; ++i) ASSERT_EQ(submit(host, frame), PUNKTFUNK_STATUS_OK);
    PunktfunkFrame got{};
    for (int i = 0; i < 17; ++i) EXPECT_EQ(punktfunk_client_poll_frame(client.get(), &got), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_client_poll_frame(client.get(), &got), PUNKTFUNK_STATUS_NO_FRAME);
    EXPECT_EQ(stats_of(client).frames_dropped, 1u);

    host_config.loopback_drop_period = 1;
    const auto [mute, deaf] = pair_of(host_config, client_config);
    ASSERT_EQ(submit(mute, frame), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_client_poll_frame(deaf.get(), &got), PUNKTFUNK_STATUS_NO_FRAME);
}

TEST(PlainSession, AnotherKeyIsNoise) {
    auto client_config = config_for(1);
    client_config.key[0] ^= 1;
    const auto [host, client] = pair_of(config_for(0), client_config);
    ASSERT_EQ(submit(host, pattern(5000, 1)), PUNKTFUNK_STATUS_OK);
    PunktfunkFrame got{};
    EXPECT_EQ(punktfunk_client_poll_frame(client.get(), &got), PUNKTFUNK_STATUS_NO_FRAME);
    EXPECT_EQ(stats_of(client).packets_received, 0u);
}

TEST(PlainSession, InputReachesTheCallback) {
    auto client_config = config_for(1);
    client_config.loopback_drop_period = 3;  // events 0 and 3 of 5 are lost
    const auto [host, client] = pair_of(config_for(0), client_config);
    for (uint32_t code = 0; code < 5; ++code) {
        const PunktfunkInputEvent event{PUNKTFUNK_INPUT_KIND_TOUCH_UP, {}, code, -1, 2, 3};
        ASSERT_EQ(punktfunk_send_input(client.get(), &event), PUNKTFUNK_STATUS_OK);
    }
    std::vector<uint32_t> heard;
    const auto hear = [](const PunktfunkInputEvent* event, void* user) {
        EXPECT_EQ(event->kind, PUNKTFUNK_INPUT_KIND_TOUCH_UP);
        EXPECT_EQ(event->x, -1);
        EXPECT_EQ(event->flags, 3u);
        static_cast<std::vector<uint32_t>*>(user)->push_back(event->code);
    };
    ASSERT_EQ(punktfunk_set_input_callback(host.get(), hear, &heard), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_host_poll_input(host.get()), 3);
    EXPECT_EQ(heard, (std::vector<uint32_t>{1, 2, 4}));
    const PunktfunkInputEvent event{PUNKTFUNK_INPUT_KIND_KEY_UP, {}, 9, 0, 0, 0};
    ASSERT_EQ(punktfunk_set_input_callback(host.get(), nullptr, nullptr), PUNKTFUNK_STATUS_OK);
    ASSERT_EQ(punktfunk_send_input(client.get(), &event), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_host_poll_input(host.get()), 1) << "drained, though nobody listens";
    EXPECT_EQ(heard.size(), 3u);
}

TEST(PlainSession, OverUdpTheRestOfABatchWaitsForTheNextPoll) {
    const auto host_config = config_for(0), client_config = config_for(1);
    auto [host, client] = Pair();
    for (int attempt = 0; attempt < 10 && !(host && client); ++attempt) {  // somebody else may take a port first
        const std::string host_at = "127.0.0.1:" + std::to_string(free_port());
        const std::string client_at = "127.0.0.1:" + std::to_string(free_port());
        host.reset(punktfunk_session_new(&host_config, host_at.c_str(), client_at.c_str()));
        client.reset(punktfunk_session_new(&client_config, client_at.c_str(), host_at.c_str()));
    }
    ASSERT_TRUE(host && client);
    for (unsigned i = 0; i < 20; ++i) ASSERT_EQ(submit(host, pattern(100, i)), PUNKTFUNK_STATUS_OK);
    for (unsigned i = 0; i < 20; ++i) expect_frame(client, pattern(100, i));
    const PunktfunkInputEvent event{PUNKTFUNK_INPUT_KIND_KEY_DOWN, {}, 65, 0, 0, 0};
    ASSERT_EQ(punktfunk_send_input(client.get(), &event), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_host_poll_input(host.get()), 1);

    // The peer is gone: its packets are lost, which is nobody's error.
    client.reset();
    for (unsigned i = 0; i < 3; ++i) EXPECT_EQ(submit(host, pattern(100, i)), PUNKTFUNK_STATUS_OK);
    EXPECT_EQ(punktfunk_host_poll_input(host.get()), 0);
}

TEST(PlainSession, TheEndsOfAPairMayLiveInTwoThreads) {
    auto [host, client] = pair_of(config_for(0), config_for(1));
    const std::jthread sender([sending = std::move(host)] {
        for (unsigned i = 0; i < 200; ++i) EXPECT_EQ(submit(sending, pattern(3000, i)), PUNKTFUNK_STATUS_OK);
    });  // and frees it, while the other end goes on
    for (unsigned next = 0; next < 200;) {
        PunktfunkFrame got{};
        const auto status = punktfunk_client_poll_frame(client.get(), &got);
        if (status == PUNKTFUNK_STATUS_NO_FRAME) {
            std::this_thread::yield();
            continue;
        }
        ASSERT_EQ(status, PUNKTFUNK_STATUS_OK);
        ASSERT_EQ(got.frame_index, next);
        EXPECT_EQ(Bytes(got.data, got.data + got.len), pattern(3000, next++));
    }
}

TEST(PlainSession, RefusesWhatTheConfigurationRulesForbid) {
    const std::pair<const char*, void (*)(PunktfunkConfig&)> wrongs[] = {
        {"struct_size 63", [](PunktfunkConfig& c) { c.struct_size = 63; }},
        {"struct_size 0", [](PunktfunkConfig& c) { c.struct_size = 0; }},
        {"role", [](PunktfunkConfig& c) { c.role += 2; }},
        {"phase 0", [](PunktfunkConfig& c) { c.phase = 0; }},
        {"phase 3", [](PunktfunkConfig& c) { c.phase = 3; }},
        {"scheme", [](PunktfunkConfig& c) { c.fec_scheme = 2; }},
        {"fec_percent", [](PunktfunkConfig& c) { c.fec_percent = 256; }},
        {"no data", [](PunktfunkConfig& c) { c.max_data_per_block = 0; }},
        {"65536 data", [](PunktfunkConfig& c) { c.max_data_per_block = 65536; }},
        {"block over 255", [](PunktfunkConfig& c) { c.fec_scheme = 0, c.max_data_per_block = 240; }},
        {"odd shard", [](PunktfunkConfig& c) { c.shard_payload = 1023; }},
        {"no shard", [](PunktfunkConfig& c) { c.shard_payload = 0; }},
        {"long shard", [](PunktfunkConfig& c) { c.shard_payload = 1986; }},
        {"shard over 16 bits", [](PunktfunkConfig& c) { c.shard_payload = 65536 + 1024; }},
        {"no frame", [](PunktfunkConfig& c) { c.max_frame_bytes = 0; }},
        {"endless frame", [](PunktfunkConfig& c) { c.max_frame_bytes = UINT64_MAX; }},
        {"no key", [](PunktfunkConfig& c) { std::memset(c.key, 0, sizeof c.key); }},
    };
    for (const auto& [what, spoil] : wrongs) {
        for (const uint32_t role : {0u, 1u}) {
            PunktfunkConfig configs[] = {config_for(0), config_for(1)};
            spoil(configs[role]);
            PunktfunkSession *host = nullptr, *client = nullptr;
            EXPECT_EQ(punktfunk_test_loopback_pair(&configs[0], &configs[1], &host, &client),
                      PUNKTFUNK_STATUS_INVALID_ARG)
                << what;
            EXPECT_FALSE(host || client);
            EXPECT_EQ(punktfunk_session_new(&configs[role], "127.0.0.1:0", "127.0.0.1:9"), nullptr) << what;
        }
    }
    auto larger = config_for(0);
    larger.struct_size = 4096;
    (void)pair_of(larger, config_for(1));
}

TEST(PlainSession, AFrameOverTheLimitIsUnsupported) {
    auto config = config_for(0);
    config.max_frame_bytes = 1000;
    const auto [host, client] = pair_of(config, config_for(1));
    EXPECT_EQ(submit(host, Bytes(1001)), PUNKTFUNK_STATUS_UNSUPPORTED);
    EXPECT_EQ(submit(host, Bytes(1000)), PUNKTFUNK_STATUS_OK);
}

}  // namespace punktfunk::abi
