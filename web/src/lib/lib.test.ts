import { describe, expect, it } from "vitest";

import { isSignedIn, localPath } from "./access";
import { clock, countdown } from "./countdown";
import { Formatter, fingerprintGroups, plain } from "./format";
import { languageFor, parsePreferences } from "./preferences";

describe("countdown", () => {
  const at = 1_000_000;
  it("runs from what the host said to nothing", () => {
    expect(countdown(at, 120, 120, at)).toEqual({ secondsLeft: 120, fraction: 1 });
    expect(countdown(at, 120, 120, at + 60_000)).toEqual({ secondsLeft: 60, fraction: 0.5 });
    expect(countdown(at, 120, 120, at + 119_001).secondsLeft).toBe(1); // a second that has begun still counts
    expect(countdown(at, 120, 120, at + 120_000)).toEqual({ secondsLeft: 0, fraction: 0 });
    expect(countdown(at, 120, 120, at + 999_000)).toEqual({ secondsLeft: 0, fraction: 0 });
  });
  it("is a part of the whole when it was heard late, and never more than the whole", () => {
    expect(countdown(at, 30, 120, at).fraction).toBe(0.25);
    expect(countdown(at, 600, 120, at).fraction).toBe(1);
    expect(countdown(at, 30, 120, at - 5000).secondsLeft).toBe(30); // a clock that was set back
    expect(countdown(at, 0, 0, at)).toEqual({ secondsLeft: 0, fraction: 0 });
  });
  it("is written as minutes and seconds", () => {
    expect([0, 9, 60, 125].map(clock)).toEqual(["0:00", "0:09", "1:00", "2:05"]);
  });
});

describe("Formatter", () => {
  const en = new Formatter("en", "UTC");
  const de = new Formatter("de", "UTC");
  it("chooses the unit that makes a figure short", () => {
    expect([0, 512.4, 999].map((kbps) => plain(en.bitrate(kbps)))).toEqual(["0\u00a0kb/s", "512\u00a0kb/s", "999\u00a0kb/s"]);
    expect([1000, 20_000, 250_400, 3_000_000].map((kbps) => plain(en.bitrate(kbps)))).toEqual(["1.0\u00a0Mb/s", "20.0\u00a0Mb/s", "250\u00a0Mb/s", "3.00\u00a0Gb/s"]);
    expect([0, 999, 1000, 9990, 10_000, 123_456].map((us) => plain(en.latency(us)))).toEqual([
      "0\u00a0µs",
      "999\u00a0µs",
      "1.00\u00a0ms",
      "9.99\u00a0ms",
      "10.0\u00a0ms",
      "123\u00a0ms",
    ]);
    expect([0, 999, 1000, 48_211, 123_456_789, 5e12].map((bytes) => plain(en.bytes(bytes)))).toEqual(["0\u00a0B", "999\u00a0B", "1.0\u00a0kB", "48.2\u00a0kB", "123\u00a0MB", "5.0\u00a0TB"]);
    expect([0, 0.05, 1.25].map((value) => plain(en.percent(value)))).toEqual(["0\u00a0%", "0.05\u00a0%", "1.3\u00a0%"]);
  });
  it("writes as the language does", () => {
    expect(plain(de.latency(3410))).toBe("3,41\u00a0ms");
    expect(de.integer(12_345)).toBe("12.345");
    expect(de.ago(0, 3 * 60_000)).toBe("vor 3 Minuten");
    expect(en.ago(0, 3 * 60_000)).toBe("3 minutes ago");
    expect(en.ago(26 * 3_600_000, 0)).toBe("tomorrow");
    expect(en.timeOfDay(Date.parse("2026-03-04T15:06:07Z"))).toBe("15:06:07");
    expect(de.date(Date.parse("2026-03-04T15:06:07Z"))).toBe("04.03.2026");
  });
  it("has a sign for what the host does not know", () => {
    expect([en.fps(null), en.bitrate(null), en.latency(null), en.percent(null)].map(({ value }) => value)).toEqual(["–", "–", "–", "–"]);
  });
  it("writes a length of time", () => {
    expect([-3, 0, 61, 3723].map((seconds) => en.duration(seconds))).toEqual(["0:00", "0:00", "1:01", "1:02:03"]);
  });
  it("groups a fingerprint", () => {
    expect(fingerprintGroups("0123456789abcdef")).toBe("0123 4567 89ab cdef");
    expect(fingerprintGroups("0123456789abcdef", 2)).toBe("0123 4567");
    expect(fingerprintGroups("")).toBe("");
  });
});

describe("preferences", () => {
  it("takes what it knows and nothing else", () => {
    expect(parsePreferences('{"theme":"dark","language":"de"}')).toEqual({ theme: "dark", language: "de" });
    for (const stored of [null, "", "null", "3", "[]", "{", '{"theme":"pink","language":"xx"}', '{"theme":{"a":1}}'])
      expect(parsePreferences(stored), String(stored)).toEqual({ theme: "system", language: null });
  });
  it("speaks the first language of the browser that it can", () => {
    expect(languageFor(null, ["fr-CH", "de-CH", "en"])).toBe("de");
    expect(languageFor(null, ["en-GB", "de"])).toBe("en");
    expect(languageFor(null, ["fr"])).toBe("en");
    expect(languageFor("en", ["de"])).toBe("en");
  });
});

describe("access", () => {
  it("leads nowhere but into the console after a login", () => {
    expect(["/", "/devices", "/logs?x=1"].map(localPath)).toEqual(["/", "/devices", "/logs?x=1"]);
    for (const elsewhere of ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", "devices", 3, null, undefined]) expect(localPath(elsewhere), String(elsewhere)).toBe("/");
  });
  it("is for those who may change things", () => {
    const me = { authenticated: true, admin: true } as Parameters<typeof isSignedIn>[0];
    expect(isSignedIn(me)).toBe(true);
    expect(isSignedIn({ ...me, admin: false })).toBe(false);
    expect(isSignedIn({ ...me, authenticated: false })).toBe(false);
  });
});
