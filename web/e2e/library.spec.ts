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

  await page.getByRole("button", { name: "Edit My game" }).click();
  await expect(dialog.getByLabel("Command line")).toHaveValue("sleep 1");
  await dialog.getByLabel("Title").fill("Our game");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Our game" })).toBeVisible();

  await page.reload();
  await page.getByRole("button", { name: "Edit Our game" }).click();
  await dialog.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("heading", { name: "Our game" })).toHaveCount(0);
});
