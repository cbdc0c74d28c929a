// WCAG 2.2 AA: text has a contrast of 4.5 to its ground, what is needed to recognise a control 3. Of both themes, as theme.css
// says them; a pair that meets on a page is listed here.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("./theme.css", import.meta.url), "utf8");

type Theme = "light" | "dark";
function token(name: string, theme: Theme): string {
  const both = new RegExp(`--color-${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\);`).exec(css);
  if (both) return (theme === "light" ? both[1] : both[2]) as string;
  const one = new RegExp(`--color-${name}: (#[0-9a-f]{6});`).exec(css);
  if (!one?.[1]) throw new Error(`theme.css has no plain colour ${name}`);
  return one[1];
}

const channels = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
const linear = (channel: number) => {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};
const luminance = (rgb: readonly number[]) => 0.2126 * linear(rgb[0] ?? 0) + 0.7152 * linear(rgb[1] ?? 0) + 0.0722 * linear(rgb[2] ?? 0);
function contrast(a: readonly number[], b: readonly number[]): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}
const over = (top: readonly number[], share: number, ground: readonly number[]) => top.map((channel, i) => channel * share + (ground[i] ?? 0) * (1 - share));

const grounds = ["paper", "surface", "sunken", "raised"];
const text: [string, string[]][] = [
  ["ink", [...grounds, "danger-soft", "warn-soft"]],
  ["muted", grounds],
  ["accent", ["paper", "surface"]],
  ["on-accent", ["accent", "accent-ink"]], // a primary button, and under the pointer
  ["accent-ink", ["accent-soft"]],
  ["good", ["good-soft"]],
  ["warn", ["warn-soft", "surface"]],
  ["danger", ["danger-soft", "surface", "paper", "raised"]],
  ["on-danger", ["danger"]],
  ["paper", ["ink"]], // a notice
  ["on-screen", ["screen"]],
];
const shapes: [string, string[]][] = [
  ["edge", ["paper", "surface", "sunken", "raised"]], // borders of inputs, a switch that is off
  ["accent", grounds], // the focus ring, a switch that is on
  ["good", ["surface", "paper"]],
  ["warn", ["paper"]],
];

describe.each<Theme>(["light", "dark"])("the %s theme", (theme) => {
  const cases = (pairs: [string, string[]][]) => pairs.flatMap(([front, behind]) => behind.map((ground) => [front, ground] as const));
  it.each(cases(text))("text %s on %s", (front, ground) => {
    expect(contrast(channels(token(front, theme)), channels(token(ground, theme)))).toBeGreaterThanOrEqual(4.5);
  });
  it.each(cases(shapes))("shape %s on %s", (front, ground) => {
    expect(contrast(channels(token(front, theme)), channels(token(ground, theme)))).toBeGreaterThanOrEqual(3);
  });
  it.each(["warn", "danger"])("a log line on a ground that is 60 %% %s-soft", (level) => {
    const ground = over(channels(token(`${level}-soft`, theme)), 0.6, channels(token("surface", theme)));
    for (const front of ["ink", "muted", level]) expect(contrast(channels(token(front, theme)), ground), front).toBeGreaterThanOrEqual(4.5);
  });
});

describe("contrast", () => {
  it("is what the standard says of black, white and a grey at the limit", () => {
    expect(contrast(channels("#000000"), channels("#ffffff"))).toBeCloseTo(21, 5);
    expect(contrast(channels("#767676"), channels("#ffffff"))).toBeCloseTo(4.54, 2);
    expect(contrast(channels("#777777"), channels("#ffffff"))).toBeLessThan(4.5);
  });
});

// The theme has no colours but its own; Tailwind says nothing about a class that means none.
describe("the components' colours", () => {
  const root = fileURLToPath(new URL(".", import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".tsx"));
  const foreign = /\b(?:bg|text|border|ring|outline|stroke|fill|divide|from|to)-(?:black|white|(?:slate|gray|zinc|neutral|stone|red|orange|amber|yellow|lime|green|emerald|teal|cyan|sky|blue|indigo|violet|purple|fuchsia|pink|rose)-\d+)\b/g;
  it("are the theme's", () => {
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) expect(readFileSync(root + file, "utf8").match(foreign) ?? [], file).toEqual([]);
  });
});
