// Every page as a picture: both themes, a desktop's width and a phone's.
import { mkdirSync } from "node:fs";

import type { Browser, BrowserContext, Page } from "@playwright/test";

export const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
export const themes = ["light", "dark"] as const;

export interface Screen {
  name: string;
  path: string;
  /** Brings the page into the state that is worth a picture. */
  prepare?: (page: Page) => Promise<void>;
  /** Undoes what `prepare` did to the host. */
  after?: (page: Page) => Promise<void>;
}

const dialog = (page: Page) => page.getByRole("dialog").waitFor();

export const screens: Screen[] = [
  {
    name: "home",
    path: "/",
    // A graph is worth looking at when it has a few samples.
    prepare: async (page) => {
      if (await page.getByRole("img", { name: /in the last two minutes/ }).count()) await page.waitForTimeout(5000);
    },
  },
  {
    name: "play",
    path: "/play",
    prepare: async (page) => {
      await page.getByRole("toolbar").getByText("fps").waitFor({ timeout: 30_000 });
      await page.mouse.move(200, 300); // the bar goes away while nothing moves
    },
  },
  { name: "pairing", path: "/pairing" },
  {
    name: "pairing-pin",
    path: "/pairing",
    prepare: async (page) => {
      await page.getByRole("button", { name: "Show a PIN" }).click();
      await page.getByTestId("pin").waitFor();
    },
    after: (page) => page.getByRole("button", { name: "Put it away" }).click(),
  },
  { name: "devices", path: "/devices" },
  {
    name: "devices-remove",
    path: "/devices",
    prepare: async (page) => {
      await page.getByRole("button", { name: /^Remove / }).first().click();
      await dialog(page);
    },
  },
  { name: "library", path: "/library" },
  {
    name: "library-add",
    path: "/library",
    prepare: async (page) => {
      await page.getByRole("button", { name: "Add an entry" }).click();
      await dialog(page);
      await page.getByRole("button", { name: "Save" }).click(); // what is missing is said beside the fields
    },
  },
  {
    name: "displays",
    path: "/displays",
    prepare: async (page) => {
      await page.getByRole("button", { name: "Run the test" }).click();
      await page.getByRole("img", { name: "The picture that was captured" }).waitFor({ timeout: 20_000 });
    },
  },
  { name: "settings", path: "/settings" },
  { name: "logs", path: "/logs" },
];

export async function newContext(browser: Browser, base: string, size: keyof typeof sizes, theme: (typeof themes)[number]): Promise<BrowserContext> {
  return browser.newContext({
    baseURL: base,
    ignoreHTTPSErrors: true, // the host's certificate is its own
    viewport: sizes[size],
    colorScheme: theme,
    locale: "en-GB",
    reducedMotion: "reduce",
    deviceScaleFactor: size === "phone" ? 2 : 1,
    hasTouch: size === "phone",
  });
}

export async function capture(page: Page, folder: string, file: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  // As tall as the page: what is fixed to the window then stands where it belongs.
  const window = page.viewportSize() ?? sizes.desktop;
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: window.width, height: Math.max(height, window.height) });
  await page.screenshot({ path: `${folder}/${file}.png` });
  await page.setViewportSize(window);
}
