#!/usr/bin/env python3
"""The library as a second language sees it: structures by ctypes, held to abi.txt, and frames through a lossy pair.

    abi_harness.py LIBRARY ABI_LIST
"""
import ctypes as c
import re
import sys

OK, NO_FRAME = 0, -5


def structure(name, *fields):
    return type(name, (c.Structure,), {"_fields_": list(fields)})


u8, u16, u32, u64, i16, i32 = c.c_uint8, c.c_uint16, c.c_uint32, c.c_uint64, c.c_int16, c.c_int32
data = ("data", c.POINTER(u8)), ("len", c.c_size_t)
STRUCTURES = [
    structure("PunktfunkConfig", ("struct_size", u32), ("role", u32), ("phase", u32), ("fec_scheme", u32),
              ("fec_percent", u32), ("max_data_per_block", u32), ("shard_payload", u32), ("encrypt", u32),
              ("key", u8 * 16), ("salt", u8 * 4), ("loopback_drop_period", u32), ("max_frame_bytes", u64)),
    structure("PunktfunkFrame", *data, ("frame_index", u32), ("pts_ns", u64), ("flags", u32)),
    structure("PunktfunkInputEvent", ("kind", u8), ("_pad", u8 * 3), ("code", u32), ("x", i32), ("y", i32),
              ("flags", u32)),
    structure("PunktfunkStats", *((name, u64) for name in (
        "frames_submitted", "frames_completed", "frames_dropped", "packets_sent", "packets_received", "packets_dropped",
        "packets_send_dropped", "fec_recovered_shards", "bytes_sent", "bytes_received"))),
    structure("PunktfunkAudioPacket", *data, ("seq", u32), ("pts_ns", u64)),
    structure("PunktfunkHidOutput", *((name, u8) for name in (
        "kind", "pad", "r", "g", "b", "player_bits", "which", "effect_len")), ("effect", u8 * 11)),
    structure("PunktfunkRichInput", ("kind", u8), ("pad", u8), ("finger", u8), ("active", u8), ("x", u16), ("y", u16),
              ("gyro", i16 * 3), ("accel", i16 * 3)),
    structure("PunktfunkProbeResult", ("done", u8), ("recv_bytes", u64), ("recv_packets", u32), ("host_bytes", u64),
              ("host_packets", u32), ("elapsed_ms", u32), ("throughput_kbps", u32), ("loss_pct", c.c_float)),
]
Config, Frame, InputEvent, Stats = STRUCTURES[:4]


def layout_lines():
    for kind in STRUCTURES:
        yield f"struct {kind.__name__} size {c.sizeof(kind)} align {c.alignment(kind)}"
        for name, _ in kind._fields_:
            field = getattr(kind, name)
            yield f"field {kind.__name__}.{name} at {field.offset} size {field.size}"


def check_layouts(abi_list):
    pattern = re.compile(r"(struct|field) Punktfunk(?!Status|InputKind)")
    with open(abi_list, encoding="utf-8") as lines:
        listed = {line.strip() for line in lines if pattern.match(line)}
    different = listed ^ set(layout_lines())
    assert not different, "layouts differ:\n" + "\n".join(sorted(different))


def config_for(role, drop_period=0):
    return Config(struct_size=c.sizeof(Config), role=role, phase=1, fec_scheme=0, fec_percent=25, max_data_per_block=100,
                  shard_payload=1000, encrypt=1, key=(u8 * 16)(*range(1, 17)), salt=(u8 * 4)(1, 2, 3, 4),
                  loopback_drop_period=drop_period, max_frame_bytes=1 << 20)


def check_round_trip(library):
    session = c.c_void_p
    library.punktfunk_host_submit_frame.argtypes = [session, c.c_char_p, c.c_size_t, u64, u32]
    library.punktfunk_client_poll_frame.argtypes = [session, c.POINTER(Frame)]
    library.punktfunk_send_input.argtypes = [session, c.POINTER(InputEvent)]
    library.punktfunk_host_poll_input.argtypes = [session]
    library.punktfunk_get_stats.argtypes = [session, c.POINTER(Stats)]
    library.punktfunk_session_free.argtypes = [session]
    library.punktfunk_session_free.restype = None
    callback_type = c.CFUNCTYPE(None, c.POINTER(InputEvent), c.c_void_p)
    library.punktfunk_set_input_callback.argtypes = [session, callback_type, c.c_void_p]

    host, client = session(), session()
    assert library.punktfunk_test_loopback_pair(c.byref(config_for(0, drop_period=8)), c.byref(config_for(1)),
                                                c.byref(host), c.byref(client)) == OK
    frame = Frame()
    for index in range(10):
        sent = bytes((index + i * 3) % 256 for i in range(50_000))
        assert library.punktfunk_host_submit_frame(host, sent, len(sent), index, 5) == OK
        assert library.punktfunk_client_poll_frame(client, c.byref(frame)) == OK
        assert c.string_at(frame.data, frame.len) == sent
        assert (frame.frame_index, frame.pts_ns, frame.flags) == (index, index, 5)
    assert library.punktfunk_client_poll_frame(client, c.byref(frame)) == NO_FRAME
    stats = Stats()
    assert library.punktfunk_get_stats(client, c.byref(stats)) == OK
    assert stats.frames_completed == 10 and stats.fec_recovered_shards > 0

    heard = []
    callback = callback_type(lambda event, _: heard.append((event[0].kind, event[0].code, event[0].x)))
    assert library.punktfunk_set_input_callback(host, callback, None) == OK
    assert library.punktfunk_send_input(client, c.byref(InputEvent(kind=7, code=4096, x=1))) == OK
    assert library.punktfunk_host_poll_input(host) == 1
    assert heard == [(7, 4096, 1)], heard
    library.punktfunk_session_free(host)
    library.punktfunk_session_free(client)


def main():
    library = c.CDLL(sys.argv[1])
    library.punktfunk_abi_version.restype = u32
    assert library.punktfunk_abi_version() == 2
    check_layouts(sys.argv[2])
    check_round_trip(library)
    print("every check held")


main()
