// The layouts of spec §9.4, held at compile time. abi.txt holds them (and the symbols) for the finished library.
#include <cstddef>

#include "boundary.hpp"
#include "punktfunk/wire/control.hpp"
#include "punktfunk/wire/datagram.hpp"

static_assert(sizeof(void*) == 8, "the sizes below are those of LP64");

#define AT(type, field, offset) static_assert(offsetof(type, field) == (offset))
#define SIZE(type, size, align) static_assert(sizeof(type) == (size) && alignof(type) == (align))

SIZE(PunktfunkStatus, 4, 4);
SIZE(PunktfunkInputKind, 1, 1);

SIZE(PunktfunkConfig, 64, 8);
AT(PunktfunkConfig, struct_size, 0);
AT(PunktfunkConfig, role, 4);
AT(PunktfunkConfig, phase, 8);
AT(PunktfunkConfig, fec_scheme, 12);
AT(PunktfunkConfig, fec_percent, 16);
AT(PunktfunkConfig, max_data_per_block, 20);
AT(PunktfunkConfig, shard_payload, 24);
AT(PunktfunkConfig, encrypt, 28);
AT(PunktfunkConfig, key, 32);
AT(PunktfunkConfig, salt, 48);
AT(PunktfunkConfig, loopback_drop_period, 52);
AT(PunktfunkConfig, max_frame_bytes, 56);

SIZE(PunktfunkFrame, 40, 8);
AT(PunktfunkFrame, data, 0);
AT(PunktfunkFrame, len, 8);
AT(PunktfunkFrame, frame_index, 16);
AT(PunktfunkFrame, pts_ns, 24);
AT(PunktfunkFrame, flags, 32);

SIZE(PunktfunkInputEvent, 20, 4);
AT(PunktfunkInputEvent, kind, 0);
AT(PunktfunkInputEvent, code, 4);
AT(PunktfunkInputEvent, x, 8);
AT(PunktfunkInputEvent, y, 12);
AT(PunktfunkInputEvent, flags, 16);

SIZE(PunktfunkStats, 80, 8);
AT(PunktfunkStats, frames_submitted, 0);
AT(PunktfunkStats, frames_completed, 8);
AT(PunktfunkStats, frames_dropped, 16);
AT(PunktfunkStats, packets_sent, 24);
AT(PunktfunkStats, packets_received, 32);
AT(PunktfunkStats, packets_dropped, 40);
AT(PunktfunkStats, packets_send_dropped, 48);
AT(PunktfunkStats, fec_recovered_shards, 56);
AT(PunktfunkStats, bytes_sent, 64);
AT(PunktfunkStats, bytes_received, 72);

SIZE(PunktfunkAudioPacket, 32, 8);
AT(PunktfunkAudioPacket, data, 0);
AT(PunktfunkAudioPacket, len, 8);
AT(PunktfunkAudioPacket, seq, 16);
AT(PunktfunkAudioPacket, pts_ns, 24);

SIZE(PunktfunkHidOutput, 19, 1);
AT(PunktfunkHidOutput, kind, 0);
AT(PunktfunkHidOutput, pad, 1);
AT(PunktfunkHidOutput, r, 2);
AT(PunktfunkHidOutput, g, 3);
AT(PunktfunkHidOutput, b, 4);
AT(PunktfunkHidOutput, player_bits, 5);
AT(PunktfunkHidOutput, which, 6);
AT(PunktfunkHidOutput, effect_len, 7);
AT(PunktfunkHidOutput, effect, 8);

SIZE(PunktfunkRichInput, 20, 2);
AT(PunktfunkRichInput, kind, 0);
AT(PunktfunkRichInput, pad, 1);
AT(PunktfunkRichInput, finger, 2);
AT(PunktfunkRichInput, active, 3);
AT(PunktfunkRichInput, x, 4);
AT(PunktfunkRichInput, y, 6);
AT(PunktfunkRichInput, gyro, 8);
AT(PunktfunkRichInput, accel, 14);

SIZE(PunktfunkProbeResult, 48, 8);
AT(PunktfunkProbeResult, done, 0);
AT(PunktfunkProbeResult, recv_bytes, 8);
AT(PunktfunkProbeResult, recv_packets, 16);
AT(PunktfunkProbeResult, host_bytes, 24);
AT(PunktfunkProbeResult, host_packets, 32);
AT(PunktfunkProbeResult, elapsed_ms, 36);
AT(PunktfunkProbeResult, throughput_kbps, 40);
AT(PunktfunkProbeResult, loss_pct, 44);

// Numbers the header repeats for C.
namespace punktfunk::wire {
static_assert(ABI_VERSION == kWireVersion && INPUT_WIRE_LEN == kInputEventBytes);
static_assert(INPUT_MAGIC == static_cast<int>(Tag::Input) && PUNKTFUNK_AUDIO_MAGIC == static_cast<int>(Tag::Audio) &&
              PUNKTFUNK_RUMBLE_MAGIC == static_cast<int>(Tag::Rumble) && MIC_MAGIC == static_cast<int>(Tag::Mic) &&
              RICH_INPUT_MAGIC == static_cast<int>(Tag::RichInput) && HIDOUT_MAGIC == static_cast<int>(Tag::HidOutput));
static_assert(PUNKTFUNK_INPUT_KIND_TOUCH_UP == static_cast<int>(InputKind::TouchUp));
static_assert(PUNKTFUNK_COMPOSITOR_GAMESCOPE == static_cast<int>(Compositor::Gamescope) &&
              PUNKTFUNK_GAMEPAD_DUALSENSE == static_cast<int>(Gamepad::DualSense));
static_assert(PUNKTFUNK_HID_EFFECT_MAX == sizeof(TriggerEffect::effect));
}  // namespace punktfunk::wire
