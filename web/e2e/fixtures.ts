// What every test of the console begins with.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test as base, expect, type Page } from "@playwright/test";

import { Host, kPassword } from "./host";

let outboxes = 0;

/** A directory that programs of the desktop write to, whoever's they are. Its name can be typed without Shift. */
export class Outbox {
  readonly directory = join(tmpdir(), `punktfunk-outbox-${process.pid}-${Date.now()}-${outboxes++}`);
  constructor() {
    mkdirSync(this.directory);
    chmodSync(this.directory, 0o777);
  }
  file = (name: string): string => join(this.directory, name);
  /** Nothing while there is no such file. */
  read = (name: string): string => (existsSync(this.file(name)) ? readFileSync(this.file(name), "utf8") : "");
  dispose = (): void => rmSync(this.directory, { recursive: true, force: true });
}

interface Fixtures {
  outbox: Outbox;
  /** What the desktop starts with instead of the demonstration, commands of a shell. */
  startup: readonly string[] | null;
  host: Host;
  /** A page of somebody who is signed in, at Home. */
  console: Page;
}

/** What a page complained about: scripts' errors, and whatever the Content-Security-Policy refused. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource|net::ERR_/.test(message.text())) found.push(message.text());
  });
  return found;
}

export const test = base.extend<Fixtures>({
  outbox: async ({}, use) => {
    const outbox = new Outbox();
    await use(outbox);
    outbox.dispose();
  },
  startup: async ({}, use) => use(null),
  host: async ({ startup }, use, info) => {
    const host = new Host(startup ? ["--no-demo-desktop", ...startup.flatMap((command) => ["--startup", command])] : []);
    await host.start();
    await use(host);
    if (info.status !== info.expectedStatus) await info.attach("what the host said", { body: host.log, contentType: "text/plain" });
    await host.dispose();
  },
  baseURL: async ({ host }, use) => use(host.url),
  console: async ({ page, host }, use) => {
    const said = complaints(page);
    await page.goto(`${host.url}/`);
    await page.getByLabel("Password", { exact: true }).fill(kPassword);
    await page.getByLabel("Once more").fill(kPassword);
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByRole("button", { name: "Later" }).click();
    await page.getByRole("button", { name: "Go to the console" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing is streaming");
    await use(page);
    expect(said).toEqual([]);
  },
});

export { expect };

export const goTo = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: false }).first().click();

/** Arms pairing on the page, and lets a real client pair with the PIN that is shown. */
export async function pairThroughPage(page: Page, host: Host, name: string): Promise<void> {
  await goTo(page, "Pairing");
  await page.getByRole("button", { name: "Show a PIN" }).click();
  const pin = await page.getByTestId("pin").locator("[aria-hidden]").innerText();
  expect(pin).toMatch(/^\d{4}$/);
  await host.pair(name, pin);
  await expect(page.getByRole("button", { name: "Show a PIN" })).toBeVisible(); // good for one device
}
