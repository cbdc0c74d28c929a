import { fileURLToPath } from "node:url";

import { expect, goTo, test } from "./fixtures";

test("an entry of one's own is made, changed and removed", async ({ console: page }) => {
  await goTo(page, "Library");
  await page.getByRole("button", { name: "Add an entry" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toContainText("An entry needs a title.");
  await expect(dialog).toContainText("What shall run?");
  await dialog.getByLabel("Title").fill("My game");
  await dialog.getByLabel("Command line").fill("sleep 1");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toHaveCount(0);
  const entry = page.getByRole("article").filter({ hasText: "My game" });
  await expect(entry).toBeVisible();
  await expect(entry.locator("img")).toHaveCount(0);

  await page.getByRole("button", { name: "Edit My game" }).click();
  await dialog.getByLabel("Choose a picture").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await expect(dialog).toContainText("This file is no picture");
  await dialog.getByLabel("Choose a picture").setInputFiles(fileURLToPath(new URL("../../docs/images/demo.png", import.meta.url)));
  await expect(dialog.locator("canvas")).toBeVisible();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toHaveCount(0);
  const width = () => entry.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth);
  await expect.poll(width).toBe(600);

  await page.getByRole("button", { name: "Edit My game" }).click();
  await expect(dialog.getByLabel("Command line")).toHaveValue("sleep 1");
  await dialog.getByLabel("Title").fill("Our game");
  await dialog.getByRole("button", { name: "Without a picture" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Our game" })).toBeVisible();
  await expect(page.getByRole("article").filter({ hasText: "Our game" }).locator("img")).toHaveCount(0);

  await page.reload();
  await page.getByRole("button", { name: "Edit Our game" }).click();
  await dialog.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("heading", { name: "Our game" })).toHaveCount(0);
});
