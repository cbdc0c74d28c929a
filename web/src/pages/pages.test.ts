import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Device, GameEntry, HostInfo, LogEntry, Session, Setting } from "../api/client";
import { localInputValue } from "./devices/expiry";
import { named } from "./home";
import { latencyThrough } from "./home/figures";
import { hostAddress } from "./home/host_card";
import { byLastSeen } from "./home/recent_devices";
import { draftOf, inputOf, isCustom, mistakes } from "./library/custom";
import { artOf, initials } from "./library/entry_tile";
import { fitted } from "./library/picture";
import { kKeptLines, LogBuffer, matching } from "./logs/log_buffer";
import { pinIsValid } from "./pairing/moonlight_pin";
import { isFixed, parseValue, waitsForRestart } from "./settings/validate";

describe("the log", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const line = (id: number, level: LogEntry["level"] = "info", message = `line ${id}`): LogEntry => ({ id, time: "2026-01-01T00:00:00Z", level, message });
  const page = (...ids: number[]) => ({ entries: ids.map((id) => line(id)), last_id: ids.at(-1) ?? 0, truncated: false });
  const ids = (buffer: LogBuffer) => buffer.snapshot().map(({ id }) => id);

  it("has every line once and in order, whichever way it came", () => {
    const buffer = new LogBuffer();
    buffer.add(line(5)); // by event, before the first page is read
    expect(buffer.addPage(page(3, 4, 5))).toBe(true);
    buffer.add(line(6));
    buffer.add(line(6));
    buffer.add(line(8));
    expect(buffer.addPage(page(7, 8))).toBe(true);
    expect(ids(buffer)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(buffer.lastId).toBe(8);
  });
  it("knows another run's log, whose lines begin anew", () => {
    const buffer = new LogBuffer();
    buffer.addPage(page(90, 91));
    expect(buffer.addPage({ entries: [], last_id: 4, truncated: false })).toBe(false);
    buffer.replace(page(1, 2, 3, 4));
    expect(ids(buffer)).toEqual([1, 2, 3, 4]);
  });
  it("keeps so many lines, and tells of a burst once", () => {
    const buffer = new LogBuffer();
    const heard = vi.fn();
    buffer.subscribe(heard);
    for (let id = 1; id <= kKeptLines + 5; id++) buffer.add(line(id));
    expect(heard).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(buffer.snapshot()).toHaveLength(kKeptLines);
    expect(buffer.snapshot()[0]?.id).toBe(6);
  });
  it("is filtered by level and by text", () => {
    const lines = [line(1, "debug", "Keyframe"), line(2, "info", "client left"), line(3, "error", "keyframe lost")];
    expect(matching(lines, "debug", "").map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(matching(lines, "info", "KEY").map(({ id }) => id)).toEqual([3]);
    expect(matching(lines, "warn", "client")).toEqual([]);
  });
});

describe("a setting", () => {
  const setting = (over: Partial<Setting>): Setting => ({
    key: "k",
    value: 1,
    default: 1,
    active: 1,
    origin: "default",
    restart_required: false,
    type: "integer",
    constraints: { minimum: 0, maximum: 90 },
    group: "stream",
    description: "",
    ...over,
  });
  it("is a whole number within its bounds", () => {
    expect(parseValue(setting({}), " 42 ")).toEqual({ value: 42 });
    expect(parseValue(setting({}), "91")).toEqual({ fault: { kind: "range", low: 0, high: 90 } });
    expect(parseValue(setting({}), "-1")).toEqual({ fault: { kind: "range", low: 0, high: 90 } });
    for (const text of ["", "4.5", "1e3", "0x10", "99999999999999999999", "abc"]) expect(parseValue(setting({}), text), text).toEqual({ fault: { kind: "integer" } });
  });
  it("is a text of so many bytes", () => {
    const text = setting({ type: "string", constraints: { max_length: 4 } });
    expect(parseValue(text, "de")).toEqual({ value: "de" });
    expect(parseValue(text, "ääx")).toEqual({ fault: { kind: "long", max: 4 } });
  });
  it("is fixed by a flag or the environment, and may wait for a restart", () => {
    expect((["default", "file", "environment", "flag"] as const).map((origin) => isFixed(setting({ origin })))).toEqual([false, false, true, true]);
    expect(waitsForRestart(setting({ restart_required: true, value: 2 }))).toBe(true);
    expect(waitsForRestart(setting({ restart_required: true }))).toBe(false);
  });
});

describe("the library", () => {
  const entry = (over: Partial<GameEntry>): GameEntry => ({ id: "custom:0123456789ab", store: "custom", title: "Game", art: {}, ...over });
  it("shows only pictures of this host", () => {
    const origin = "https://host:47990";
    expect(artOf(entry({ art: { portrait: "/api/v1/library/x/art/portrait" } }), origin)).toEqual({ url: "/api/v1/library/x/art/portrait", fills: true });
    expect(artOf(entry({ art: { portrait: "https://elsewhere.example/a.jpg", header: "/h.jpg", logo: "/l.png" } }), origin)?.url).toBe("/h.jpg");
    expect(artOf(entry({ art: { logo: "/l.png" } }), origin), "an icon, whole").toEqual({ url: "/l.png", fills: false });
    for (const portrait of ["https://elsewhere.example/a.jpg", "//elsewhere.example/a.jpg", "data:image/png;base64,xx", "http://[broken"]) expect(artOf(entry({ art: { portrait } }), origin), portrait).toBeNull();
  });
  it("lets a title stand for a missing picture", () => {
    expect(["Baldur's Gate 3", "Celeste", "The Witcher 3", "  ", "öl & wasser"].map(initials)).toEqual(["BG", "C", "TW", "", "ÖW"]);
  });
  it("makes a picture as large as its place, never larger", () => {
    expect(fitted({ width: 6000, height: 4000 })).toEqual({ width: 600, height: 400 });
    expect(fitted({ width: 1000, height: 3000 })).toEqual({ width: 300, height: 900 });
    expect(fitted({ width: 64, height: 48 })).toEqual({ width: 64, height: 48 });
    expect(fitted({ width: 90_000, height: 1 })).toEqual({ width: 600, height: 1 });
  });
  it("checks an entry before it is sent", () => {
    const draft = draftOf(null);
    expect(mistakes(draft)).toEqual({ title: "titleNeeded", value: "commandNeeded" });
    expect(mistakes({ ...draft, title: "x", value: "game" })).toEqual({});
    expect(mistakes({ ...draft, title: "x", kind: "none" })).toEqual({});
    expect(mistakes({ ...draft, title: "x", kind: "steam_appid", value: "57a" })).toEqual({ value: "appidShape" });
  });
  it("keeps the addresses of pictures elsewhere, and leaves the host's own pictures where they are", () => {
    const before = entry({ art: { portrait: "/api/v1/library/custom:0123456789ab/art/portrait?v=1", hero: "https://elsewhere.example/h" }, launch: { kind: "command", value: "game" } });
    expect(isCustom(before)).toBe(true);
    expect(inputOf({ ...draftOf(before), title: " New " }, before)).toEqual({ title: "New", art: { hero: "https://elsewhere.example/h" }, launch: { kind: "command", value: "game" } });
    expect(inputOf({ ...draftOf(before), kind: "none" }, before)).toEqual({ title: "Game", art: { hero: "https://elsewhere.example/h" } });
  });
});

describe("devices and the host", () => {
  it("lists who is here first, then who was here last", () => {
    const device = (name: string, over: Partial<Device>) => ({ name, connected: false, last_seen: null, paired_at: null, ...over }) as Device;
    const list = [device("old", { last_seen: "2026-01-01T00:00:00Z" }), device("never", {}), device("here", { connected: true }), device("new", { last_seen: "2026-02-01T00:00:00Z" })];
    expect(byLastSeen(list).map(({ name }) => name)).toEqual(["here", "new", "old", "never"]);
  });
  it("adds the stages of a frame that follow one another", () => {
    const stage = (p50: number) => ({ p50, p95: 0, p99: 0 });
    const all = { capture: stage(500), encode: stage(3000), queue: stage(60), send: stage(40), host: stage(110) };
    expect(latencyThrough(all)).toBe(3610); // queue and send are parts of host
    expect(latencyThrough({ ...all, capture: null })).toBe(3110);
    expect(latencyThrough({ ...all, encode: null })).toBeNull();
  });
  it("calls a session's device by the name it has here", () => {
    const session = { id: "1", device: { name: "Stranger", fingerprint: "ab" } } as Session;
    expect(named(session, [{ fingerprint: "ab", name: "Kitchen" } as Device]).device.name).toBe("Kitchen");
    expect(named(session, [{ fingerprint: "cd", name: "Kitchen" } as Device])).toBe(session);
    expect(named(session, undefined)).toBe(session);
  });
  it("calls the host as another machine can", () => {
    const host = (local_ip: string, native = 9777) => ({ hostname: "tower", local_ip, ports: { native } }) as HostInfo;
    expect(hostAddress(host("192.168.1.10"))).toBe("192.168.1.10");
    expect(hostAddress(host("192.168.1.10", 9000))).toBe("192.168.1.10:9000");
    expect(hostAddress(host("127.0.0.1"))).toBe("tower");
    expect(hostAddress(host("fe80::1", 9000))).toBe("[fe80::1]:9000");
  });
  it("knows what a PIN is", () => {
    expect(["1234", " 0007 ", "1", "1234567890123456"].map(pinIsValid)).toEqual([true, true, true, true]);
    expect(["", "12a4", "12345678901234567", "-1"].map(pinIsValid)).toEqual([false, false, false, false]);
  });
  it("writes a moment as a date input wants it", () => {
    const when = new Date(2026, 2, 4, 5, 6).getTime(); // local time
    expect(localInputValue(when)).toBe("2026-03-04T05:06");
  });
});
