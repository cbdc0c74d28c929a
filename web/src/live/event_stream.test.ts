import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { backoffMs, EventStream, type StreamState } from "./event_stream";
import type { ServerEvent } from "./sse";

/** One answer of the host, whose body the test writes and ends. */
class FakeAnswer {
  private controller!: ReadableStreamDefaultController<Uint8Array>;
  readonly headers: Record<string, string>;
  readonly response: Response;

  constructor(init: RequestInit, status: number) {
    this.headers = init.headers as Record<string, string>;
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (this.controller = controller) });
    this.response = new Response(status === 200 ? body : null, { status });
    init.signal?.addEventListener("abort", () => this.controller.error(new DOMException("aborted", "AbortError")));
  }
  write(text: string): void {
    this.controller.enqueue(new TextEncoder().encode(text));
  }
  end(): void {
    this.controller.close();
  }
}

class Host {
  status = 200;
  away = false;
  readonly answers: FakeAnswer[] = [];
  readonly fetch = ((_url: string, init: RequestInit) => {
    if (this.away) return Promise.reject(new TypeError("refused"));
    const answer = new FakeAnswer(init, this.status);
    this.answers.push(answer);
    return Promise.resolve(answer.response);
  }) as unknown as typeof fetch;
  get last(): FakeAnswer {
    const last = this.answers.at(-1);
    if (!last) throw new Error("nobody has asked");
    return last;
  }
}

const settle = () => vi.advanceTimersByTimeAsync(0);

function setUp() {
  const host = new Host();
  const events: ServerEvent[] = [];
  const states: StreamState[] = [];
  const onReturn = vi.fn();
  const stream = new EventStream({ url: "/events", fetch: host.fetch, random: () => 0.5, onEvent: (event) => events.push(event), onState: (state) => states.push(state), onReturn });
  return { host, events, states, onReturn, stream };
}

describe("EventStream", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("hands events on and carries on at the last id after the host was away", async () => {
    const { host, events, states, onReturn, stream } = setUp();
    stream.start();
    await settle();
    expect(host.last.headers["Last-Event-ID"]).toBeUndefined();
    host.last.write("id: b-4\nevent: stats\ndata: 1\n\n");
    await settle();
    expect(events).toEqual([{ type: "stats", data: "1" }]);

    host.away = true;
    host.last.end();
    await settle();
    expect(states).toEqual(["live", "away"]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(host.answers).toHaveLength(1);
    expect(onReturn).not.toHaveBeenCalled();

    host.away = false;
    await vi.advanceTimersByTimeAsync(12_500);
    expect(host.answers).toHaveLength(2);
    expect(host.last.headers["Last-Event-ID"]).toBe("b-4");
    expect(states).toEqual(["live", "away", "live"]);
    expect(onReturn).toHaveBeenCalledTimes(1);
    stream.stop();
  });

  it.each([401, 403])("says that it is signed out at a %i, and does not knock again", async (status) => {
    const { host, states, stream } = setUp();
    host.status = status;
    stream.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states).toEqual(["signed-out"]);
    expect(host.answers).toHaveLength(1);
  });

  it("notices a connection that has fallen silent", async () => {
    const { host, states, stream } = setUp();
    stream.start();
    await settle();
    await vi.advanceTimersByTimeAsync(30_000);
    host.last.write(":\n\n"); // the host's sign of life
    await vi.advanceTimersByTimeAsync(30_000);
    expect(states).toEqual(["live"]);
    await vi.advanceTimersByTimeAsync(10_500);
    expect(states).toEqual(["live", "away", "live"]);
    expect(host.answers).toHaveLength(2);
    stream.stop();
  });

  it("keeps quiet once it is stopped, whatever still comes", async () => {
    const { host, events, states, stream } = setUp();
    stream.start();
    await settle();
    stream.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(host.answers).toHaveLength(1);
    expect(states).toEqual(["live"]);
    expect(events).toEqual([]);
  });

  it("rests while nobody looks, and then asks for what it missed", async () => {
    const { host, states, onReturn, stream } = setUp();
    stream.start();
    await settle();
    host.last.write("id: b-9\ndata: x\n\n");
    await settle();
    stream.rest();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(host.answers).toHaveLength(1);
    stream.start();
    await settle();
    expect(host.last.headers["Last-Event-ID"]).toBe("b-9");
    expect(states).toEqual(["live", "resting", "live"]);
    expect(onReturn).not.toHaveBeenCalled();
    stream.stop();
  });

  it("does not wait when it is told that the network is there", async () => {
    const { host, stream } = setUp();
    host.away = true;
    stream.start();
    await vi.advanceTimersByTimeAsync(30_000);
    host.away = false;
    stream.retryNow();
    await settle();
    expect(host.answers).toHaveLength(1);
    stream.retryNow(); // it is there: nothing to do
    await settle();
    expect(host.answers).toHaveLength(1);
    stream.stop();
  });
});

describe("backoffMs", () => {
  it("doubles up to ten seconds, spread by a quarter", () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, () => 0.5))).toEqual([400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    expect(backoffMs(0, () => 0)).toBe(300);
    expect(backoffMs(0, () => 1)).toBe(500);
  });
});
