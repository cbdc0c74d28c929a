import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { containedBox, Held, mouseButton, pointIn, textEvents, Wheel } from "./input";
import { isEscape, virtualKey } from "./keys";
import { beginAt, kLeadSeconds } from "./sound_player";
import { VideoPlayer } from "./video_player";
import { bitrateFor, codecString, encodeInput, InputKind, inputEvent, type Media, modeFor, parseHostMessage, parseMedia, sequenceParameterSet, spaceFlags } from "./wire";

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const bytes = (text: string) => new Uint8Array((text.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));

describe("the wire", () => {
  it("writes input events as punktfunk/1 does", () => {
    expect(hex(encodeInput(inputEvent(InputKind.KeyDown, 0x41)))).toBe("c80041000000000000000000000000000000");
    expect(hex(encodeInput(inputEvent(InputKind.MouseMove, 0, -3, 7)))).toBe("c80200000000fdffffff0700000000000000");
    expect(hex(encodeInput(inputEvent(InputKind.MouseMoveAbs, 0, 640, 360, spaceFlags(1280, 720))))).toBe("c803000000008002000068010000d0020005");
    expect(hex(encodeInput(inputEvent(InputKind.MouseScroll, 1, -120)))).toBe("c8060100000088ffffff0000000000000000");
  });
  it("keeps a space's sides apart, however large", () => {
    expect(spaceFlags(65_535, 1)).toBe(0xffff0001);
  });
  it("reads media behind its header, and nothing else", () => {
    const message = bytes("0101000080f0fa020000000000000001aabb");
    expect(parseMedia(message.buffer)).toEqual({ kind: "video", keyframe: true, timestampUs: 50_000_000, payload: bytes("00000001aabb") });
    expect(parseMedia(bytes("020000000100000000000000ff").buffer)).toMatchObject({ kind: "sound", keyframe: false, timestampUs: 1 });
    expect(parseMedia(bytes("020000000100000000000000").buffer)).toBeNull(); // a header alone
    expect(parseMedia(bytes("030000000100000000000000ff").buffer)).toBeNull();
    expect(parseMedia(new ArrayBuffer(0))).toBeNull();
  });
  it("finds the parameter set behind either start code, and names its codec", () => {
    const sps = bytes("6742c01f8d8d402802");
    expect(sequenceParameterSet(bytes("0000000109f0000000016742c01f8d8d40280200000168ce"))).toEqual(sps);
    expect(sequenceParameterSet(bytes("0000016742c01f8d8d40280200000000016588"))).toEqual(sps); // zeros before the next start code are none of it
    expect(sequenceParameterSet(bytes("0000016742c01f"))).toEqual(bytes("6742c01f"));
    expect(codecString(sps)).toBe("avc1.42c01f");
    for (const none of ["", "000001", "00000165888884", "0000016742", "42c01f"]) expect(sequenceParameterSet(bytes(none)), none).toBeNull();
  });
  it("reads the host's words, whatever they are", () => {
    const started = { type: "started", width: 1280, height: 720, refresh_hz: 60, encoder: "libx264", sound: true };
    expect(parseHostMessage(JSON.stringify(started))).toEqual(started);
    expect(parseHostMessage('{"type":"mode","accepted":false,"width":2,"height":2,"refresh_hz":60}')).toMatchObject({ type: "mode", accepted: false });
    expect(parseHostMessage('{"type":"ended","reason":"stopped"}')).toEqual({ type: "ended", reason: "stopped" });
    expect(parseHostMessage('{"type":"ended"}')).toEqual({ type: "ended", reason: "" });
    for (const other of ["", "{", "3", "null", "[]", '{"type":"started"}', '{"type":"mode","width":"x"}', '{"type":"new"}']) expect(parseHostMessage(other), other).toBeNull();
  });
  it("asks for even sides that the host makes", () => {
    expect(modeFor(1001, 701, 1)).toEqual({ width: 1000, height: 700, refresh_hz: 60 });
    expect(modeFor(390, 844, 3)).toEqual({ width: 1170, height: 2532, refresh_hz: 60 });
    expect(modeFor(0, 20_000, 2)).toEqual({ width: 64, height: 8192, refresh_hz: 60 });
    expect([modeFor(1280, 720, 1), modeFor(100, 100, 1), modeFor(8192, 8192, 1)].map(bitrateFor)).toEqual([5530, 2000, 40_000]);
  });
});

describe("keys", () => {
  it("travel by their place", () => {
    const table = { KeyA: 0x41, KeyZ: 0x5a, Digit0: 0x30, Digit9: 0x39, Numpad5: 0x65, F1: 0x70, F12: 0x7b, Enter: 0x0d, ShiftRight: 0xa1, IntlBackslash: 0xe2, Quote: 0xde };
    for (const [code, key] of Object.entries(table)) expect(virtualKey(code), code).toBe(key);
    for (const code of ["", "Unidentified", "F13", "KeyÄ", "Digit10", "toString"]) expect(virtualKey(code), code).toBeNull();
  });
  it("lead back to the page by one combination", () => {
    const event = { code: "KeyQ", ctrlKey: true, altKey: true, shiftKey: true };
    expect(isEscape(event)).toBe(true);
    expect(isEscape({ ...event, shiftKey: false })).toBe(false);
    expect(isEscape({ ...event, code: "KeyW" })).toBe(false);
  });
});

describe("Held", () => {
  it("tells a change once, though the browser repeats", () => {
    const held = new Held();
    expect(held.key(65, true)).toEqual([inputEvent(InputKind.KeyDown, 65)]);
    expect(held.key(65, true)).toEqual([]);
    expect(held.key(65, false)).toEqual([inputEvent(InputKind.KeyUp, 65)]);
    expect(held.key(65, false)).toEqual([]);
    expect(held.button(1, false)).toEqual([]);
  });
  it("lets go of everything at once, and only once", () => {
    const held = new Held();
    held.key(0xa2, true);
    held.key(65, true);
    held.button(2, true);
    held.touchDown(900);
    expect(held.releaseAll()).toEqual([
      inputEvent(InputKind.KeyUp, 0xa2),
      inputEvent(InputKind.KeyUp, 65),
      inputEvent(InputKind.MouseButtonUp, 2),
      inputEvent(InputKind.TouchUp, 0),
    ]);
    expect(held.releaseAll()).toEqual([]);
    expect(held.key(65, false)).toEqual([]); // the key that comes up later was up already
  });
  it("gives fingers small numbers, and uses them again", () => {
    const held = new Held();
    expect([held.touchDown(71), held.touchDown(72)]).toEqual([0, 1]);
    expect(held.touchUp(71)).toEqual([inputEvent(InputKind.TouchUp, 0)]);
    expect(held.touchUp(71)).toEqual([]);
    expect(held.touchDown(73)).toBe(0);
    expect([held.touchId(72), held.touchId(71)]).toEqual([1, undefined]);
  });
});

describe("Wheel", () => {
  it("makes detents of pixels and loses nothing on the way", () => {
    const wheel = new Wheel();
    expect(wheel.scroll({ deltaX: 0, deltaY: 100, deltaMode: 0 })).toEqual([inputEvent(InputKind.MouseScroll, 0, -120)]); // down
    let sum = 0;
    for (let i = 0; i < 1000; i++) for (const { x } of wheel.scroll({ deltaX: 0, deltaY: -0.5, deltaMode: 0 })) sum += x;
    expect(Math.abs(sum - 600)).toBeLessThanOrEqual(1);
    expect(wheel.scroll({ deltaX: 100, deltaY: 0, deltaMode: 0 }).at(-1)).toEqual(inputEvent(InputKind.MouseScroll, 1, 120)); // right
  });
  it("knows lines and pages", () => {
    expect(new Wheel().scroll({ deltaX: 0, deltaY: 3, deltaMode: 1 })).toEqual([inputEvent(InputKind.MouseScroll, 0, -120)]);
    expect(new Wheel().scroll({ deltaX: 0, deltaY: -1, deltaMode: 2 })).toEqual([inputEvent(InputKind.MouseScroll, 0, 120)]);
  });
});

describe("the pointer", () => {
  it("is in the picture's own space, bars left out", () => {
    const box = containedBox({ x: 0, y: 0, width: 1000, height: 1000 }, { width: 1920, height: 1080 });
    for (const [side, value] of Object.entries({ x: 0, y: 218.75, width: 1000, height: 562.5 })) expect(box[side as keyof typeof box], side).toBeCloseTo(value, 6);
    expect(pointIn(box, 500, 500)).toEqual({ x: 500, y: 281, width: 1000, height: 563 });
    expect(pointIn(box, -20, 5)).toMatchObject({ x: 0, y: 0 });
    expect(pointIn(box, 5000, 5000)).toMatchObject({ x: 999, y: 562 });
    expect(containedBox(box, { width: 0, height: 0 })).toBe(box);
  });
  it("has five buttons", () => {
    expect([0, 1, 2, 3, 4, 5, -1].map(mouseButton)).toEqual([1, 2, 3, 4, 5, null, null]);
  });
  it("types what a soft keyboard says, scalar by scalar", () => {
    expect(textEvents("ä😀").map(({ kind, code }) => [kind, code])).toEqual([
      [15, 0xe4],
      [15, 0x1f600],
    ]);
  });
});

describe("sound", () => {
  it("plays on behind the last piece, and begins anew when that is over or too far off", () => {
    expect(beginAt(10, 10.03)).toBe(10.03);
    expect(beginAt(10, 9)).toBe(10 + kLeadSeconds);
    expect(beginAt(10, 0)).toBe(10 + kLeadSeconds);
    expect(beginAt(10, 11)).toBe(10 + kLeadSeconds);
  });
});

describe("VideoPlayer", () => {
  class FakeDecoder {
    state = "unconfigured";
    decodeQueueSize = 0;
    codec = "";
    readonly chunks: string[] = [];
    constructor(readonly init: VideoDecoderInit) {}
    configure({ codec }: VideoDecoderConfig) {
      this.codec = codec;
      this.state = "configured";
    }
    decode(chunk: { type: string }) {
      if (this.state !== "configured") throw new Error("closed");
      this.chunks.push(chunk.type);
    }
    close() {
      this.state = "closed";
    }
    fail() {
      this.state = "closed";
      this.init.error(new DOMException("broken"));
    }
  }
  const key = (sps = "6742c01f8d"): Media => ({ kind: "video", keyframe: true, timestampUs: 0, payload: bytes(`00000001${sps}0000000165`) });
  const delta: Media = { kind: "video", keyframe: false, timestampUs: 1, payload: bytes("0000000141") };
  let decoders: FakeDecoder[];
  const onFrame = vi.fn();
  const askForKeyframe = vi.fn();
  const last = () => decoders.at(-1) as FakeDecoder;
  const player = () =>
    new VideoPlayer({
      onFrame,
      askForKeyframe,
      makeDecoder: (init) => {
        decoders.push(new FakeDecoder(init));
        return last() as unknown as VideoDecoder;
      },
    });
  beforeEach(() => {
    decoders = [];
    vi.clearAllMocks();
    vi.stubGlobal("EncodedVideoChunk", class { constructor(readonly init: object) { Object.assign(this, init); } });
  });
  afterEach(() => void vi.unstubAllGlobals());

  it("waits for a keyframe, and is set up by it", () => {
    const video = player();
    video.push(delta);
    expect(decoders).toHaveLength(0);
    video.push(key());
    video.push(delta);
    expect(last().codec).toBe("avc1.42c01f");
    expect(last().chunks).toEqual(["key", "delta"]);
    expect(askForKeyframe).not.toHaveBeenCalled();
  });
  it("keeps its decoder while the parameters stay, and takes another when they change", () => {
    const video = player();
    video.push(key());
    video.push(key());
    expect(decoders).toHaveLength(1);
    video.push(key("6764002a8d"));
    expect(decoders).toHaveLength(2);
    expect(decoders[0]?.state).toBe("closed");
    expect(last().codec).toBe("avc1.64002a");
  });
  it("asks once for a keyframe when the decoder fails, and goes on with it", () => {
    const video = player();
    video.push(key());
    last().fail();
    expect(askForKeyframe).toHaveBeenCalledTimes(1);
    video.push(delta);
    video.push(delta);
    expect(decoders).toHaveLength(1);
    expect(askForKeyframe).toHaveBeenCalledTimes(1);
    video.push(key());
    expect(decoders).toHaveLength(2);
    expect(last().chunks).toEqual(["key"]);
  });
  it("lets go of a queue that has grown, instead of falling behind for good", () => {
    const video = player();
    video.push(key());
    last().decodeQueueSize = 100;
    video.push(delta);
    expect(last().state).toBe("closed");
    expect(askForKeyframe).toHaveBeenCalledTimes(1);
  });
  it("hands pictures on, but none of a decoder that was given up", () => {
    const video = player();
    video.push(key());
    const frame = { close: vi.fn() };
    last().init.output(frame as unknown as VideoFrame);
    expect(onFrame).toHaveBeenCalledTimes(1);
    video.close();
    decoders[0]?.init.output(frame as unknown as VideoFrame);
    expect(onFrame).toHaveBeenCalledTimes(1);
    expect(frame.close).toHaveBeenCalledTimes(1);
  });
});
