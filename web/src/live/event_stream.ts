// One connection to the host's event stream, for as long as somebody looks: it comes back by itself, carries on at the last
// id, notices a connection that died silently, and rests while the page is hidden.
import { EventParser, type ServerEvent } from "./sse";

export type StreamState = "connecting" | "live" | "away" | "resting" | "signed-out";

export interface EventStreamOptions {
  url: string;
  onEvent: (event: ServerEvent) => void;
  onState: (state: StreamState) => void;
  /** The host answered again after it was away. */
  onReturn?: () => void;
  fetch?: typeof fetch;
  random?: () => number;
}

const kSilenceMs = 40_000; // the host sends a comment every 15 s

/** How long to wait before try number `attempt` (0, 1, ...): doubling to ten seconds, spread so that tabs do not come at once. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return Math.min(10_000, 400 * 2 ** attempt) * (0.75 + random() * 0.5);
}

export class EventStream {
  private abort: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private attempt = 0;
  private lastId: string | null = null;
  private state: StreamState = "connecting";

  constructor(private readonly options: EventStreamOptions) {}

  start(): void {
    if (!this.abort) this.connect();
  }

  /** Until start() is called; what is missed meanwhile comes then. */
  rest(): void {
    this.stop();
    this.enter("resting");
  }

  stop(): void {
    this.clearTimer();
    this.abort?.abort();
    this.abort = null;
  }

  /** Does not wait for the next try. */
  retryNow(): void {
    if (this.state !== "away" || !this.timer) return;
    this.clearTimer();
    this.connect();
  }

  private connect(): void {
    const abort = new AbortController();
    this.abort = abort;
    void this.read(abort).then((next) => {
      if (this.abort !== abort) return; // stopped or replaced meanwhile
      this.clearTimer();
      if (next === "signed-out") {
        this.abort = null;
        this.enter("signed-out");
        return;
      }
      this.enter("away");
      this.timer = setTimeout(() => this.connect(), backoffMs(this.attempt++, this.options.random));
    });
  }

  private async read(abort: AbortController): Promise<"away" | "signed-out"> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (this.lastId !== null) headers["Last-Event-ID"] = this.lastId;
    try {
      this.watch(abort);
      const response = await (this.options.fetch ?? fetch)(this.options.url, { headers, signal: abort.signal, cache: "no-store" });
      if (response.status === 401 || response.status === 403) return "signed-out";
      if (!response.ok || !response.body) return "away";
      const returned = this.state === "away";
      this.attempt = 0;
      this.enter("live");
      if (returned) this.options.onReturn?.();
      const parser = new EventParser();
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (;;) {
        this.watch(abort);
        const { done, value } = await reader.read();
        if (done || abort.signal.aborted) return "away";
        const events = parser.push(decoder.decode(value, { stream: true }));
        this.lastId = parser.lastId ?? this.lastId;
        for (const event of events) this.options.onEvent(event);
      }
    } catch {
      return "away"; // refused, reset, or aborted by the watch
    }
  }

  private watch(abort: AbortController): void {
    this.clearTimer();
    this.timer = setTimeout(() => abort.abort(), kSilenceMs);
  }

  private clearTimer(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private enter(state: StreamState): void {
    if (this.state === state) return;
    this.state = state;
    this.options.onState(state);
  }
}
