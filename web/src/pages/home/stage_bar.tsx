// Where a frame spends its time on this machine, as shares of one bar.
import type { SessionStats } from "../../api/client";
import { useI18n } from "../../i18n/i18n";
import { plain } from "../../lib/format";

const stages = ["capture", "encode", "queue", "send"] as const;
const fills = { capture: "bg-accent/30", encode: "bg-accent", queue: "bg-edge", send: "bg-accent/60" };

export function StageBar({ latency }: { latency: SessionStats["latency_us"] }) {
  const { t, f } = useI18n();
  const known = stages.flatMap((stage) => {
    const value = latency[stage]?.p50;
    return value === undefined ? [] : [{ stage, value }];
  });
  const all = known.reduce((sum, { value }) => sum + value, 0);
  return (
    <div>
      <div className="mb-2.5 flex flex-wrap items-baseline justify-between gap-x-4">
        <h3 className="text-sm font-semibold">{t.session.stages}</h3>
        {known.length > 0 && <p className="text-sm text-muted">{t.session.median}</p>}
      </div>
      {known.length === 0 ? (
        <p className="text-sm text-muted">{t.session.stagesNone}</p>
      ) : (
        <>
          <div aria-hidden="true" className="flex h-3 gap-0.5 overflow-hidden rounded-full bg-sunken">
            {known.map(({ stage, value }) => (
              <span key={stage} className={`min-w-1 ${fills[stage]}`} style={{ flexGrow: value / Math.max(all, 1) }} />
            ))}
          </div>
          <ul className="tabular mt-2.5 flex flex-wrap gap-x-6 gap-y-1 text-sm">
            {known.map(({ stage, value }) => (
              <li key={stage} className="flex items-center gap-2">
                <span aria-hidden="true" className={`size-2.5 rounded-full ${fills[stage]}`} />
                <span className="text-muted">{t.session.stage[stage]}</span> {plain(f.latency(value))}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
