// scripts/screenshots.sh: every page in both themes, at a desktop's and a phone's width, with a real stream on it.
import { expect, goTo, pairThroughPage, test } from "./fixtures";
import { kPassword } from "./host";
import { capture, newContext, screens, sizes, themes } from "./screens";

const folder = process.env.SCREENSHOTS ?? "../build/screenshots";
const keys = <T extends object>(object: T) => Object.keys(object) as (keyof T)[];

test("every page", async ({ host, browser }) => {
  test.setTimeout(580_000);
  // The first visit can be seen once only: in one size and theme.
  const first = await newContext(browser, host.url, "desktop", "light");
  let page = await first.newPage();
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await capture(page, folder, "welcome-password");
  await page.getByLabel("Password", { exact: true }).fill(kPassword);
  await page.getByLabel("Once more").fill(kPassword);
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("button", { name: "Show a PIN" })).toBeVisible();
  await capture(page, folder, "welcome-pair");
  await page.getByRole("button", { name: "Later" }).click();
  await capture(page, folder, "welcome-done");
  await page.getByRole("button", { name: "Go to the console" }).click();
  await capture(page, folder, "empty-home");
  for (const name of ["Devices", "Library"]) {
    await goTo(page, name);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
    await capture(page, folder, `empty-${name.toLowerCase()}`);
  }
  await pairThroughPage(page, host, "Living room");
  host.connect("Living room", "--type", 'echo "Hello from the client."; uname -sr\\n');
  host.connect("Steam Deck", "--tofu");
  await goTo(page, "Home");
  await expect(page.getByRole("region", { name: "Living room" })).toContainText("Streaming");
  await first.close();

  for (const size of keys(sizes)) {
    for (const theme of themes) {
      const context = await newContext(browser, host.url, size, theme);
      page = await context.newPage();
      await page.goto("/login");
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await capture(page, folder, `login-${size}-${theme}`);
      await page.getByLabel("Password", { exact: true }).fill(kPassword);
      await page.getByLabel("Password", { exact: true }).press("Enter");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(/running|streaming/);
      for (const screen of screens) {
        await page.goto(screen.path);
        if (screen.name !== "play") await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await page.waitForLoadState("load");
        await page.waitForTimeout(400); // pictures and the first events
        await screen.prepare?.(page);
        await capture(page, folder, `${screen.name}-${size}-${theme}`);
        await screen.after?.(page);
      }
      await context.close();
    }
  }
});
