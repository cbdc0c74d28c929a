// How much of a span that the host named is left. The host counts; the page only shows what is left of what it last heard.

export interface Countdown {
  secondsLeft: number; // rounded up: 0 is over
  fraction: number; // 1 at the beginning, 0 at the end
}

export function countdown(heardAtMs: number, secondsThen: number, totalSeconds: number, nowMs: number): Countdown {
  const left = Math.max(0, secondsThen - Math.max(0, nowMs - heardAtMs) / 1000);
  const total = Math.max(totalSeconds, secondsThen, 1);
  return { secondsLeft: Math.ceil(left), fraction: Math.min(1, left / total) };
}

/** "1:05" */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
