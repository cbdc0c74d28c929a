// Devices come, stream, are changed and go; the page shows it by itself.
import { expect, goTo, pairThroughPage, test } from "./fixtures";

test("a device pairs with the PIN, streams, and its session is shown, asked for a keyframe and stopped", async ({ console: page, host }) => {
  await pairThroughPage(page, host, "Living room");
  await goTo(page, "Home");
  const client = host.connect("Living room");

  const card = page.getByRole("region", { name: "Living room" });
  await expect(card).toContainText("Streaming");
  await expect(card).toContainText("1280 × 720");
  const picture = card.getByRole("img", { name: "What Living room sees now" });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);

  // The graph moves: every second it reaches further.
  const graph = card.getByRole("img", { name: /^Frame rate: now/ }).locator("path").last();
  const first = await graph.getAttribute("d");
  await expect.poll(() => graph.getAttribute("d")).not.toBe(first);
  await expect(card.getByRole("img", { name: /^Latency in the host: now [0-9.]+/ })).toBeVisible();
  await expect(card).toContainText(/[0-9]+ recovered/); // our own client tells

  await card.getByText("Details").click();
  const keyframes = async () => Number(await card.locator("dt", { hasText: "Keyframes" }).locator("+ dd").innerText());
  const before = await keyframes();
  await card.getByRole("button", { name: "Send a keyframe" }).click();
  await expect.poll(keyframes).toBeGreaterThan(before);

  await card.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing is streaming");
  await client.ended;
  await expect(page.getByRole("region", { name: "Paired devices" })).toContainText("Living room");
});

test("who knocks is let in under the name that is chosen, and streams at once", async ({ console: page, host }) => {
  const client = host.connect("Stranger", "--tofu");
  await expect(page.getByText("1 device waits for you").first()).toBeVisible();
  await goTo(page, "Pairing");
  await page.getByLabel("Call it").first().fill("Kitchen");
  await page.getByRole("button", { name: "Let it in" }).click();
  await goTo(page, "Home");
  await expect(page.getByRole("region", { name: "Kitchen" })).toContainText("Streaming");
  await expect(page.getByText(/waits? for you/)).toHaveCount(0);
  expect(client.running).toBe(true);
});

test("who knocks is refused", async ({ console: page, host }) => {
  const client = host.connect("Stranger", "--tofu");
  await goTo(page, "Pairing");
  await page.getByRole("button", { name: "Refuse" }).click();
  await expect(page.getByText("Nobody is asking.")).toBeVisible();
  expect(await client.ended).not.toBe(0);
  await goTo(page, "Devices");
  await expect(page.getByText("No device is paired")).toBeVisible();
});

test("a device is renamed, loses a right while it streams, gets an end, and is removed with its session", async ({ console: page, host }) => {
  await pairThroughPage(page, host, "Tablet");
  const client = host.connect("Tablet");
  await goTo(page, "Devices");
  await expect(page.getByRole("region", { name: "Tablet" })).toContainText("Streaming now");

  await page.getByRole("button", { name: "Rename Tablet" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Balcony");
  await page.getByRole("dialog").getByLabel("Name").press("Enter");
  const card = page.getByRole("region", { name: "Balcony" });
  await expect(card).toBeVisible();

  for (const right of ["Keyboard, mouse, touch", "Game controllers", "Microphone"]) {
    const toggle = card.getByRole("switch", { name: right });
    if (await toggle.isChecked()) await toggle.click();
    await expect(toggle).not.toBeChecked();
    await expect(toggle).toBeEnabled();
  }
  await expect(card).toContainText("It only watches.");
  await goTo(page, "Home");
  const session = page.getByRole("region", { name: "Balcony" });
  await expect(session).toContainText("View only"); // the running session's own rights, as the host tells them
  await page.reload();
  await expect(session).toContainText("View only");

  await goTo(page, "Devices");
  await card.getByLabel("Trusted until").selectOption({ label: "1 day" });
  await expect(card).toContainText(/ends (in|tomorrow)/);

  expect(client.running).toBe(true);
  await page.getByRole("button", { name: "Remove Balcony" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("No device is paired")).toBeVisible();
  await client.ended;
  await goTo(page, "Home");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing is streaming");
});

test("the page stays when the host goes, and comes back with it", async ({ console: page, host }) => {
  await pairThroughPage(page, host, "Living room");
  await goTo(page, "Devices");
  await expect(page.getByRole("region", { name: "Living room" })).toBeVisible();
  await host.stop();
  await expect(page.getByText("The host is away")).toBeVisible();
  await expect(page.getByRole("region", { name: "Living room" })).toBeVisible();
  await host.start();
  await expect(page.getByText("The host is away")).toHaveCount(0);
  // Not only the banner is gone: events come again.
  await pairThroughPage(page, host, "Second");
  await goTo(page, "Devices");
  await expect(page.getByRole("region", { name: "Second" })).toBeVisible();
});
