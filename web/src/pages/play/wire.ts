// The bytes between this page and the host (docs/browser.md): input events as in punktfunk/1, media behind a header of twelve
// bytes.

export const InputKind = {
  KeyDown: 0,
  KeyUp: 1,
  MouseMove: 2,
  MouseMoveAbs: 3,
  MouseButtonDown: 4,
  MouseButtonUp: 5,
  MouseScroll: 6,
  TouchDown: 9,
  TouchMove: 10,
  TouchUp: 11,
  TextInput: 15,
} as const;
export type InputKind = (typeof InputKind)[keyof typeof InputKind];

export interface InputEvent {
  kind: InputKind;
  code: number;
  x: number;
  y: number;
  flags: number;
}

const kInputTag = 0xc8;

export const inputEvent = (kind: InputKind, code = 0, x = 0, y = 0, flags = 0): InputEvent => ({ kind, code, x, y, flags });

export function encodeInput({ kind, code, x, y, flags }: InputEvent): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(18);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, kInputTag);
  view.setUint8(1, kind);
  view.setUint32(2, code, true);
  view.setInt32(6, x, true);
  view.setInt32(10, y, true);
  view.setUint32(14, flags, true);
  return bytes;
}

/** The client's coordinate space, as absolute positions carry it. */
export const spaceFlags = (width: number, height: number): number => ((width << 16) | height) >>> 0;

export interface Media {
  kind: "video" | "sound";
  keyframe: boolean;
  timestampUs: number;
  payload: Uint8Array<ArrayBuffer>;
}

/** Null: too short, or a kind that this page does not know. */
export function parseMedia(message: ArrayBuffer): Media | null {
  if (message.byteLength <= 12) return null;
  const view = new DataView(message);
  const kind = view.getUint8(0);
  if (kind !== 1 && kind !== 2) return null;
  return {
    kind: kind === 1 ? "video" : "sound",
    keyframe: (view.getUint8(1) & 1) !== 0,
    timestampUs: Number(view.getBigUint64(4, true)),
    payload: new Uint8Array(message, 12),
  };
}

/** The sequence parameter set of an access unit in Annex B, without its start code; null when it has none. */
export function sequenceParameterSet(unit: Uint8Array): Uint8Array | null {
  const nextStart = (from: number): number => {
    for (let i = from; i + 2 < unit.length; i++) if (unit[i] === 0 && unit[i + 1] === 0 && unit[i + 2] === 1) return i;
    return -1;
  };
  for (let at = nextStart(0); at >= 0; ) {
    const begin = at + 3;
    const next = nextStart(begin);
    if (((unit[begin] ?? 0) & 0x1f) === 7) {
      let end = next < 0 ? unit.length : next;
      while (end > begin && unit[end - 1] === 0) end--; // the next start code's fourth byte
      return end - begin >= 4 ? unit.subarray(begin, end) : null;
    }
    at = next;
  }
  return null;
}

/** RFC 6381's name of what a parameter set describes: profile, constraints, level. */
export function codecString(sps: Uint8Array): string {
  return `avc1.${[...sps.subarray(1, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export interface Mode {
  width: number;
  height: number;
  refresh_hz: number;
}
export type HostMessage =
  | ({ type: "started"; encoder: string; sound: boolean } & Mode)
  | ({ type: "mode"; accepted: boolean } & Mode)
  | { type: "ended"; reason: string };

/** Null: nothing that this page knows. */
export function parseHostMessage(text: string): HostMessage | null {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof message !== "object" || message === null || !("type" in message)) return null;
  const { type, width, height, refresh_hz, reason } = message as Record<string, unknown>;
  const hasMode = [width, height, refresh_hz].every((value) => typeof value === "number");
  if ((type === "started" || type === "mode") && hasMode) return message as HostMessage;
  if (type === "ended") return { type, reason: typeof reason === "string" ? reason : "" };
  return null;
}

/** What to ask the host for: the window in device pixels, even, within what it makes. */
export function modeFor(cssWidth: number, cssHeight: number, pixelRatio: number): Mode {
  const side = (css: number) => Math.min(8192, Math.max(64, Math.floor((css * pixelRatio) / 2) * 2));
  return { width: side(cssWidth), height: side(cssHeight), refresh_hz: 60 };
}

/** A tenth of a bit for each pixel: sharp text, and an ordinary network carries it. */
export const bitrateFor = ({ width, height, refresh_hz }: Mode): number => Math.min(40_000, Math.max(2_000, Math.round((width * height * refresh_hz * 0.1) / 1000)));
