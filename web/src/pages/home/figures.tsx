// The four figures that say how a stream goes, each with its last two minutes.
import type { Session, SessionStats } from "../../api/client";
import { useI18n } from "../../i18n/i18n";
import { type Figure, kUnknown, plain } from "../../lib/format";
import { kHistorySamples } from "../../live/history";
import { useSamples } from "../../live/live";
import { Graph } from "../../ui/graph";

/** From the compositor to the network: the medians of the stages that follow one another, in microseconds. */
export function latencyThrough({ capture, encode, host }: SessionStats["latency_us"]): number | null {
  return encode && host ? (capture?.p50 ?? 0) + encode.p50 + host.p50 : null;
}

const kShortestMs = 20_000;

interface Row {
  name: string;
  figure: Figure;
  note: string;
  least: number;
  of: (stats: SessionStats) => number | null;
  format: (value: number) => Figure;
}

export function Figures({ session }: { session: Session }) {
  const { t, f } = useI18n();
  const samples = useSamples(session.id);
  const { stats, mode } = session;
  const latency = latencyThrough(stats.latency_us);
  const rows: Row[] = [
    {
      name: t.session.fps,
      figure: f.fps(stats.fps),
      note: t.session.ofHz(mode.refresh_hz),
      least: mode.refresh_hz,
      of: (s) => s.fps,
      format: f.fps,
    },
    {
      name: t.session.latency,
      figure: f.latency(latency),
      note: latency === null ? "" : t.session.through,
      least: 4000,
      of: (s) => latencyThrough(s.latency_us),
      format: (value) => f.latency(value),
    },
    {
      name: t.session.bitrate,
      figure: f.bitrate(stats.bitrate_kbps),
      note: t.session.asked(plain(f.bitrate(session.bitrate_kbps))),
      least: session.bitrate_kbps / 2,
      of: (s) => s.bitrate_kbps,
      format: (value) => f.bitrate(value),
    },
    {
      name: t.session.loss,
      figure: f.percent(stats.loss_percent),
      note: stats.loss_percent === null ? t.session.lossUnknown : stats.recovered === null ? t.session.lossReported : t.session.recovered(f.integer(stats.recovered)),
      least: 2,
      of: (s) => s.loss_percent,
      format: (value) => f.percent(value),
    },
  ];
  const now = samples.at(-1)?.at ?? 0;
  // A young stream fills the graph too: the span grows with it.
  const spanMs = Math.min(Math.max(now - (samples[0]?.at ?? now), kShortestMs), kHistorySamples * 1000);
  return (
    <ul className="grid grid-cols-2 border-t border-line lg:grid-cols-4">
      {rows.map(({ name, figure, note, least, of, format }, index) => {
        const points = samples.map(({ at, stats: then }) => ({ at, value: of(then) }));
        const known = points.flatMap(({ value }) => (value === null ? [] : [value]));
        const label = known.length
          ? t.session.graph(name, plain(figure), plain(format(Math.min(...known))), plain(format(Math.max(...known))))
          : t.session.graphEmpty(name);
        return (
          <li
            key={name}
            className={`min-w-0 border-line px-5 pt-4 pb-5 sm:px-7 lg:border-t-0 lg:px-5 lg:first:pl-7 lg:last:pr-7 ${index % 2 ? "border-l" : "lg:border-l lg:first:border-l-0"} ${index > 1 ? "border-t" : ""}`}
          >
            <h3 className="truncate text-sm text-muted">{name}</h3>
            <p className="tabular mt-0.5 mb-3">
              <span className={`text-3xl font-semibold tracking-[-0.03em] ${figure.value === kUnknown ? "text-muted" : ""}`}>{figure.value}</span>
              <span className="ml-1 text-sm text-muted">{figure.unit}</span>
              <span className="block truncate text-sm text-muted">{note || "\u00a0"}</span>
            </p>
            <Graph label={label} points={points} now={now} spanMs={spanMs} least={least} />
          </li>
        );
      })}
    </ul>
  );
}
