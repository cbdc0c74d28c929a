// Connects the page to the host's events while somebody is signed in.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";

import { meQuery } from "../api/queries";
import { applyEvent, refetchAll } from "./apply";
import { EventStream, type EventStreamOptions, type StreamState } from "./event_stream";
import { type Sample, SampleHistory } from "./history";

const kRestAfterMs = 30_000; // a page nobody sees gives its connection back
const kTopics = "session,stats,device,pairing,settings,library";

interface Live {
  state: StreamState;
  history: SampleHistory;
}
const LiveContext = createContext<Live | null>(null);

/** Runs an event stream while the component is there and the page is seen. */
export function useEventStream(make: () => EventStreamOptions): void {
  useEffect(() => {
    const stream = new EventStream(make());
    let resting: ReturnType<typeof setTimeout> | undefined;
    const seen = () => {
      clearTimeout(resting);
      if (document.visibilityState === "visible") stream.start();
      else resting = setTimeout(() => stream.rest(), kRestAfterMs);
    };
    const online = () => stream.retryNow();
    stream.start();
    document.addEventListener("visibilitychange", seen);
    window.addEventListener("online", online);
    return () => {
      clearTimeout(resting);
      document.removeEventListener("visibilitychange", seen);
      window.removeEventListener("online", online);
      stream.stop();
    };
  }, []);
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const [history] = useState(() => new SampleHistory());
  const [state, setState] = useState<StreamState>("connecting");
  useEventStream(() => ({
    url: `/api/v1/events?topics=${kTopics}`,
    onEvent: (event) => void applyEvent(event, cache, history),
    onState: (next) => {
      setState(next);
      if (next === "signed-out") void cache.invalidateQueries({ queryKey: meQuery.queryKey });
    },
    onReturn: () => refetchAll(cache),
  }));
  return <LiveContext value={{ state, history }}>{children}</LiveContext>;
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("outside of LiveProvider");
  return live;
}

export const useStreamState = (): StreamState => useLive().state;

export function useSamples(session: string): readonly Sample[] {
  const { history } = useLive();
  return useSyncExternalStore(history.subscribe, () => history.of(session));
}
