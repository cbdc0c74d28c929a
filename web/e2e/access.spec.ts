// Who gets in, and how the first one does.
import { complaints, expect, test } from "./fixtures";
import { kPassword } from "./host";

test("the first visit leads from nothing to the first paired device", async ({ page, host }) => {
  const said = complaints(page);
  await page.goto(`${host.url}/devices`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welcome to punktfunk");

  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Password", { exact: true }).fill(kPassword);
  await page.getByLabel("Once more").fill(`${kPassword}!`);
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByText("The two are not the same.")).toBeVisible();
  await page.getByLabel("Once more").fill(kPassword);
  await page.getByRole("button", { name: "Set the password" }).click();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Pair your first device");
  await page.getByRole("button", { name: "Show a PIN" }).click();
  const pin = await page.getByTestId("pin").locator("[aria-hidden]").innerText();
  await host.pair("Living room", pin);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Living room is paired");
  await page.getByRole("button", { name: "Go to the console" }).click();
  await expect(page.getByRole("region", { name: "Paired devices" })).toContainText("Living room");
  expect(said).toEqual([]);
});

test("a wrong password is refused, the right one lets in to where one wanted to go", async ({ console: page, browser, host }) => {
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");

  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB" });
  const stranger = await context.newPage();
  await stranger.goto(`${host.url}/settings`);
  await expect(stranger).toHaveURL(/\/login\?next=%2Fsettings/);
  const password = stranger.getByLabel("Password", { exact: true });
  await password.fill("wrong horse battery");
  await password.press("Enter");
  await expect(stranger.getByText("That is not the password.")).toBeVisible();
  await expect(password).toHaveValue("");
  // The next try may have to wait; the button says so by being off.
  await password.fill(kPassword);
  await expect(stranger.getByRole("button", { name: "Sign in" })).toBeEnabled();
  await password.press("Enter");
  await expect(stranger.getByRole("heading", { level: 1 })).toHaveText("Settings");
  await context.close();
});

test("who guesses has to wait, sees for how long, and is let in after it", async ({ console: page }) => {
  await page.getByRole("button", { name: "Sign out" }).click();
  const password = page.getByLabel("Password", { exact: true });
  const submit = page.getByRole("button", { name: "Sign in" });
  const slowed = page.getByText(/^Too many wrong passwords/);
  const seconds = async () => Number(/([0-9]+) second/.exec((await slowed.textContent()) ?? "")?.[1]);
  // Three are free, then each wrong one doubles the wait; a try that comes too early is told how long it is.
  let told = 0;
  for (let guesses = 0; told < 4; guesses++) {
    expect(guesses).toBeLessThan(20);
    await password.fill("wrong horse battery");
    await expect(submit).toBeEnabled();
    const answer = page.waitForResponse((response) => response.url().endsWith("/login"));
    await password.press("Enter");
    const { status, headers } = await answer.then(async (response) => ({ status: response.status(), headers: await response.allHeaders() }));
    if (status === 401) await expect(page.getByText("That is not the password.")).toBeVisible();
    else expect(status).toBe(429);
    told = Number(headers["retry-after"] ?? 0);
  }
  await expect(slowed).toBeVisible();
  await expect(submit).toBeDisabled();
  const first = await seconds();
  expect(first).toBeLessThanOrEqual(told);
  await expect.poll(seconds).toBeLessThan(first); // it counts down
  await password.fill(kPassword);
  await expect(submit).toBeDisabled();
  await expect(submit).toBeEnabled();
  await password.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing is streaming");
});

test("signed out in one tab is signed out in the other", async ({ console: page, context, host }) => {
  const other = await context.newPage();
  await other.goto(`${host.url}/logs`);
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Logs");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  // By itself: the host ends the event stream of who has logged out.
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Sign in");
});
