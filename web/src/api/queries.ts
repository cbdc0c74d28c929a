// What the console reads. Nothing is polled: each resource is read once, kept current by the event stream (live/apply.ts), and
// read anew when the stream says that it missed something.
import { MutationCache, QueryCache, QueryClient, queryOptions } from "@tanstack/react-query";

import { ApiError, answer, api, type Pairing } from "./client";

export function makeQueryClient(): QueryClient {
  // Whoever is told 401 is signed out: `me` says so to everybody.
  const onError = (error: unknown) => {
    if (error instanceof ApiError && error.status === 401) void client.invalidateQueries({ queryKey: meQuery.queryKey });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        retry: false, // the stream's return is what starts a new try
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
  return client;
}

/** A pairing state with the moment it was true: its `expires_in_secs` and `age_secs` count from there. */
export interface TimedPairing extends Pairing {
  at: number;
}
export const timed = (pairing: Pairing): TimedPairing => ({ ...pairing, at: Date.now() });

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: () => answer(api.GET("/api/v1/me")) });
export const hostQuery = queryOptions({ queryKey: ["host"], queryFn: () => answer(api.GET("/api/v1/host")) });
export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => answer(api.GET("/api/v1/sessions")),
});
export const devicesQuery = queryOptions({ queryKey: ["devices"], queryFn: () => answer(api.GET("/api/v1/devices")) });
export const pairingQuery = queryOptions({
  queryKey: ["pairing"],
  queryFn: async () => timed(await answer(api.GET("/api/v1/pairing"))),
});
export const displaysQuery = queryOptions({
  queryKey: ["displays"],
  queryFn: () => answer(api.GET("/api/v1/displays")),
});
export const encodersQuery = queryOptions({
  queryKey: ["encoders"],
  queryFn: () => answer(api.GET("/api/v1/encoders")),
});
export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: () => answer(api.GET("/api/v1/settings")),
});
export const libraryQuery = queryOptions({ queryKey: ["library"], queryFn: () => answer(api.GET("/api/v1/library")) });
