/* Prints what a C compiler makes of punktfunk_core.h, line by line as in abi.txt: sizes, offsets, values. */
#define PUNKTFUNK_FEATURE_QUIC
#include <stddef.h>
#include <stdio.h>

#include "punktfunk_core.h"

#define STRUCT(type) printf("struct %s size %zu align %zu\n", #type, sizeof(type), _Alignof(type))
#define FIELD(type, field) \
    printf("field %s.%s at %zu size %zu\n", #type, #field, offsetof(type, field), sizeof(((type*)0)->field))
#define VALUE(name) printf("value %s %ld\n", #name, (long)(name))

static void structs(void) {
    STRUCT(PunktfunkStatus);
    STRUCT(PunktfunkInputKind);

    STRUCT(PunktfunkConfig);
    FIELD(PunktfunkConfig, struct_size);
    FIELD(PunktfunkConfig, role);
    FIELD(PunktfunkConfig, phase);
    FIELD(PunktfunkConfig, fec_scheme);
    FIELD(PunktfunkConfig, fec_percent);
    FIELD(PunktfunkConfig, max_data_per_block);
    FIELD(PunktfunkConfig, shard_payload);
    FIELD(PunktfunkConfig, encrypt);
    FIELD(PunktfunkConfig, key);
    FIELD(PunktfunkConfig, salt);
    FIELD(PunktfunkConfig, loopback_drop_period);
    FIELD(PunktfunkConfig, max_frame_bytes);

    STRUCT(PunktfunkFrame);
    FIELD(PunktfunkFrame, data);
    FIELD(PunktfunkFrame, len);
    FIELD(PunktfunkFrame, frame_index);
    FIELD(PunktfunkFrame, pts_ns);
    FIELD(PunktfunkFrame, flags);

    STRUCT(PunktfunkInputEvent);
    FIELD(PunktfunkInputEvent, kind);
    FIELD(PunktfunkInputEvent, _pad);
    FIELD(PunktfunkInputEvent, code);
    FIELD(PunktfunkInputEvent, x);
    FIELD(PunktfunkInputEvent, y);
    FIELD(PunktfunkInputEvent, flags);

    STRUCT(PunktfunkStats);
    FIELD(PunktfunkStats, frames_submitted);
    FIELD(PunktfunkStats, frames_completed);
    FIELD(PunktfunkStats, frames_dropped);
    FIELD(PunktfunkStats, packets_sent);
    FIELD(PunktfunkStats, packets_received);
    FIELD(PunktfunkStats, packets_dropped);
    FIELD(PunktfunkStats, packets_send_dropped);
    FIELD(PunktfunkStats, fec_recovered_shards);
    FIELD(PunktfunkStats, bytes_sent);
    FIELD(PunktfunkStats, bytes_received);

    STRUCT(PunktfunkAudioPacket);
    FIELD(PunktfunkAudioPacket, data);
    FIELD(PunktfunkAudioPacket, len);
    FIELD(PunktfunkAudioPacket, seq);
    FIELD(PunktfunkAudioPacket, pts_ns);

    STRUCT(PunktfunkHidOutput);
    FIELD(PunktfunkHidOutput, kind);
    FIELD(PunktfunkHidOutput, pad);
    FIELD(PunktfunkHidOutput, r);
    FIELD(PunktfunkHidOutput, g);
    FIELD(PunktfunkHidOutput, b);
    FIELD(PunktfunkHidOutput, player_bits);
    FIELD(PunktfunkHidOutput, which);
    FIELD(PunktfunkHidOutput, effect_len);
    FIELD(PunktfunkHidOutput, effect);

    STRUCT(PunktfunkRichInput);
    FIELD(PunktfunkRichInput, kind);
    FIELD(PunktfunkRichInput, pad);
    FIELD(PunktfunkRichInput, finger);
    FIELD(PunktfunkRichInput, active);
    FIELD(PunktfunkRichInput, x);
    FIELD(PunktfunkRichInput, y);
    FIELD(PunktfunkRichInput, gyro);
    FIELD(PunktfunkRichInput, accel);

    STRUCT(PunktfunkProbeResult);
    FIELD(PunktfunkProbeResult, done);
    FIELD(PunktfunkProbeResult, recv_bytes);
    FIELD(PunktfunkProbeResult, recv_packets);
    FIELD(PunktfunkProbeResult, host_bytes);
    FIELD(PunktfunkProbeResult, host_packets);
    FIELD(PunktfunkProbeResult, elapsed_ms);
    FIELD(PunktfunkProbeResult, throughput_kbps);
    FIELD(PunktfunkProbeResult, loss_pct);
}

static void values(void) {
    VALUE(PUNKTFUNK_STATUS_OK);
    VALUE(PUNKTFUNK_STATUS_INVALID_ARG);
    VALUE(PUNKTFUNK_STATUS_FEC);
    VALUE(PUNKTFUNK_STATUS_CRYPTO);
    VALUE(PUNKTFUNK_STATUS_BAD_PACKET);
    VALUE(PUNKTFUNK_STATUS_NO_FRAME);
    VALUE(PUNKTFUNK_STATUS_UNSUPPORTED);
    VALUE(PUNKTFUNK_STATUS_IO);
    VALUE(PUNKTFUNK_STATUS_NULL_POINTER);
    VALUE(PUNKTFUNK_STATUS_TIMEOUT);
    VALUE(PUNKTFUNK_STATUS_CLOSED);
    VALUE(PUNKTFUNK_STATUS_PANIC);

    VALUE(PUNKTFUNK_INPUT_KIND_KEY_DOWN);
    VALUE(PUNKTFUNK_INPUT_KIND_KEY_UP);
    VALUE(PUNKTFUNK_INPUT_KIND_MOUSE_MOVE);
    VALUE(PUNKTFUNK_INPUT_KIND_MOUSE_MOVE_ABS);
    VALUE(PUNKTFUNK_INPUT_KIND_MOUSE_BUTTON_DOWN);
    VALUE(PUNKTFUNK_INPUT_KIND_MOUSE_BUTTON_UP);
    VALUE(PUNKTFUNK_INPUT_KIND_MOUSE_SCROLL);
    VALUE(PUNKTFUNK_INPUT_KIND_GAMEPAD_BUTTON);
    VALUE(PUNKTFUNK_INPUT_KIND_GAMEPAD_AXIS);
    VALUE(PUNKTFUNK_INPUT_KIND_TOUCH_DOWN);
    VALUE(PUNKTFUNK_INPUT_KIND_TOUCH_MOVE);
    VALUE(PUNKTFUNK_INPUT_KIND_TOUCH_UP);

    VALUE(ABI_VERSION);
    VALUE(TAG_LEN);
    VALUE(INPUT_MAGIC);
    VALUE(INPUT_WIRE_LEN);
    VALUE(PUNKTFUNK_MAGIC);
    VALUE(MAX_DATAGRAM_BYTES);
    VALUE(FLAG_PIC);
    VALUE(FLAG_EOF);
    VALUE(FLAG_SOF);
    VALUE(FLAG_PROBE);
    VALUE(PUNKTFUNK_HID_EFFECT_MAX);
    VALUE(PUNKTFUNK_HIDOUT_LED);
    VALUE(PUNKTFUNK_HIDOUT_PLAYER_LEDS);
    VALUE(PUNKTFUNK_HIDOUT_TRIGGER);
    VALUE(PUNKTFUNK_RICH_TOUCHPAD);
    VALUE(PUNKTFUNK_RICH_MOTION);
    VALUE(PUNKTFUNK_COMPOSITOR_AUTO);
    VALUE(PUNKTFUNK_COMPOSITOR_KWIN);
    VALUE(PUNKTFUNK_COMPOSITOR_WLROOTS);
    VALUE(PUNKTFUNK_COMPOSITOR_MUTTER);
    VALUE(PUNKTFUNK_COMPOSITOR_GAMESCOPE);
    VALUE(PUNKTFUNK_GAMEPAD_AUTO);
    VALUE(PUNKTFUNK_GAMEPAD_XBOX360);
    VALUE(PUNKTFUNK_GAMEPAD_DUALSENSE);
    VALUE(PUNKTFUNK_BTN_DPAD_UP);
    VALUE(PUNKTFUNK_BTN_DPAD_DOWN);
    VALUE(PUNKTFUNK_BTN_DPAD_LEFT);
    VALUE(PUNKTFUNK_BTN_DPAD_RIGHT);
    VALUE(PUNKTFUNK_BTN_START);
    VALUE(PUNKTFUNK_BTN_BACK);
    VALUE(PUNKTFUNK_BTN_LS_CLICK);
    VALUE(PUNKTFUNK_BTN_RS_CLICK);
    VALUE(PUNKTFUNK_BTN_LB);
    VALUE(PUNKTFUNK_BTN_RB);
    VALUE(PUNKTFUNK_BTN_GUIDE);
    VALUE(PUNKTFUNK_BTN_A);
    VALUE(PUNKTFUNK_BTN_B);
    VALUE(PUNKTFUNK_BTN_X);
    VALUE(PUNKTFUNK_BTN_Y);
    VALUE(PUNKTFUNK_BTN_TOUCHPAD);
    VALUE(PUNKTFUNK_AXIS_LS_X);
    VALUE(PUNKTFUNK_AXIS_LS_Y);
    VALUE(PUNKTFUNK_AXIS_RS_X);
    VALUE(PUNKTFUNK_AXIS_RS_Y);
    VALUE(PUNKTFUNK_AXIS_LT);
    VALUE(PUNKTFUNK_AXIS_RT);

    VALUE(VIDEO_CAP_10BIT);
    VALUE(VIDEO_CAP_HDR);
    VALUE(HELLO_NAME_MAX);
    VALUE(HELLO_LAUNCH_MAX);
    VALUE(MSG_RECONFIGURE);
    VALUE(MSG_RECONFIGURED);
    VALUE(MSG_REQUEST_KEYFRAME);
    VALUE(MSG_PAIR_REQUEST);
    VALUE(MSG_PAIR_CHALLENGE);
    VALUE(MSG_PAIR_PROOF);
    VALUE(MSG_PAIR_RESULT);
    VALUE(MSG_PROBE_REQUEST);
    VALUE(MSG_PROBE_RESULT);
    VALUE(MSG_CLOCK_PROBE);
    VALUE(MSG_CLOCK_ECHO);
    VALUE(PUNKTFUNK_AUDIO_MAGIC);
    VALUE(PUNKTFUNK_RUMBLE_MAGIC);
    VALUE(MIC_MAGIC);
    VALUE(RICH_INPUT_MAGIC);
    VALUE(HIDOUT_MAGIC);
}

int main(void) {
    structs();
    values();
    return 0;
}
