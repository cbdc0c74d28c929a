/*
 * The library as a C11 program sees it. Exits 0 when every check held, else says which did not.
 *
 *   abi_harness                          plain sessions inside the process, with loss
 *   abi_harness PORT FINGERPRINT_HEX     a client of the host at 127.0.0.1:PORT (core_abi_test has one)
 */
#define PUNKTFUNK_FEATURE_QUIC
#include <stdio.h>
#include <string.h>

#include "punktfunk_core.h"

#define CHECK(condition)                                                                   \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                       \
        }                                                                                  \
    } while (0)

enum { FRAMES = 20, FRAME_BYTES = 60000, WAIT_MS = 5000, PATTERN_FRAMES = 12 };

static PunktfunkConfig config_for(uint32_t role) {
    PunktfunkConfig config = {0};
    config.struct_size = sizeof config;
    config.role = role;
    config.phase = 1;
    config.fec_scheme = 1;
    config.fec_percent = 20;
    config.max_data_per_block = 4096;
    config.shard_payload = 1408;
    config.encrypt = 1;
    memset(config.key, 7, sizeof config.key);
    memset(config.salt, 9, sizeof config.salt);
    config.max_frame_bytes = 64u << 20;
    return config;
}

static void fill(uint8_t* bytes, size_t length, unsigned seed) {
    for (size_t i = 0; i < length; ++i) bytes[i] = (uint8_t)(i * 31 + seed);
}

static void on_input(const PunktfunkInputEvent* event, void* user) {
    uint32_t* sum = user;
    CHECK(event->kind == PUNKTFUNK_INPUT_KIND_MOUSE_MOVE && event->x == -5 && event->y == 9);
    *sum += event->code;
}

static void frames_survive_loss(void) {
    PunktfunkConfig host_config = config_for(0), client_config = config_for(1);
    host_config.loopback_drop_period = 10; /* a tenth is lost, a fifth is parity */
    PunktfunkSession *host = NULL, *client = NULL;
    CHECK(punktfunk_test_loopback_pair(&host_config, &client_config, &host, &client) == PUNKTFUNK_STATUS_OK);

    static uint8_t sent[FRAME_BYTES];
    for (unsigned i = 0; i < FRAMES; ++i) {
        fill(sent, sizeof sent, i);
        CHECK(punktfunk_host_submit_frame(host, sent, sizeof sent, 1000 + i, FLAG_PIC) == PUNKTFUNK_STATUS_OK);
        PunktfunkFrame frame;
        CHECK(punktfunk_client_poll_frame(client, &frame) == PUNKTFUNK_STATUS_OK);
        CHECK(frame.len == sizeof sent && memcmp(frame.data, sent, sizeof sent) == 0);
        CHECK(frame.frame_index == i && frame.pts_ns == 1000 + i && frame.flags == FLAG_PIC);
        CHECK(punktfunk_client_poll_frame(client, &frame) == PUNKTFUNK_STATUS_NO_FRAME);
    }
    PunktfunkStats stats;
    CHECK(punktfunk_get_stats(client, &stats) == PUNKTFUNK_STATUS_OK);
    CHECK(stats.frames_completed == FRAMES && stats.fec_recovered_shards > 0 && stats.frames_dropped == 0);

    uint32_t sum = 0;
    CHECK(punktfunk_set_input_callback(host, on_input, &sum) == PUNKTFUNK_STATUS_OK);
    PunktfunkInputEvent event = {.kind = PUNKTFUNK_INPUT_KIND_MOUSE_MOVE, .code = 3, .x = -5, .y = 9};
    CHECK(punktfunk_send_input(client, &event) == PUNKTFUNK_STATUS_OK);
    CHECK(punktfunk_send_input(client, &event) == PUNKTFUNK_STATUS_OK);
    CHECK(punktfunk_host_poll_input(host) == 2 && sum == 6);
    CHECK(punktfunk_host_poll_input(host) == 0);

    punktfunk_session_free(host);
    punktfunk_session_free(client);
}

/* That host shows PATTERN_FRAMES pictures of known content and sends one message on every side plane. */
static void stream_from(uint16_t port, const char* fingerprint_hex) {
    uint8_t pin[32], observed[32] = {0};
    for (int i = 0; i < 32; ++i) {
        unsigned byte = 0;
        CHECK(sscanf(fingerprint_hex + 2 * i, "%2x", &byte) == 1);
        pin[i] = (uint8_t)byte;
    }
    char certificate[4096], key[4096];
    CHECK(punktfunk_generate_identity(certificate, sizeof certificate, key, sizeof key) == PUNKTFUNK_STATUS_OK);

    uint8_t paired[32] = {0};
    CHECK(punktfunk_pair("127.0.0.1", port, certificate, key, "0427", "C harness", paired, WAIT_MS) ==
          PUNKTFUNK_STATUS_OK);
    CHECK(memcmp(paired, pin, sizeof pin) == 0);

    PunktfunkConnection* connection =
        punktfunk_connect_ex4("127.0.0.1", port, 640, 360, 30, PUNKTFUNK_COMPOSITOR_WLROOTS,
                              PUNKTFUNK_GAMEPAD_DUALSENSE, 20000, "game", pin, observed, certificate, key, WAIT_MS);
    CHECK(connection != NULL && memcmp(observed, pin, sizeof pin) == 0);
    uint32_t width = 0, height = 0, hz = 0;
    CHECK(punktfunk_connection_mode(connection, &width, &height, &hz) == PUNKTFUNK_STATUS_OK);
    CHECK(width == 640 && height == 360 && hz == 30);

    static uint8_t expected[1000 + 7000 * PATTERN_FRAMES];
    for (unsigned i = 0; i < PATTERN_FRAMES; ++i) {
        PunktfunkFrame frame;
        CHECK(punktfunk_connection_next_au(connection, &frame, WAIT_MS) == PUNKTFUNK_STATUS_OK);
        CHECK(frame.len == 1000 + 7000 * (size_t)frame.frame_index);
        fill(expected, frame.len, frame.frame_index);
        CHECK(memcmp(frame.data, expected, frame.len) == 0 && frame.pts_ns == 1000 + frame.frame_index);
    }
    PunktfunkAudioPacket sound;
    CHECK(punktfunk_connection_next_audio(connection, &sound, WAIT_MS) == PUNKTFUNK_STATUS_OK);
    CHECK(sound.len == 4 && memcmp(sound.data, "opus", 4) == 0 && sound.seq == 7 && sound.pts_ns == 99);
    uint16_t pad = 9, low = 0, high = 0;
    CHECK(punktfunk_connection_next_rumble(connection, &pad, &low, &high, WAIT_MS) == PUNKTFUNK_STATUS_OK);
    CHECK(pad == 0 && low == 0x4000 && high == 0x8000);
    PunktfunkHidOutput light;
    CHECK(punktfunk_connection_next_hidout(connection, &light, WAIT_MS) == PUNKTFUNK_STATUS_OK);
    CHECK(light.kind == PUNKTFUNK_HIDOUT_LED && light.r == 10 && light.g == 20 && light.b == 30);
    CHECK(punktfunk_connection_next_hidout(connection, &light, 0) == PUNKTFUNK_STATUS_NO_FRAME);

    PunktfunkInputEvent press = {.kind = PUNKTFUNK_INPUT_KIND_KEY_DOWN, .code = 0x41};
    CHECK(punktfunk_connection_send_input(connection, &press) == PUNKTFUNK_STATUS_OK);
    CHECK(punktfunk_connection_send_mic(connection, (const uint8_t*)"mic", 3, 1, 2) == PUNKTFUNK_STATUS_OK);
    PunktfunkRichInput touch = {.kind = PUNKTFUNK_RICH_TOUCHPAD, .active = 1, .x = 100, .y = 200};
    CHECK(punktfunk_connection_send_rich_input(connection, &touch) == PUNKTFUNK_STATUS_OK);
    CHECK(punktfunk_connection_request_keyframe(connection) == PUNKTFUNK_STATUS_OK);

    PunktfunkProbeResult probe = {0};
    CHECK(punktfunk_connection_speed_test(connection, 100000, 50) == PUNKTFUNK_STATUS_OK);
    for (int i = 0; i < 500 && !(probe.done && probe.recv_bytes == probe.host_bytes); ++i) {
        CHECK(punktfunk_connection_next_rumble(connection, NULL, NULL, NULL, 10) == PUNKTFUNK_STATUS_NO_FRAME);
        CHECK(punktfunk_connection_probe_result(connection, &probe) == PUNKTFUNK_STATUS_OK);
    }
    CHECK(probe.done == 1 && probe.recv_bytes > 0 && probe.recv_bytes == probe.host_bytes && probe.loss_pct == 0);
    punktfunk_connection_close(connection);
}

int main(int argc, char** argv) {
    CHECK(punktfunk_abi_version() == ABI_VERSION);
    if (argc == 3 && strlen(argv[2]) == 64) {
        stream_from((uint16_t)atoi(argv[1]), argv[2]);
    } else {
        CHECK(argc == 1);
        frames_survive_loss();
    }
    puts("every check held");
    return 0;
}
