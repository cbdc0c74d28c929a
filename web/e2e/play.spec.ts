// The desktop in the page: what it shows, what it takes, and how it ends.
import { chmodSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Page } from "@playwright/test";

import { expect, test } from "./fixtures";

/** A picture of 64 x 36 pixels of what a canvas or an image of the page shows. */
function small(page: Page, selector: string): Promise<number[]> {
  return page.locator(selector).evaluate((source: HTMLCanvasElement | HTMLImageElement) => {
    const canvas = document.createElement("canvas");
    canvas.width = 64;
    canvas.height = 36;
    const context = canvas.getContext("2d");
    if (!context) return [];
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, 64, 36);
    return [...context.getImageData(0, 0, 64, 36).data];
  });
}
const difference = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / Math.max(a.length, 1);
const colours = (picture: number[]) => new Set(Array.from({ length: picture.length / 4 }, (_, i) => picture.slice(4 * i, 4 * i + 3).join())).size;
const canvasSize = (page: Page) => page.locator("canvas").evaluate((canvas: HTMLCanvasElement) => [canvas.width, canvas.height]);

test("the desktop is shown at the window's size, takes the keyboard, follows a resize, and ends when it is stopped", async ({ console: page, context, host }) => {
  const folder = join(tmpdir(), `punktfunk-typed-${process.pid}-${Date.now()}`);
  mkdirSync(folder);
  chmodSync(folder, 0o777); // the desktop may run as another user
  try {
    await page.setViewportSize({ width: 960, height: 600 });
    await page.getByRole("link", { name: "Play here" }).click();
    await expect.poll(() => canvasSize(page), { timeout: 30_000 }).toEqual([960, 600]);
    await expect.poll(async () => colours(await small(page, "canvas"))).toBeGreaterThan(8);

    // The same picture as the compositor's, which the host hands out before it was encoded.
    const other = await context.newPage();
    await other.goto(`${host.url}/`);
    const image = other.getByRole("img", { name: /^What .* sees now$/ });
    await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(100);
    await expect.poll(async () => difference(await small(page, "canvas"), await small(other, "main img[alt]"))).toBeLessThan(6);
    await expect(other.getByText("Browser", { exact: true })).toBeVisible();

    // What is typed arrives in the terminal: seen, and done.
    const before = await small(page, "canvas");
    await page.locator("canvas").focus();
    await page.keyboard.type(`touch ${folder}/word`, { delay: 15 });
    await expect.poll(async () => difference(await small(page, "canvas"), before)).toBeGreaterThan(0);
    await page.keyboard.press("Enter");
    await expect.poll(() => existsSync(join(folder, "word"))).toBe(true);

    await page.setViewportSize({ width: 800, height: 500 });
    await expect.poll(() => canvasSize(page), { timeout: 30_000 }).toEqual([800, 500]);

    // The keyboard comes back to the page, and the page can be left.
    await page.keyboard.press("Control+Alt+Shift+Q");
    await expect(page.getByRole("button", { name: "Full screen" })).toBeFocused();

    await other.getByRole("button", { name: "Stop" }).click();
    await other.getByRole("dialog").getByRole("button", { name: "Stop" }).click();
    await expect(page.getByRole("heading", { name: "The stream is over" })).toBeVisible();
    await page.getByRole("button", { name: "Play again" }).click();
    await expect.poll(async () => colours(await small(page, "canvas")), { timeout: 30_000 }).toBeGreaterThan(8);
    await expect(page.getByRole("heading", { name: "The stream is over" })).toHaveCount(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
