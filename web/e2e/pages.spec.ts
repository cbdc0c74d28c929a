// The pages around the streams.
import { readFileSync } from "node:fs";

import { expect, goTo, test } from "./fixtures";

test("settings say what is wrong beside the field, keep what is right, and tell what waits for a restart", async ({ console: page, host }) => {
  await goTo(page, "Settings");
  const row = page.getByRole("listitem").filter({ hasText: "fec_percent" });
  const input = row.getByRole("textbox");
  await input.fill("91");
  await expect(row).toContainText("Allowed is 0 to 90.");
  await expect(row.getByRole("button", { name: "Save" })).toBeDisabled();
  await input.fill("35");
  await input.press("Enter");
  await expect(row).toContainText("changed here");

  const layout = page.getByRole("listitem").filter({ hasText: "keyboard_layout" });
  await layout.getByRole("textbox").fill("no such layout");
  await layout.getByRole("textbox").press("Enter");
  await expect(layout.getByRole("textbox")).toHaveAttribute("aria-invalid", "true"); // the host's own words
  await layout.getByRole("textbox").fill("de");
  await layout.getByRole("textbox").press("Enter");
  await expect(page.getByText("1 change waits for the next start of the host")).toBeVisible();

  await expect(page.getByRole("listitem").filter({ hasText: "mgmt_bind" }).getByRole("textbox")).toBeDisabled(); // given as a flag

  await host.stop();
  await host.start();
  await expect(page.getByText("waits for the next start")).toHaveCount(0);
  await expect(input).toHaveValue("35");
  await row.getByRole("button", { name: "Back to the default" }).click();
  await expect(input).toHaveValue("20");
});

test("what the host refuses is said in German to who reads German, its own words beneath where they say more", async ({ console: page, host }) => {
  await page.evaluate(() => localStorage.setItem("punktfunk.preferences", JSON.stringify({ language: "de" })));
  await page.goto(`${host.url}/settings`);
  const layout = page.getByRole("listitem").filter({ hasText: "keyboard_layout" });
  await layout.getByRole("textbox").fill("no such layout");
  await layout.getByRole("textbox").press("Enter");
  await expect(layout).toContainText("Ein Wert geht so nicht.");
  await expect(layout.locator('[lang="en"]')).toContainText("keyboard_layout");

  // What is edited here has been removed somewhere else meanwhile.
  await page.goto(`${host.url}/library`);
  await page.getByRole("button", { name: "Eintrag hinzufügen" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Titel").fill("Zebra");
  await dialog.getByLabel("Befehlszeile").fill("true");
  await dialog.getByRole("button", { name: "Speichern" }).click();
  await page.getByRole("button", { name: "Zebra bearbeiten" }).click();
  const removed = await page.evaluate(async () => {
    const library = (await (await fetch("/api/v1/library")).json()) as { id: string; title: string }[];
    const id = library.find(({ title }) => title === "Zebra")?.id.replace("custom:", "");
    return (await fetch(`/api/v1/library/custom/${id}`, { method: "DELETE" })).status;
  });
  expect(removed).toBe(204);
  await dialog.getByRole("button", { name: "Speichern" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Diesen Eintrag gibt es nicht mehr.");
  await expect(dialog.getByRole("alert").locator('[lang="en"]')).toHaveCount(0);
});

test("the display test shows a captured picture", async ({ console: page }) => {
  await goTo(page, "Displays");
  await expect(page.getByRole("region", { name: "Compositors" })).toContainText("wlroots");
  await expect(page.getByRole("region", { name: "Encoders" })).toContainText("libx264");
  await page.getByRole("button", { name: "Run the test" }).click();
  const picture = page.getByRole("img", { name: "The picture that was captured" });
  await expect(picture).toBeVisible({ timeout: 30_000 });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight])).toEqual([1280, 720]);
  // A picture of a desktop, not of nothing: more than a few colours.
  const colours = await picture.evaluate((image: HTMLImageElement) => {
    const canvas = document.createElement("canvas");
    canvas.width = 160;
    canvas.height = 90;
    const context = canvas.getContext("2d");
    if (!context) return 0;
    context.drawImage(image, 0, 0, 160, 90);
    return new Set(new Uint32Array(context.getImageData(0, 0, 160, 90).data.buffer)).size;
  });
  expect(colours).toBeGreaterThan(8);
});

test("the log runs, is filtered and paused, and the bundle comes", async ({ console: page, host }) => {
  await goTo(page, "Logs");
  const log = page.getByRole("region", { name: "Log lines" });
  await expect(log.getByRole("listitem").first()).toBeVisible();
  host.connect("Stranger", "--tofu");
  await expect(log).toContainText("Stranger");
  await page.getByLabel("Filter by text").fill("no line says this");
  await expect(log).toContainText("No line matches.");
  await page.getByLabel("Filter by text").fill("stranger");
  await expect(log).toContainText("Stranger");
  await page.getByRole("radio", { name: "Error" }).press("Space");
  await expect(log).not.toContainText("Stranger");

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Support bundle" }).click();
  const file = await (await download).path();
  expect([...readFileSync(file).subarray(0, 2)]).toEqual([0x1f, 0x8b]); // gzip
});

test("everything is reached by keyboard, and a dialog keeps the focus", async ({ console: page }) => {
  await goTo(page, "Library");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Library");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
  await page.keyboard.press("Enter");
  const add = page.getByRole("button", { name: "Add an entry" });
  for (let i = 0; i < 5 && !(await add.evaluate((button) => button === document.activeElement)); i++) await page.keyboard.press("Tab");
  await expect(add).toBeFocused();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Title")).toBeFocused();
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press("Tab");
    // A modal dialog lets the focus out to the browser's own bar, never to the page behind it.
    expect(await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest("dialog") !== null)).toBe(true);
  }
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(add).toBeFocused();
});

test("theme and language are chosen once and stay", async ({ console: page }) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const before = await ground();
  await page.getByRole("button", { name: "Appearance" }).click();
  await page.getByRole("radio", { name: "Dark" }).press("Space");
  expect(await ground()).not.toBe(before);
  await page.getByRole("radio", { name: "Deutsch" }).press("Space");
  await page.keyboard.press("Escape");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Gerade läuft kein Stream");
  expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme])).toEqual(["de", "dark"]);
});

test("no page is wider than a phone", async ({ console: page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of ["/", "/pairing", "/devices", "/library", "/displays", "/settings", "/logs"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), path).toBeLessThanOrEqual(0);
  }
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Displays" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Displays");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("an address that leads nowhere says so", async ({ console: page }) => {
  await page.goto("/nowhere");
  await expect(page.getByText("There is no such page")).toBeVisible();
  await page.getByRole("link", { name: "Go home" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing is streaming");
});

test("a page that is loaded is interactive soon", async ({ console: page }, info) => {
  await page.reload();
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  const figures = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const resources = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    return { interactive: Math.round(performance.now()), dom: Math.round(navigation?.domInteractive ?? 0), bytes: resources.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) };
  });
  info.annotations.push({ type: "figures", description: JSON.stringify(figures) }); // a timing fails no test
  console.log(`interactive ${figures.interactive} ms after the reload began`);
});
