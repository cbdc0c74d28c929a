// What a device loses while it streams is lost on the desktop, at once.
import { existsSync, statSync, writeFileSync } from "node:fs";

import type { Locator, Page } from "@playwright/test";

import { expect, goTo, pairThroughPage, test } from "./fixtures";
import { toneFile } from "./tone";

/** Switches a right of the device on the page; when the host was asked, and when it had answered. */
async function switchRight(page: Page, toggle: Locator, on: boolean): Promise<{ asked: number; answered: number }> {
  const request = page.waitForRequest((one) => one.method() === "PATCH").then((one) => ({ one, asked: Date.now() }));
  await toggle.click();
  const { one, asked } = await request;
  expect((await one.response())?.status()).toBe(200);
  const answered = Date.now();
  await expect(toggle).toBeChecked({ checked: on });
  return { asked, answered };
}

test.describe("a terminal that writes down what is typed", () => {
  test.use({ startup: async ({ outbox }, use) => use([`foot sh -c 'stty raw -echo; exec cat >${outbox.file("typed")}'`]) });

  test("gets no more of a device's keys when they are taken from it, and does again", async ({ console: page, host, outbox }, info) => {
    await pairThroughPage(page, host, "Tablet");
    const kTyped = 30_000; // a letter every two milliseconds
    const client = host.connect("Tablet", "--type", "x".repeat(kTyped));
    const file = outbox.file("typed");
    const typed = () => (existsSync(file) ? statSync(file).size : 0);
    await goTo(page, "Devices");
    const toggle = page.getByRole("region", { name: "Tablet" }).getByRole("switch", { name: "Keyboard, mouse, touch" });
    await expect.poll(typed, { timeout: 30_000 }).toBeGreaterThan(100);

    // When the latest letter came, looked at every other millisecond.
    let seen = typed();
    let latest = 0;
    const watch = setInterval(() => {
      const now = typed();
      if (now !== seen) latest = Date.now();
      seen = now;
    }, 2);
    try {
      const { asked, answered } = await switchRight(page, toggle, false);
      await expect.poll(() => Date.now() - Math.max(latest, answered), { timeout: 20_000 }).toBeGreaterThan(1500);
      const said = `the last key came ${Math.max(0, latest - asked)} ms after the console asked (wanted: 100), the host answered after ${answered - asked} ms`;
      info.annotations.push({ type: "revoked", description: said });
      console.log(said);
      expect(latest - answered).toBeLessThan(2000); // the wanted time is for reading, on a machine that does nothing else
      expect(client.running).toBe(true);
      expect(seen).toBeLessThan(kTyped);
      const before = seen;
      await switchRight(page, toggle, true);
      await expect.poll(typed).toBeGreaterThan(before + 100); // it has typed all the while
    } finally {
      clearInterval(watch);
    }
  });
});

test.describe("a desktop of its own", () => {
  test.use({ startup: async ({}, use) => use(["foot"]) });

  test("has a device's microphone only as long as it may be heard", async ({ console: page, host, outbox }, info) => {
    await pairThroughPage(page, host, "Tablet");
    writeFileSync(outbox.file("speech.wav"), toneFile(450, 80));
    const client = host.connect("Tablet", "--mic", outbox.file("speech.wav"));
    const hasMicrophone = async () => (await host.onDesktop("pactl", "list", "short", "sources")).toString().includes("punktfunk-mic");
    await expect.poll(hasMicrophone, { timeout: 30_000 }).toBe(true);
    await goTo(page, "Devices");
    const toggle = page.getByRole("region", { name: "Tablet" }).getByRole("switch", { name: "Microphone" });
    const { asked } = await switchRight(page, toggle, false);
    await expect.poll(hasMicrophone, { intervals: [20] }).toBe(false);
    const said = `the microphone's source was seen to be gone ${Date.now() - asked} ms after the console asked`;
    info.annotations.push({ type: "revoked", description: said });
    console.log(said);
    await switchRight(page, toggle, true);
    await expect.poll(hasMicrophone).toBe(true);
    expect(client.running).toBe(true);
  });
});
