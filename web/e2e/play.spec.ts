// The desktop in the page: what it shows, what it takes, and how it ends.
import { existsSync, writeFileSync } from "node:fs";

import type { Page } from "@playwright/test";

import { expect, test } from "./fixtures";
import { motionProgram } from "./host";
import { colours, difference, ofPng, shifted, shown, swapped } from "./pictures";
import { toneFile } from "./tone";

const canvasSize = (page: Page) => page.locator("canvas").evaluate((canvas: HTMLCanvasElement) => [canvas.width, canvas.height]);

async function play(page: Page, width: number, height: number): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.getByRole("link", { name: "Play here" }).click();
  await expect.poll(() => canvasSize(page), { timeout: 30_000 }).toEqual([width, height]);
}

test("the desktop is shown at the window's size, takes the keyboard, follows a resize, and ends when it is stopped", async ({ console: page, context, host, outbox }) => {
  await play(page, 960, 600);
  await expect.poll(async () => colours(await shown(page, "canvas"))).toBeGreaterThan(8);

  // The session is listed, with the picture that the host takes before it is encoded.
  const other = await context.newPage();
  await other.goto(`${host.url}/`);
  const image = other.getByRole("img", { name: /^What .* sees now$/ });
  await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(100);
  await expect(other.getByText("Browser", { exact: true })).toBeVisible();

  // What is typed arrives in the terminal: seen, and done.
  const before = await shown(page, "canvas");
  await page.locator("canvas").focus();
  await page.keyboard.type(`touch ${outbox.file("word")}`, { delay: 15 });
  await expect.poll(async () => difference(await shown(page, "canvas"), before)).toBeGreaterThan(0);
  await page.keyboard.press("Enter");
  await expect.poll(() => existsSync(outbox.file("word"))).toBe(true);

  await page.setViewportSize({ width: 800, height: 500 });
  await expect.poll(() => canvasSize(page), { timeout: 30_000 }).toEqual([800, 500]);

  // The keyboard comes back to the page, and the page can be left.
  await page.keyboard.press("Control+Alt+Shift+Q");
  await expect(page.getByRole("button", { name: "Full screen" })).toBeFocused();

  await other.getByRole("button", { name: "Stop" }).click();
  await other.getByRole("dialog").getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("heading", { name: "The stream is over" })).toBeVisible();
  await page.getByRole("button", { name: "Play again" }).click();
  await expect.poll(async () => colours(await shown(page, "canvas")), { timeout: 30_000 }).toBeGreaterThan(8);
  await expect(page.getByRole("heading", { name: "The stream is over" })).toHaveCount(0);
});

test("who reads German is told in German how it ended", async ({ console: page, context, host }) => {
  await page.evaluate(() => localStorage.setItem("punktfunk.preferences", JSON.stringify({ language: "de" })));
  await page.goto(`${host.url}/play`);
  await expect.poll(async () => colours(await shown(page, "canvas")), { timeout: 30_000 }).toBeGreaterThan(8);
  const other = await context.newPage();
  await other.goto(`${host.url}/`);
  await other.getByRole("button", { name: "Beenden" }).click();
  await other.getByRole("dialog").getByRole("button", { name: "Beenden" }).click();
  const curtain = page.getByRole("alert");
  await expect(curtain).toContainText("Der Host hat den Stream beendet.");
  await expect(curtain.locator('[lang="en"]')).toContainText("somebody at the host ended it");
});

test.describe("a still picture", () => {
  test.use({ startup: async ({}, use) => use([`${motionProgram} --pattern bars`]) });

  test("is what the compositor shows", async ({ console: page, host }) => {
    const kLossOfCoding = 4; // of 255
    await play(page, 960, 540);
    await expect.poll(async () => colours(await shown(page, "canvas"))).toBeGreaterThan(50);
    await expect.poll(async () => difference(await shown(page, "canvas"), await ofPng(page, await host.screenshot()))).toBeLessThan(kLossOfCoding);
    const canvas = await shown(page, "canvas");
    const compositor = await ofPng(page, await host.screenshot());
    expect([compositor.width, compositor.height]).toEqual([canvas.width, canvas.height]);
    // What would be wrong would be seen.
    expect(difference(swapped(canvas), compositor)).toBeGreaterThan(2 * kLossOfCoding);
    expect(difference(shifted(canvas), compositor)).toBeGreaterThan(difference(canvas, compositor) + 1);
  });
});

test.describe("a desktop that plays a tone", () => {
  test.use({
    startup: async ({ outbox }, use) => {
      writeFileSync(outbox.file("tone.wav"), toneFile(1000, 60));
      await use([`sh -c 'while :; do pw-play ${outbox.file("tone.wav")} || sleep 0.1; done'`, "foot"]);
    },
  });

  test("is heard in the page, and not when it is muted", async ({ console: page }) => {
    // Whatever goes to the loudspeakers is listened to on its way.
    await page.evaluate(() => {
      const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode) => AudioNode;
      const heard: { analyser?: AnalyserNode } = {};
      AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode) {
        if (to instanceof AudioDestinationNode) {
          heard.analyser = this.context.createAnalyser();
          heard.analyser.fftSize = 4096;
          heard.analyser.smoothingTimeConstant = 0; // what is heard now
          connect.call(this, heard.analyser);
        }
        return connect.call(this, to);
      } as typeof AudioNode.prototype.connect;
      (window as { heard?: typeof heard }).heard = heard;
    });
    /** The loudest pitch in Hz and its strength in dB; -Infinity: silence. */
    const loudest = () =>
      page.evaluate(() => {
        const { analyser } = (window as { heard?: { analyser?: AnalyserNode } }).heard ?? {};
        if (!analyser) return { hz: 0, db: -Infinity };
        const bins = new Float32Array(analyser.frequencyBinCount);
        analyser.getFloatFrequencyData(bins);
        const db = Math.max(...bins);
        return { hz: (bins.indexOf(db) * analyser.context.sampleRate) / analyser.fftSize, db };
      });
    await play(page, 640, 360);
    await expect.poll(async () => (await loudest()).db, { timeout: 30_000 }).toBeGreaterThan(-30);
    await expect.poll(async () => Math.abs((await loudest()).hz - 1000)).toBeLessThan(30);
    await page.mouse.move(320, 200); // shows the controls
    await page.getByRole("button", { name: "Mute" }).click();
    await expect.poll(async () => (await loudest()).db).toBeLessThan(-80);
    await page.mouse.move(320, 180);
    await page.getByRole("button", { name: "Mute" }).click();
    await expect.poll(async () => (await loudest()).db).toBeGreaterThan(-30);
  });
});

test.describe("a program that tells what input it gets", () => {
  test.use({ startup: async ({ outbox }, use) => use([`stdbuf -oL wev -f wl_pointer -f wl_keyboard >${outbox.file("events")} 2>&1`]) });

  /** Where the pointer was on the program's surface, in the order it was told. */
  const points = (events: string) => [...events.matchAll(/x, y: (-?[0-9.]+), (-?[0-9.]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
  /** Where the pointer rests. */
  const settled = async (events: () => string) => {
    let before = { x: NaN, y: NaN };
    await expect
      .poll(
        () => {
          const now = lastPoint(events());
          const rests = now.x === before.x && now.y === before.y;
          before = now;
          return rests;
        },
        { intervals: [200] },
      )
      .toBe(true);
    return before;
  };
  const lastPoint = (events: string) => points(events).at(-1) ?? { x: NaN, y: NaN };

  test("a finger on the picture is a press of the desktop's pointer, and lets go when it lifts", async ({ console: page, outbox }) => {
    await play(page, 800, 600);
    const events = () => outbox.read("events");
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setTouchEmulationEnabled", { enabled: true });
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", x = 0, y = 0) => session.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
    // The program has to be there, and to have learned of the pointer: touch until it has.
    await expect
      .poll(async () => {
        await touch("touchStart", 300, 300);
        await touch("touchEnd");
        return events();
      })
      .toContain("button: 272 (left), state: 1 (pressed)");
    // How many it got is known once one more, elsewhere, has come and gone.
    const { x: there } = lastPoint(events());
    await touch("touchStart", 200, 300);
    await touch("touchEnd");
    await expect
      .poll(() => {
        const said = events();
        return { x: Math.round(lastPoint(said).x - there), released: said.slice(said.lastIndexOf("x, y:")).includes("state: 0 (released)") };
      })
      .toEqual({ x: -100, released: true });
    const count = (what: RegExp) => events().match(what)?.length ?? 0;
    const presses = () => count(/state: 1 \(pressed\)/g);
    const releases = () => count(/state: 0 \(released\)/g);
    const before = presses();
    // A finger that stays holds the button, once it is clear that no second one comes: what trembles is looked at.
    await touch("touchStart", 400, 300);
    await expect
      .poll(async () => {
        await touch("touchMove", 401, 300);
        await touch("touchMove", 400, 300);
        return presses();
      })
      .toBe(before + 1);
    const from = await settled(events);
    await touch("touchMove", 460, 340);
    await expect.poll(() => Math.round(lastPoint(events()).x - from.x)).toBe(60);
    expect(Math.round(lastPoint(events()).y - from.y)).toBe(40);
    expect(releases()).toBe(before); // it is down still
    await touch("touchEnd");
    await expect.poll(releases).toBe(before + 1);
    expect(presses()).toBe(before + 1);
  });

  test("a captured mouse moves the desktop's pointer by what it moved, and is given back", async ({ console: page, outbox }) => {
    await play(page, 800, 600);
    const events = () => outbox.read("events");
    // Until the program is there and has got both; whatever of it comes late ends in the same place.
    let before = { x: NaN, y: NaN };
    await expect
      .poll(async () => {
        await page.mouse.move(400, 320);
        await page.mouse.move(430, 360);
        const [from, to] = points(events()).slice(-2);
        if (!from || !to) return undefined;
        before = to;
        return { x: Math.round(to.x - from.x), y: Math.round(to.y - from.y) };
      })
      .toEqual({ x: 30, y: 40 });
    const button = page.getByRole("button", { name: "Capture the mouse" });
    const box = await button.boundingBox();
    const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
    await button.click();
    const locked = () => page.evaluate(() => document.pointerLockElement?.tagName);
    await expect.poll(locked).toBe("CANVAS");
    // The desktop's pointer is where it was, and from there it goes by steps: the page's coordinates mean nothing now.
    await page.mouse.move(x + 10, y + 10);
    await page.mouse.move(x - 50, y + 40);
    await expect.poll(() => Math.round(lastPoint(events()).x - before.x)).toBe(-50);
    expect(Math.round(lastPoint(events()).y - before.y)).toBe(40);
    await page.evaluate(() => document.exitPointerLock());
    await expect.poll(locked).toBeUndefined();
    await page.mouse.move(100, 100);
    await expect.poll(() => Math.round(lastPoint(events()).x - before.x)).toBe(100 - 430); // its own coordinates again
  });
});
