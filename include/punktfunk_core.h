/*
 * punktfunk_core.h: the C interface of libpunktfunk_core (punktfunk/1, specification section 9). ABI version 2.
 *
 * Two ways in:
 *   - a connection (PunktfunkConnection) is a whole client: QUIC control, video, sound, rumble, HID output, input,
 *     microphone. Define PUNKTFUNK_FEATURE_QUIC before including this file to see it.
 *   - a plain session (PunktfunkSession) is the data plane alone, either end of it: access units in, packets over UDP
 *     (or inside the process), access units out.
 *
 * Errors       A function that can fail answers a PunktfunkStatus (negative = failure) or a pointer (NULL = failure).
 *              Nothing is written to an output unless the answer is PUNKTFUNK_STATUS_OK, or this file says so. No C++
 *              exception ever leaves a function, and no argument makes one crash, with two exceptions that C cannot
 *              check: a pointer that is neither NULL nor valid, and a handle that was freed.
 * Threads      Said at each handle. Different handles never disturb each other.
 * Ownership    A handle belongs to its caller, who frees it once. Data that a function hands out belongs to the handle
 *              and says how long it stays valid. Data that a function takes is copied before it returns.
 * Strings      NUL-terminated UTF-8.
 * Times        *_ns are nanoseconds of CLOCK_REALTIME (since the Unix epoch) of the machine that is named.
 */
#pragma once
#ifndef PUNKTFUNK_CORE_H
#define PUNKTFUNK_CORE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* ---- Constants (9.3) ------------------------------------------------------------------------------------------- */

/* What punktfunk_abi_version() must answer for this header; also the version that Hello and Welcome carry. */
#define ABI_VERSION 2

/* Sealing adds 8 bytes of sequence number and a tag of this length (4.2). */
#define TAG_LEN 16
/* Longest datagram of the data plane (4.1). */
#define MAX_DATAGRAM_BYTES 2048

/* First byte of an input event on the wire, and its length there: tag, kind, code, x, y, flags (section 6). */
#define INPUT_MAGIC 200
#define INPUT_WIRE_LEN (1 + 1 + 4 + 4 + 4 + 4)

/* Byte 36 of a video packet's header, and the bits of PunktfunkFrame.flags and of the header's flags (4.3, 4.4). */
#define PUNKTFUNK_MAGIC 201
#define FLAG_PIC 1   /* a picture */
#define FLAG_EOF 2   /* header only: the frame's last packet */
#define FLAG_SOF 4   /* in a frame's flags, with FLAG_PIC: a keyframe */
#define FLAG_PROBE 8 /* filler of a speed test */

/* Longest trigger effect of PunktfunkHidOutput. */
#define PUNKTFUNK_HID_EFFECT_MAX 11

/* PunktfunkHidOutput.kind */
#define PUNKTFUNK_HIDOUT_LED 1
#define PUNKTFUNK_HIDOUT_PLAYER_LEDS 2
#define PUNKTFUNK_HIDOUT_TRIGGER 3

/* PunktfunkRichInput.kind */
#define PUNKTFUNK_RICH_TOUCHPAD 1
#define PUNKTFUNK_RICH_MOTION 2

/* Which compositor makes the display: wished for in connect, answered by _compositor (8.4). */
#define PUNKTFUNK_COMPOSITOR_AUTO 0
#define PUNKTFUNK_COMPOSITOR_KWIN 1
#define PUNKTFUNK_COMPOSITOR_WLROOTS 2
#define PUNKTFUNK_COMPOSITOR_MUTTER 3
#define PUNKTFUNK_COMPOSITOR_GAMESCOPE 4

/* Which gamepad the host makes: wished for in connect, answered by _gamepad (8.5). */
#define PUNKTFUNK_GAMEPAD_AUTO 0
#define PUNKTFUNK_GAMEPAD_XBOX360 1
#define PUNKTFUNK_GAMEPAD_DUALSENSE 2

/* PunktfunkInputEvent.code of GAMEPAD_BUTTON: one or more of these bits (section 6). */
#define PUNKTFUNK_BTN_DPAD_UP 1
#define PUNKTFUNK_BTN_DPAD_DOWN 2
#define PUNKTFUNK_BTN_DPAD_LEFT 4
#define PUNKTFUNK_BTN_DPAD_RIGHT 8
#define PUNKTFUNK_BTN_START 16
#define PUNKTFUNK_BTN_BACK 32
#define PUNKTFUNK_BTN_LS_CLICK 64
#define PUNKTFUNK_BTN_RS_CLICK 128
#define PUNKTFUNK_BTN_LB 256
#define PUNKTFUNK_BTN_RB 512
#define PUNKTFUNK_BTN_GUIDE 1024
#define PUNKTFUNK_BTN_A 4096
#define PUNKTFUNK_BTN_B 8192
#define PUNKTFUNK_BTN_X 16384
#define PUNKTFUNK_BTN_Y 32768
#define PUNKTFUNK_BTN_TOUCHPAD 1048576 /* DualSense only */

/* PunktfunkInputEvent.code of GAMEPAD_AXIS. Sticks are -32768..32767 with +y up, triggers 0..255. */
#define PUNKTFUNK_AXIS_LS_X 0
#define PUNKTFUNK_AXIS_LS_Y 1
#define PUNKTFUNK_AXIS_RS_X 2
#define PUNKTFUNK_AXIS_RS_Y 3
#define PUNKTFUNK_AXIS_LT 4
#define PUNKTFUNK_AXIS_RT 5

#if defined(PUNKTFUNK_FEATURE_QUIC)
/* Bits of Hello.video_caps (2.3). This library sends 0. */
#define VIDEO_CAP_10BIT 1
#define VIDEO_CAP_HDR 2
/* Longest texts of a Hello, in bytes (2.3). Longer ones are cut between characters. */
#define HELLO_NAME_MAX 64
#define HELLO_LAUNCH_MAX 128
/* Types of the control stream's messages (2.6, 2.7). */
#define MSG_RECONFIGURE 1
#define MSG_RECONFIGURED 2
#define MSG_REQUEST_KEYFRAME 3
#define MSG_PAIR_REQUEST 16
#define MSG_PAIR_CHALLENGE 17
#define MSG_PAIR_PROOF 18
#define MSG_PAIR_RESULT 19
#define MSG_PROBE_REQUEST 32
#define MSG_PROBE_RESULT 33
#define MSG_CLOCK_PROBE 48
#define MSG_CLOCK_ECHO 49
/* First bytes of the side planes' datagrams (section 5). */
#define PUNKTFUNK_AUDIO_MAGIC 201
#define PUNKTFUNK_RUMBLE_MAGIC 202
#define MIC_MAGIC 203
#define RICH_INPUT_MAGIC 204
#define HIDOUT_MAGIC 205
#endif

/* ---- Enumerations (9.1, 9.2) ----------------------------------------------------------------------------------- */

/* C++ and C23 give an enumeration its width; older C cannot, so there the name is the integer type itself. */
#if defined(__cplusplus)
#define PUNKTFUNK_ENUM(name, type) enum name : type
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 202311L
#define PUNKTFUNK_ENUM(name, type) \
    enum name : type;              \
    typedef enum name name;        \
    enum name : type
#else
#define PUNKTFUNK_ENUM(name, type) \
    typedef type name;             \
    enum name
#endif

/* What a function answers. Values are never reused; later versions only append. Test for `< 0`, not for one value. */
PUNKTFUNK_ENUM(PunktfunkStatus, int32_t){
    PUNKTFUNK_STATUS_OK = 0,
    PUNKTFUNK_STATUS_INVALID_ARG = -1,  /* a bad value, the wrong end of a session */
    PUNKTFUNK_STATUS_FEC = -2,          /* the erasure code failed */
    PUNKTFUNK_STATUS_CRYPTO = -3,       /* sealing failed; wrong PIN; the host is not the pinned one */
    PUNKTFUNK_STATUS_BAD_PACKET = -4,   /* the peer broke the protocol */
    PUNKTFUNK_STATUS_NO_FRAME = -5,     /* nothing (yet): not an error */
    PUNKTFUNK_STATUS_UNSUPPORTED = -6,  /* beyond what the session's parameters allow */
    PUNKTFUNK_STATUS_IO = -7,           /* the network or the operating system */
    PUNKTFUNK_STATUS_NULL_POINTER = -8, /* a pointer that must not be NULL */
    PUNKTFUNK_STATUS_TIMEOUT = -9,      /* the host did not answer in time */
    PUNKTFUNK_STATUS_CLOSED = -10,      /* the session is over; nothing more will come */
    PUNKTFUNK_STATUS_PANIC = -99,       /* a failure inside the library (out of memory, a defect) */
};

/* What an input event is (section 6). */
PUNKTFUNK_ENUM(PunktfunkInputKind, uint8_t){
    PUNKTFUNK_INPUT_KIND_KEY_DOWN = 0,          /* code: Windows virtual-key code */
    PUNKTFUNK_INPUT_KIND_KEY_UP = 1,            /* code: the same */
    PUNKTFUNK_INPUT_KIND_MOUSE_MOVE = 2,        /* x, y: pixels moved, down is positive */
    PUNKTFUNK_INPUT_KIND_MOUSE_MOVE_ABS = 3,    /* x, y within flags = width << 16 | height */
    PUNKTFUNK_INPUT_KIND_MOUSE_BUTTON_DOWN = 4, /* code: 1 left, 2 middle, 3 right, 4 X1, 5 X2 */
    PUNKTFUNK_INPUT_KIND_MOUSE_BUTTON_UP = 5,   /* code: the same */
    PUNKTFUNK_INPUT_KIND_MOUSE_SCROLL = 6,      /* code: 0 vertical, 1 horizontal; x: 120 a detent, + up or right */
    PUNKTFUNK_INPUT_KIND_GAMEPAD_BUTTON = 7,    /* code: PUNKTFUNK_BTN_*; x: not 0 = pressed; flags: pad 0..15 */
    PUNKTFUNK_INPUT_KIND_GAMEPAD_AXIS = 8,      /* code: PUNKTFUNK_AXIS_*; x: value; flags: pad 0..15 */
    PUNKTFUNK_INPUT_KIND_TOUCH_DOWN = 9,        /* code: touch id; x, y within flags = width << 16 | height */
    PUNKTFUNK_INPUT_KIND_TOUCH_MOVE = 10,       /* the same */
    PUNKTFUNK_INPUT_KIND_TOUCH_UP = 11,         /* code: touch id */
};

/* ---- Structures (9.4); sizes are those of LP64 ------------------------------------------------------------------ */

/* One end of a data plane. One thread at a time. */
typedef struct PunktfunkSession PunktfunkSession;

/* What both ends of a plain session agree on (4.6, 9.5). 64 bytes. */
typedef struct {
    uint32_t struct_size; /* sizeof(PunktfunkConfig); less is refused before anything else is read, more is accepted */
    uint32_t role;        /* 0 host, 1 client */
    uint32_t phase;       /* 1 or 2: the version byte of packet headers; punktfunk/1 uses 1 */
    uint32_t fec_scheme;  /* 0 GF(2^8), 1 GF(2^16) */
    uint32_t fec_percent; /* parity as a share of a block's data, rounded up; 0 = none */
    uint32_t max_data_per_block; /* data shards in a block; with parity at most 255 (GF(2^8)) or 65535 (GF(2^16)) */
    uint32_t shard_payload; /* bytes a packet carries: even, 2..1984. 1408 fills an Ethernet frame (sealed, IPv4) */
    uint32_t encrypt;       /* not 0 = AES-128-GCM; then the key must not be all zero */
    uint8_t key[16];        /* fresh for every session: the pair of key and salt must never be used twice */
    uint8_t salt[4];
    uint32_t loopback_drop_period; /* punktfunk_test_loopback_pair only: lose every n-th packet sent; 0 = none */
    uint64_t max_frame_bytes;      /* longest access unit; punktfunk/1 uses 64 MiB */
} PunktfunkConfig;

/* One access unit. `data` belongs to the handle; how long it is valid is said where it is handed out. 40 bytes. */
typedef struct {
    const uint8_t* data;
    uintptr_t len;
    uint32_t frame_index; /* from 0, one more for each access unit the host sent; wraps. A gap is a lost frame */
    uint64_t pts_ns;      /* when the host captured it: the host's clock */
    uint32_t flags;       /* FLAG_* */
} PunktfunkFrame;

/* One input event; the fields' meaning depends on `kind`, unused ones are 0 (section 6). 20 bytes. */
typedef struct {
    PunktfunkInputKind kind;
    uint8_t _pad[3];
    uint32_t code;
    int32_t x;
    int32_t y;
    uint32_t flags;
} PunktfunkInputEvent;

/* What a plain session counted since it was made (4.7). 80 bytes. */
typedef struct {
    uint64_t frames_submitted;
    uint64_t frames_completed;
    uint64_t frames_dropped;       /* given up: sixteen newer ones were seen */
    uint64_t packets_sent;         /* counts those the socket dropped, too */
    uint64_t packets_received;     /* those that could be opened */
    uint64_t packets_dropped;      /* opened, and of no use: malformed, too late */
    uint64_t packets_send_dropped; /* the socket did not take them */
    uint64_t fec_recovered_shards;
    uint64_t bytes_sent;     /* as on the wire */
    uint64_t bytes_received; /* opened: header and shard */
} PunktfunkStats;

/* The state of a speed test (4.10). Units are access units. 48 bytes. */
typedef struct {
    uint8_t done;        /* 1 once the host's own count is here; what is still on its way is counted on */
    uint64_t recv_bytes; /* payload that arrived */
    uint32_t recv_packets;
    uint64_t host_bytes; /* payload that the host sent; 0 until done */
    uint32_t host_packets;
    uint32_t elapsed_ms;      /* from the first arrival to the last */
    uint32_t throughput_kbps; /* recv_bytes over elapsed_ms; 0 while that is 0 */
    float loss_pct;           /* of host_bytes; 0 until done */
} PunktfunkProbeResult;

#if defined(PUNKTFUNK_FEATURE_QUIC)
/*
 * A client's connection to a host. Each plane (next_au, next_audio, next_rumble, next_hidout) may be pulled by a thread
 * of its own, one thread a plane; every other function may be called by any thread at any time, except
 * punktfunk_connection_close(), which must be the last call.
 */
typedef struct PunktfunkConnection PunktfunkConnection;

/* One Opus packet: 48 kHz, stereo, 5 ms (5.1). len 0 = silence; let the decoder conceal. 32 bytes. */
typedef struct {
    const uint8_t* data;
    uintptr_t len;
    uint32_t seq;    /* from 0, one more for each packet the host sent; wraps */
    uint64_t pts_ns; /* when it was encoded: the host's clock */
} PunktfunkAudioPacket;

/* Something a DualSense is to show or do (5.6). Fields of other kinds are 0. 19 bytes. */
typedef struct {
    uint8_t kind; /* PUNKTFUNK_HIDOUT_* */
    uint8_t pad;  /* which gamepad */
    uint8_t r;    /* LED: colour */
    uint8_t g;
    uint8_t b;
    uint8_t player_bits;                      /* PLAYER_LEDS: low five bits, left to right */
    uint8_t which;                            /* TRIGGER: 0 = L2, 1 = R2 */
    uint8_t effect_len;                       /* TRIGGER: bytes of effect */
    uint8_t effect[PUNKTFUNK_HID_EFFECT_MAX]; /* TRIGGER: as in the pad's own output report */
} PunktfunkHidOutput;

/* A DualSense's touchpad or motion sensors (5.5). 20 bytes. */
typedef struct {
    uint8_t kind;   /* PUNKTFUNK_RICH_* */
    uint8_t pad;    /* which gamepad; a button or axis event must have named it before */
    uint8_t finger; /* TOUCHPAD: 0 or 1 */
    uint8_t active; /* TOUCHPAD: not 0 = touching */
    uint16_t x;     /* TOUCHPAD: 0..65535 over the pad, from the top left */
    uint16_t y;
    int16_t gyro[3];  /* MOTION: pitch, yaw, roll; 20 units a degree per second */
    int16_t accel[3]; /* MOTION: x, y, z; 10000 units a g */
} PunktfunkRichInput;
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Plain sessions (9.5) --------------------------------------------------------------------------------------- */

/* The ABI version of the library that was loaded. Compare it with ABI_VERSION before anything else. */
uint32_t punktfunk_abi_version(void);

/*
 * A session over UDP: binds `local` and sends to and hears only `peer`. Both are "address:port", "[v6]:port" or
 * "name:port" (resolved here, which may block). NULL on any error: NULL arguments, a bad configuration, an address that
 * cannot be had.
 */
PunktfunkSession* punktfunk_session_new(const PunktfunkConfig* config, const char* local, const char* peer);

/*
 * A host and a client joined inside the process, for tests: no socket, packets arrive in order. The host's
 * loopback_drop_period loses packets on their way to the client, the client's those on their way to the host: packet n
 * of a direction (from 0) is lost when n is a multiple of the period. The two ends may live in two threads, and either
 * may be freed first. On failure both outputs are set to NULL (when they are not NULL themselves).
 */
PunktfunkStatus punktfunk_test_loopback_pair(const PunktfunkConfig* host_cfg, const PunktfunkConfig* client_cfg,
                                             PunktfunkSession** out_host, PunktfunkSession** out_client);

/* Frees a session and what it handed out. NULL is fine. */
void punktfunk_session_free(PunktfunkSession* session);

/*
 * Host: splits one access unit, adds parity, seals and sends it, at once. `data` may be NULL when `len` is 0. `flags`
 * travels with the frame. UNSUPPORTED when it is longer than max_frame_bytes. What the network loses is not an error.
 */
PunktfunkStatus punktfunk_host_submit_frame(PunktfunkSession* session, const uint8_t* data, uintptr_t len,
                                            uint64_t pts_ns, uint32_t flags);

/*
 * Client: the next finished access unit, in the order in which they became complete. Never waits: NO_FRAME when there
 * is none. out->data is valid until the next poll on this session, or its end.
 */
PunktfunkStatus punktfunk_client_poll_frame(PunktfunkSession* session, PunktfunkFrame* out);

/* Client: sends one input event to the host. INVALID_ARG for a kind that is none of PunktfunkInputKind. */
PunktfunkStatus punktfunk_send_input(PunktfunkSession* session, const PunktfunkInputEvent* event);

/*
 * Who is to hear of input events in punktfunk_host_poll_input(). `user` is handed back untouched; NULL for `cb` clears.
 * The event that `cb` is given is valid during the call. `cb` must not free the session.
 */
PunktfunkStatus punktfunk_set_input_callback(PunktfunkSession* session,
                                             void (*cb)(const PunktfunkInputEvent* event, void* user), void* user);

/* Host: takes in every input event that has arrived, calling the callback on this thread. Their number, or a status. */
int32_t punktfunk_host_poll_input(PunktfunkSession* session);

/* Either end: the counters so far. */
PunktfunkStatus punktfunk_get_stats(const PunktfunkSession* session, PunktfunkStats* out);

/* ---- Connections (9.6) ------------------------------------------------------------------------------------------ */

#if defined(PUNKTFUNK_FEATURE_QUIC)

/*
 * Connects and waits until the stream is about to begin, at most timeout_ms. NULL on any failure.
 *
 *   host, port           an IP address (no name), and the host's control port, 9777 by default
 *   width, height, refresh_hz   the display the host is to make
 *   compositor, gamepad  PUNKTFUNK_COMPOSITOR_*, PUNKTFUNK_GAMEPAD_*; anything else counts as AUTO
 *   bitrate_kbps         0 = the host's choice
 *   launch_id            what the host is to start; NULL, "" or text that is not UTF-8 = nothing
 *   pin_sha256           32 bytes: the host's fingerprint as punktfunk_pair() gave it. NULL = trust whoever answers
 *   observed_sha256_out  32 bytes, or NULL: the fingerprint of the host that answered, written only on success
 *   client_cert_pem, client_key_pem   this device's identity; both, or both NULL (hosts that want pairing refuse that)
 *
 * Each of the five is the next one with 0 or NULL for the argument it lacks.
 */
PunktfunkConnection* punktfunk_connect(const char* host, uint16_t port, uint32_t width, uint32_t height,
                                       uint32_t refresh_hz, const uint8_t* pin_sha256, uint8_t* observed_sha256_out,
                                       const char* client_cert_pem, const char* client_key_pem, uint32_t timeout_ms);
PunktfunkConnection* punktfunk_connect_ex(const char* host, uint16_t port, uint32_t width, uint32_t height,
                                          uint32_t refresh_hz, uint32_t compositor, const uint8_t* pin_sha256,
                                          uint8_t* observed_sha256_out, const char* client_cert_pem,
                                          const char* client_key_pem, uint32_t timeout_ms);
PunktfunkConnection* punktfunk_connect_ex2(const char* host, uint16_t port, uint32_t width, uint32_t height,
                                           uint32_t refresh_hz, uint32_t compositor, uint32_t gamepad,
                                           const uint8_t* pin_sha256, uint8_t* observed_sha256_out,
                                           const char* client_cert_pem, const char* client_key_pem,
                                           uint32_t timeout_ms);
PunktfunkConnection* punktfunk_connect_ex3(const char* host, uint16_t port, uint32_t width, uint32_t height,
                                           uint32_t refresh_hz, uint32_t compositor, uint32_t gamepad,
                                           uint32_t bitrate_kbps, const uint8_t* pin_sha256,
                                           uint8_t* observed_sha256_out, const char* client_cert_pem,
                                           const char* client_key_pem, uint32_t timeout_ms);
PunktfunkConnection* punktfunk_connect_ex4(const char* host, uint16_t port, uint32_t width, uint32_t height,
                                           uint32_t refresh_hz, uint32_t compositor, uint32_t gamepad,
                                           uint32_t bitrate_kbps, const char* launch_id, const uint8_t* pin_sha256,
                                           uint8_t* observed_sha256_out, const char* client_cert_pem,
                                           const char* client_key_pem, uint32_t timeout_ms);

/*
 * Makes an identity for this device: a self-signed certificate and its private key, PEM with a final NUL. Store both
 * and keep the key secret. 4096 bytes hold either. INVALID_ARG when a buffer is too small; then neither is written.
 */
PunktfunkStatus punktfunk_generate_identity(char* cert_out, uintptr_t cert_cap, char* key_out, uintptr_t key_cap);

/*
 * The PIN ceremony (section 3): proves to each side that the other knows the PIN which the host shows. `name` is how
 * the host will list this device. On success the host knows this identity, and host_sha256_out (32 bytes) is the pin
 * for later connections. Waits at most timeout_ms.
 *
 *   CRYPTO        wrong PIN, somebody in between, or refused
 *   TIMEOUT       nobody answered
 *   IO            the connection failed, or the host hung up (it does not expect a pairing)
 *   INVALID_ARG   a bad address or identity
 *   NULL_POINTER  any NULL, or text that is not UTF-8
 */
PunktfunkStatus punktfunk_pair(const char* host, uint16_t port, const char* cert_pem, const char* key_pem,
                               const char* pin, const char* name, uint8_t* host_sha256_out, uint32_t timeout_ms);

/*
 * The planes. Each waits at most timeout_ms: OK, NO_FRAME when nothing came, CLOSED when the session is over and
 * everything that came before was handed out. A plane that nobody pulls fills up and then loses its newest: video after
 * 16 access units, audio after 64 packets, rumble after 16, HID output after 32.
 *
 * next_au, next_audio: out->data is valid until the next call of the same function on this connection, or its close.
 * next_au: in the order in which they became complete; filler of a speed test is never among them.
 */
PunktfunkStatus punktfunk_connection_next_au(PunktfunkConnection* connection, PunktfunkFrame* out, uint32_t timeout_ms);
PunktfunkStatus punktfunk_connection_next_audio(PunktfunkConnection* connection, PunktfunkAudioPacket* out,
                                                uint32_t timeout_ms);
/* Motor strengths 0..65535, low = the big one; 0 and 0 = stop. Repeated every 500 ms. A NULL output is skipped (5.4).
 */
PunktfunkStatus punktfunk_connection_next_rumble(PunktfunkConnection* connection, uint16_t* pad, uint16_t* low,
                                                 uint16_t* high, uint32_t timeout_ms);
PunktfunkStatus punktfunk_connection_next_hidout(PunktfunkConnection* connection, PunktfunkHidOutput* out,
                                                 uint32_t timeout_ms);

/*
 * What goes to the host: queued and forgotten. CLOSED once the session is over.
 *
 * send_input: INVALID_ARG for a kind that is none of PunktfunkInputKind.
 * send_mic: one Opus packet of at most 120 ms, 48 kHz (5.2); `opus` may be NULL when `len` is 0. INVALID_ARG above
 *   MAX_DATAGRAM_BYTES; one that is longer than the path's datagrams (about 1400 bytes) is lost.
 * send_rich_input: INVALID_ARG for an unknown kind.
 */
PunktfunkStatus punktfunk_connection_send_input(PunktfunkConnection* connection, const PunktfunkInputEvent* event);
PunktfunkStatus punktfunk_connection_send_mic(PunktfunkConnection* connection, const uint8_t* opus, uintptr_t len,
                                              uint32_t seq, uint64_t pts_ns);
PunktfunkStatus punktfunk_connection_send_rich_input(PunktfunkConnection* connection, const PunktfunkRichInput* input);

/* What was agreed. A NULL output is skipped. mode is the one in force now; the others do not change. */
PunktfunkStatus punktfunk_connection_mode(const PunktfunkConnection* connection, uint32_t* width, uint32_t* height,
                                          uint32_t* refresh_hz);
PunktfunkStatus punktfunk_connection_gamepad(const PunktfunkConnection* connection, uint32_t* out);
PunktfunkStatus punktfunk_connection_compositor(const PunktfunkConnection* connection, uint32_t* out);
PunktfunkStatus punktfunk_connection_bitrate(const PunktfunkConnection* connection, uint32_t* out);
/* The host's clock minus this machine's, measured at the start (2.6): host time = own time + *out. 0 = unknown. */
PunktfunkStatus punktfunk_connection_clock_offset_ns(const PunktfunkConnection* connection, int64_t* out);

/* Asks for another mode; whether the host agreed shows in punktfunk_connection_mode(). CLOSED once it is over. */
PunktfunkStatus punktfunk_connection_request_mode(const PunktfunkConnection* connection, uint32_t width,
                                                  uint32_t height, uint32_t refresh_hz);
/* Asks for a keyframe, after a loss. Several in a row are one to the host, but the caller should throttle. */
PunktfunkStatus punktfunk_connection_request_keyframe(const PunktfunkConnection* connection);

/*
 * A speed test (4.10): the host sends target_kbps of filler for duration_ms, in place of video. The counters start
 * again from zero. Poll probe_result until `done`, then a little longer (400 ms) for what is still on its way.
 */
PunktfunkStatus punktfunk_connection_speed_test(const PunktfunkConnection* connection, uint32_t target_kbps,
                                                uint32_t duration_ms);
PunktfunkStatus punktfunk_connection_probe_result(const PunktfunkConnection* connection, PunktfunkProbeResult* out);

/* Ends the session, waits for its threads, frees everything it handed out. NULL is fine. */
void punktfunk_connection_close(PunktfunkConnection* connection);

#endif /* PUNKTFUNK_FEATURE_QUIC */

#ifdef __cplusplus
}
#endif

#endif /* PUNKTFUNK_CORE_H */
