// Figures and times as people of the chosen language read them. A figure comes apart from its unit: the pages set them apart.

export interface Figure {
  value: string;
  unit: string;
}

export const kUnknown = "–";

const unknown = (unit: string): Figure => ({ value: kUnknown, unit });

export class Formatter {
  private readonly whole: Intl.NumberFormat;
  private readonly one: Intl.NumberFormat;
  private readonly two: Intl.NumberFormat;
  private readonly relative: Intl.RelativeTimeFormat;
  private readonly dateTime: Intl.DateTimeFormat;
  private readonly day: Intl.DateTimeFormat;
  private readonly time: Intl.DateTimeFormat;

  constructor(
    readonly language: string,
    timeZone?: string,
  ) {
    const zone = timeZone === undefined ? {} : { timeZone };
    this.whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
    this.one = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.two = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    this.dateTime = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", ...zone });
    this.day = new Intl.DateTimeFormat(language, { dateStyle: "medium", ...zone });
    this.time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false, ...zone });
  }

  integer = (value: number): string => this.whole.format(value);

  fps = (value: number | null): Figure => (value === null ? unknown("fps") : { value: this.whole.format(value), unit: "fps" });

  bitrate(kbps: number | null): Figure {
    if (kbps === null) return unknown("Mb/s");
    if (kbps < 1000) return { value: this.whole.format(kbps), unit: "kb/s" };
    if (kbps < 1_000_000) return { value: (kbps < 100_000 ? this.one : this.whole).format(kbps / 1000), unit: "Mb/s" };
    return { value: this.two.format(kbps / 1_000_000), unit: "Gb/s" };
  }

  /** A latency: three figures are enough. */
  latency(us: number | null): Figure {
    if (us === null) return unknown("ms");
    if (us < 1000) return { value: this.whole.format(us), unit: "µs" };
    return { value: (us < 10_000 ? this.two : us < 100_000 ? this.one : this.whole).format(us / 1000), unit: "ms" };
  }

  percent(value: number | null): Figure {
    if (value === null) return unknown("%");
    return { value: value === 0 ? "0" : (value < 1 ? this.two : this.one).format(value), unit: "%" };
  }

  bytes(count: number): Figure {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let value = count;
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return { value: (unit === 0 || value >= 100 ? this.whole : this.one).format(value), unit: units[unit] ?? "B" };
  }

  /** "3 minutes ago", "in 2 days" */
  ago(then: number, now: number): string {
    const seconds = Math.round((then - now) / 1000);
    const size = Math.abs(seconds);
    if (size < 60) return this.relative.format(seconds, "second");
    if (size < 3600) return this.relative.format(Math.trunc(seconds / 60), "minute");
    if (size < 86_400) return this.relative.format(Math.trunc(seconds / 3600), "hour");
    return this.relative.format(Math.trunc(seconds / 86_400), "day");
  }

  /** "1:02:03" */
  duration(seconds: number): string {
    const all = Math.max(0, Math.floor(seconds));
    const pad = (value: number) => String(value).padStart(2, "0");
    const hours = Math.floor(all / 3600);
    const minutes = Math.floor(all / 60) % 60;
    return hours > 0 ? `${hours}:${pad(minutes)}:${pad(all % 60)}` : `${minutes}:${pad(all % 60)}`;
  }

  date = (when: number): string => this.day.format(when);
  moment = (when: number): string => this.dateTime.format(when);
  timeOfDay = (when: number): string => this.time.format(when);
}

export const plain = ({ value, unit }: Figure): string => `${value}\u00a0${unit}`;

/** A fingerprint in groups that can be compared by eye; `groups` of them, or all. */
export function fingerprintGroups(fingerprint: string, groups = 16): string {
  return (fingerprint.match(/.{1,4}/g) ?? []).slice(0, groups).join(" ");
}
