// A ring that runs out around what it holds.
import type { ReactNode } from "react";

const kRadius = 54;
const kLength = 2 * Math.PI * kRadius;

export function CountdownRing({ fraction, children }: { fraction: number; children: ReactNode }) {
  return (
    <div className="relative size-56 shrink-0 sm:size-64">
      <svg viewBox="0 0 120 120" className="size-full -rotate-90" aria-hidden="true">
        <circle cx="60" cy="60" r={kRadius} fill="none" className="stroke-sunken" strokeWidth="5" />
        <circle
          cx="60"
          cy="60"
          r={kRadius}
          fill="none"
          className="stroke-accent"
          strokeWidth="5"
          strokeLinecap="round"
          strokeDasharray={kLength}
          strokeDashoffset={kLength * (1 - fraction)}
        />
      </svg>
      <div className="absolute inset-0 flex flex-col items-center justify-center">{children}</div>
    </div>
  );
}
