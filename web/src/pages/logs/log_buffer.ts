// The newest lines of the host's log, in order, each once, whichever way they came: read at first, by event since, or read
// again after a gap.
import type { LogEntry, Schemas } from "../../api/client";

export const kKeptLines = 2000;
export type Level = LogEntry["level"];
export const levels: readonly Level[] = ["debug", "info", "warn", "error"];

export class LogBuffer {
  private entries: readonly LogEntry[] = [];
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  get lastId(): number {
    return this.entries.at(-1)?.id ?? 0;
  }

  readonly snapshot = (): readonly LogEntry[] => this.entries;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  add(entry: LogEntry): void {
    const last = this.entries.at(-1);
    if (last && entry.id <= last.id) {
      if (this.entries.some(({ id }) => id === entry.id)) return;
      this.set([...this.entries, entry].sort((a, b) => a.id - b.id));
    } else {
      this.set([...this.entries, entry]);
    }
  }

  /** A page that was asked for with `after` = lastId. False: it is another run's log, to be read from the beginning. */
  addPage(page: Schemas["LogPage"]): boolean {
    if (page.last_id < this.lastId) return false;
    const known = new Set(this.entries.map(({ id }) => id));
    const more = page.entries.filter(({ id }) => !known.has(id));
    if (more.length) this.set([...this.entries, ...more].sort((a, b) => a.id - b.id));
    return true;
  }

  replace(page: Schemas["LogPage"]): void {
    this.set([...page.entries]);
  }

  private set(entries: LogEntry[]): void {
    this.entries = entries.slice(-kKeptLines);
    // A burst of lines is one update of the page.
    this.timer ??= setTimeout(() => {
      this.timer = null;
      for (const listener of this.listeners) listener();
    }, 50);
  }
}

export function matching(entries: readonly LogEntry[], atLeast: Level, text: string): readonly LogEntry[] {
  const wanted = text.trim().toLowerCase();
  const floor = levels.indexOf(atLeast);
  return entries.filter(({ level, message }) => levels.indexOf(level) >= floor && (wanted === "" || message.toLowerCase().includes(wanted)));
}
