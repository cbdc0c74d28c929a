// Events of the host into what the console has read. Each event carries the resource itself, so nothing is fetched for it,
// except where the contract says only that something changed.
import type { QueryClient } from "@tanstack/react-query";

import type { Device, Schemas, Session, Setting } from "../api/client";
import { devicesQuery, libraryQuery, meQuery, pairingQuery, sessionsQuery, settingsQuery, timed } from "../api/queries";
import type { SampleHistory } from "./history";
import type { ServerEvent } from "./sse";

/** The event names of the contract, with what each carries. */
export interface HostEvents {
  "session.started": Session;
  "session.updated": Session;
  "session.ended": Schemas["SessionEnded"];
  stats: Schemas["StatsSample"];
  "device.changed": Device;
  "device.removed": Schemas["DeviceRemoved"];
  "pairing.changed": Schemas["PairingOverview"];
  "settings.changed": Setting[];
  "library.changed": Schemas["LibraryChanged"];
  reset: Schemas["EventsReset"];
}

/** The list with `item` in the place of its namesake, or at the end. */
export function upsert<T, K extends keyof T>(list: readonly T[], item: T, key: K): T[] {
  const index = list.findIndex((other) => other[key] === item[key]);
  return index < 0 ? [...list, item] : list.map((other, i) => (i === index ? item : other));
}

export function withStats(sessions: readonly Session[], sample: HostEvents["stats"]): Session[] {
  const stats = new Map(sample.sessions.map((one) => [one.id, one.stats]));
  return sessions.map((session) => {
    const now = stats.get(session.id);
    return now ? { ...session, stats: now } : session;
  });
}

const handlers: { [Name in keyof HostEvents]: (data: HostEvents[Name], cache: QueryClient, history: SampleHistory) => void } = {
  "session.started": (session, cache) => cache.setQueryData(sessionsQuery.queryKey, (list) => list && upsert(list, session, "id")),
  "session.updated": (session, cache) => cache.setQueryData(sessionsQuery.queryKey, (list) => list && upsert(list, session, "id")),
  "session.ended": ({ id }, cache, history) => {
    history.forget(id);
    cache.setQueryData(sessionsQuery.queryKey, (list) => list?.filter((session) => session.id !== id));
  },
  stats: (sample, cache, history) => {
    history.add(sample);
    cache.setQueryData(sessionsQuery.queryKey, (list) => list && withStats(list, sample));
  },
  "device.changed": (device, cache) => cache.setQueryData(devicesQuery.queryKey, (list) => list && upsert(list, device, "fingerprint")),
  "device.removed": ({ fingerprint }, cache) =>
    cache.setQueryData(devicesQuery.queryKey, (list) => list?.filter((device) => device.fingerprint !== fingerprint)),
  "pairing.changed": (pairing, cache) => cache.setQueryData(pairingQuery.queryKey, timed(pairing)),
  "settings.changed": (settings, cache) => cache.setQueryData(settingsQuery.queryKey, settings),
  "library.changed": (_, cache) => void cache.invalidateQueries({ queryKey: libraryQuery.queryKey }),
  reset: (_, cache, history) => {
    history.clear();
    refetchAll(cache);
  },
};

/** Everything that a page shows is read anew; the rest is when it is shown. */
export function refetchAll(cache: QueryClient): void {
  void cache.invalidateQueries({ predicate: (query) => query.queryKey[0] !== meQuery.queryKey[0] });
}

/** True when the event was one of the contract's. */
export function applyEvent(event: ServerEvent, cache: QueryClient, history: SampleHistory): boolean {
  if (!Object.hasOwn(handlers, event.type)) return false; // a newer host's
  const handle = handlers[event.type as keyof HostEvents] as (data: unknown, cache: QueryClient, history: SampleHistory) => void;
  handle(JSON.parse(event.data), cache, history);
  return true;
}
