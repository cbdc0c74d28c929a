// A Moonlight client pairs: it shows a PIN, and that is typed on the page.
import { expect, goTo, test } from "./fixtures";

test("Moonlight's PIN is typed on the page: a wrong one lets nobody in, the right one pairs", async ({ console: page, host }) => {
  await goTo(page, "Pairing");
  const panel = page.getByRole("region", { name: "Moonlight", exact: true });
  await expect(panel).toContainText("No Moonlight client is waiting");

  const stranger = host.moonlight("4071");
  await expect(panel.getByLabel("PIN that Moonlight shows")).toBeVisible();
  await panel.getByLabel("PIN that Moonlight shows").fill("40x1");
  await panel.getByRole("button", { name: "Pair" }).click();
  await expect(panel.getByText("A PIN is 1 to 16 digits.")).toBeVisible();
  expect(stranger.running).toBe(true);
  await panel.getByLabel("PIN that Moonlight shows").fill("4072");
  await panel.getByRole("button", { name: "Pair" }).click();
  expect(await stranger.ended).not.toBe(0);
  await expect(panel).toContainText("No Moonlight client is waiting");
  await goTo(page, "Devices");
  await expect(page.getByText("No device is paired")).toBeVisible();

  await goTo(page, "Pairing");
  // After a wrong PIN the host takes no new attempt for a moment: who comes too soon tries again.
  let client = host.moonlight("0815");
  await expect
    .poll(
      async () => {
        if (!client.running) client = host.moonlight("0815");
        return panel.getByLabel("PIN that Moonlight shows").isVisible();
      },
      { intervals: [500] },
    )
    .toBe(true);
  await panel.getByLabel("PIN that Moonlight shows").fill("0815");
  await panel.getByLabel("Call it").fill("Sofa");
  await panel.getByRole("button", { name: "Pair" }).click();
  expect(await client.ended, client.output).toBe(0);
  await goTo(page, "Devices");
  const card = page.getByRole("region", { name: "Sofa" });
  await expect(card).toBeVisible();
  await card.getByText("Moonlight", { exact: true }).waitFor();
});
