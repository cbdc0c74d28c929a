import { describe, expect, it } from "vitest";

import { graphShape, niceCeiling } from "./graph";

const box = { width: 100, height: 10 };
const span = { now: 10_000, ms: 10_000 };
const shape = (points: [number, number | null][], ceiling = 10) => graphShape(points.map(([at, value]) => ({ at, value })), box, span, 0, ceiling);

describe("graphShape", () => {
  it("draws time to the right and values upwards", () => {
    const { line, now } = shape([
      [0, 0],
      [5000, 5],
      [10_000, 10],
    ]);
    expect(line).toBe("M0.0 10.0L50.0 5.0L100.0 0.0");
    expect(now).toEqual({ x: 100, y: 0 });
  });
  it("closes the area on the ground", () => {
    expect(
      shape([
        [5000, 5],
        [10_000, 5],
      ]).area,
    ).toBe("M50.0 10L50.0 5.0L100.0 5.0L100.0 10Z");
  });
  it("leaves a gap where nothing was known, and no point when nothing is known now", () => {
    const { line, now } = shape([
      [2000, 1],
      [4000, null],
      [6000, 1],
      [8000, null],
    ]);
    expect(line.match(/M/g)).toHaveLength(2);
    expect(now).toBeNull();
  });
  it("leaves out what is older than its span and stays within its edges", () => {
    expect(
      shape([
        [-5000, 5],
        [10_000, 99],
      ]).line,
    ).toBe("M100.0 0.0");
    expect(shape([[10_000, -4]]).now).toEqual({ x: 100, y: 10 });
  });
  it("is empty without samples", () => {
    expect(shape([])).toEqual({ line: "", area: "", now: null });
  });
});

describe("niceCeiling", () => {
  it("is round and above the highest", () => {
    expect(niceCeiling(59.9, 60)).toBe(75);
    expect(niceCeiling(0, 2)).toBe(2);
    expect(niceCeiling(950, 1)).toBe(1500);
    for (const highest of [0.001, 1, 7, 99, 12_345]) expect(niceCeiling(highest, 0.0001)).toBeGreaterThanOrEqual(highest);
  });
});
