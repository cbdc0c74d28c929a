// The last two minutes of every session's figures, for the graphs.
import type { Schemas, SessionStats } from "../api/client";

export const kHistorySamples = 120; // one a second

export interface Sample {
  at: number; // ms since the epoch
  stats: SessionStats;
}

const kNothing: readonly Sample[] = [];

export class SampleHistory {
  private readonly samples = new Map<string, readonly Sample[]>();
  private readonly listeners = new Set<() => void>();

  add(sample: Schemas["StatsSample"]): void {
    const at = Date.parse(sample.at);
    for (const { id, stats } of sample.sessions) {
      const old = this.samples.get(id) ?? kNothing;
      this.samples.set(id, [...old.slice(-(kHistorySamples - 1)), { at, stats }]);
    }
    this.tell();
  }

  of(id: string): readonly Sample[] {
    return this.samples.get(id) ?? kNothing;
  }

  forget(id: string): void {
    if (this.samples.delete(id)) this.tell();
  }

  clear(): void {
    this.samples.clear();
    this.tell();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
