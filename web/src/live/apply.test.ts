import { QueryClient } from "@tanstack/react-query";
import { beforeEach, describe, expect, it, vi } from "vitest";

import type { Device, Session, SessionStats } from "../api/client";
import { devicesQuery, libraryQuery, meQuery, pairingQuery, sessionsQuery, settingsQuery } from "../api/queries";
import { applyEvent, upsert } from "./apply";
import { kHistorySamples, SampleHistory } from "./history";

const stats = (fps: number) => ({ fps }) as SessionStats;
const session = (id: string, fps = 0) => ({ id, stats: stats(fps) }) as Session;
const device = (fingerprint: string, name: string) => ({ fingerprint, name }) as Device;

describe("applyEvent", () => {
  let cache: QueryClient;
  let history: SampleHistory;
  const apply = (type: string, data: unknown) => applyEvent({ type, data: JSON.stringify(data) }, cache, history);
  const sessions = () => cache.getQueryData(sessionsQuery.queryKey);
  beforeEach(() => {
    cache = new QueryClient();
    history = new SampleHistory();
  });

  it("keeps the list of sessions", () => {
    cache.setQueryData(sessionsQuery.queryKey, []);
    apply("session.started", session("a"));
    apply("session.started", session("b"));
    apply("session.updated", session("a", 30));
    expect(sessions()?.map(({ id, stats }) => [id, stats.fps])).toEqual([
      ["a", 30],
      ["b", 0],
    ]);
    apply("session.ended", { id: "a", device: {} });
    expect(sessions()?.map(({ id }) => id)).toEqual(["b"]);
  });

  it("puts figures into their sessions and into the graphs' history", () => {
    cache.setQueryData(sessionsQuery.queryKey, [session("a"), session("b")]);
    apply("stats", { at: "2026-01-01T00:00:01Z", sessions: [{ id: "b", stats: stats(59) }, { id: "gone", stats: stats(1) }] });
    expect(sessions()?.map(({ stats }) => stats.fps)).toEqual([0, 59]);
    expect(history.of("b")).toEqual([{ at: Date.parse("2026-01-01T00:00:01Z"), stats: stats(59) }]);
    apply("session.ended", { id: "b", device: {} });
    expect(history.of("b")).toEqual([]);
  });

  it("keeps devices, pairing and settings", () => {
    cache.setQueryData(devicesQuery.queryKey, [device("1", "old")]);
    apply("device.changed", device("1", "new"));
    apply("device.changed", device("2", "second"));
    apply("device.removed", { fingerprint: "1" });
    expect(cache.getQueryData(devicesQuery.queryKey)).toEqual([device("2", "second")]);

    apply("pairing.changed", { native: {}, knocking: [{ id: 3 }], waiting_for_pin: [] });
    const pairing = cache.getQueryData(pairingQuery.queryKey);
    expect(pairing?.knocking).toEqual([{ id: 3 }]);
    expect(Math.abs((pairing?.at ?? 0) - Date.now())).toBeLessThan(60_000);

    apply("settings.changed", [{ key: "port" }]);
    expect(cache.getQueryData(settingsQuery.queryKey)).toEqual([{ key: "port" }]);
  });

  it("makes up no list that nobody has read", () => {
    apply("session.started", session("a"));
    apply("device.changed", device("1", "x"));
    expect(sessions()).toBeUndefined();
    expect(cache.getQueryData(devicesQuery.queryKey)).toBeUndefined();
  });

  it("reads the library again when it changed, and everything but who one is after a reset", () => {
    const invalidated = vi.spyOn(cache, "invalidateQueries");
    for (const { queryKey } of [libraryQuery, devicesQuery, meQuery]) cache.setQueryData(queryKey as readonly unknown[], []);
    const stale = (key: readonly unknown[]) => cache.getQueryState(key)?.isInvalidated;
    apply("library.changed", { entries: 3 });
    expect([libraryQuery.queryKey, devicesQuery.queryKey, meQuery.queryKey].map(stale)).toEqual([true, false, false]);
    history.add({ at: "2026-01-01T00:00:01Z", sessions: [{ id: "a", stats: stats(1) }] });
    apply("reset", { reason: "gap" });
    expect([devicesQuery.queryKey, meQuery.queryKey].map(stale)).toEqual([true, false]);
    expect(history.of("a")).toEqual([]);
    expect(invalidated).toHaveBeenCalledTimes(2);
  });

  it("leaves alone what a newer host may send", () => {
    expect(apply("weather.changed", {})).toBe(false);
    expect(apply("toString", {})).toBe(false);
    expect(apply("device.changed", device("1", "x"))).toBe(true);
  });
});

describe("SampleHistory", () => {
  it("keeps two minutes of each session and tells who listens", () => {
    const history = new SampleHistory();
    const heard = vi.fn();
    const unsubscribe = history.subscribe(heard);
    for (let i = 0; i < kHistorySamples + 10; i++) history.add({ at: new Date(i * 1000).toISOString(), sessions: [{ id: "a", stats: stats(i) }] });
    expect(history.of("a")).toHaveLength(kHistorySamples);
    expect(history.of("a").at(0)?.stats.fps).toBe(10);
    expect(history.of("a")).toBe(history.of("a")); // React compares snapshots by identity
    expect(history.of("b")).toBe(history.of("c"));
    expect(heard).toHaveBeenCalledTimes(kHistorySamples + 10);
    unsubscribe();
    history.clear();
    expect(heard).toHaveBeenCalledTimes(kHistorySamples + 10);
  });
});

describe("upsert", () => {
  it("replaces in place and does not touch the list it was given", () => {
    const list = [device("1", "a"), device("2", "b")];
    expect(upsert(list, device("1", "z"), "fingerprint").map(({ name }) => name)).toEqual(["z", "b"]);
    expect(list[0]?.name).toBe("a");
  });
});
