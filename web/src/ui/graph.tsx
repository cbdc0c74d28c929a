// A line of the last two minutes, filled to the ground, with a point at now.
import { useId } from "react";

export interface GraphPoint {
  at: number;
  value: number | null; // null: unknown then, the line has a gap
}

export interface GraphShape {
  line: string;
  area: string;
  now: { x: number; y: number } | null;
}

/** The points in a box of width x height; `floor` and `ceiling` are the values of its edges. Time runs to the right up to `now`. */
export function graphShape(
  points: readonly GraphPoint[],
  box: { width: number; height: number },
  span: { now: number; ms: number },
  floor: number,
  ceiling: number,
): GraphShape {
  const x = (at: number) => box.width * (1 - (span.now - at) / span.ms);
  const y = (value: number) => {
    const share = (Math.min(Math.max(value, floor), ceiling) - floor) / Math.max(ceiling - floor, Number.EPSILON);
    return box.height * (1 - share);
  };
  const runs: { x: number; y: number }[][] = [];
  let open = false;
  for (const { at, value } of points) {
    if (value === null || at < span.now - span.ms) {
      open = false;
      continue;
    }
    const point = { x: x(at), y: y(value) };
    const run = runs.at(-1);
    if (open && run) run.push(point);
    else runs.push([point]);
    open = true;
  }
  const text = ({ x, y }: { x: number; y: number }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const line = runs.map((run) => `M${run.map(text).join("L")}`).join("");
  const area = runs.map((run) => `M${run[0]?.x.toFixed(1)} ${box.height}L${run.map(text).join("L")}L${run.at(-1)?.x.toFixed(1)} ${box.height}Z`).join("");
  return { line, area, now: open ? (runs.at(-1)?.at(-1) ?? null) : null };
}

/** A round value a little above the highest, so that the line does not touch the top and the scale does not jump. */
export function niceCeiling(highest: number, least: number): number {
  const wanted = Math.max(highest * 1.1, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  for (const step of [1, 1.5, 2, 3, 4, 5, 7.5, 10]) if (step * power >= wanted) return step * power;
  return 10 * power;
}

const kWidth = 240;
const kHeight = 48;

interface GraphProps {
  label: string;
  points: readonly GraphPoint[];
  now: number;
  spanMs: number;
  least: number; // the scale reaches at least this far up
}

export function Graph({ label, points, now, spanMs, least }: GraphProps) {
  const fade = useId();
  const highest = Math.max(0, ...points.map(({ value }) => value ?? 0));
  const ceiling = niceCeiling(highest, least);
  const shape = graphShape(points, { width: kWidth, height: kHeight }, { now, ms: spanMs }, 0, ceiling);
  return (
    <div className="relative h-12 text-accent" role="img" aria-label={label}>
      <svg viewBox={`0 0 ${kWidth} ${kHeight}`} preserveAspectRatio="none" className="size-full overflow-visible" aria-hidden="true">
        <defs>
          <linearGradient id={fade} x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="currentColor" stopOpacity="0.28" />
            <stop offset="1" stopColor="currentColor" stopOpacity="0.02" />
          </linearGradient>
        </defs>
        <path d={`M0 ${kHeight}H${kWidth}`} className="stroke-line" strokeWidth="1" vectorEffect="non-scaling-stroke" />
        <path d={shape.area} fill={`url(#${fade})`} />
        <path d={shape.line} fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" strokeLinecap="round" vectorEffect="non-scaling-stroke" />
      </svg>
      {shape.now && (
        <span
          aria-hidden="true"
          className="absolute size-2.5 -translate-x-1/2 -translate-y-1/2 rounded-full bg-accent ring-3 ring-surface"
          style={{ left: `${(shape.now.x / kWidth) * 100}%`, top: `${(shape.now.y / kHeight) * 100}%` }}
        />
      )}
    </div>
  );
}
