import { defineConfig } from "@playwright/test";

// The console in a real Chromium against the real host; each test starts a host of its own (e2e/host.ts).
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 1, // a host streams a desktop: two at a time would measure each other
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: process.env.JUNIT ? [["list"], ["junit", { outputFile: process.env.JUNIT }]] : "list",
  use: {
    ignoreHTTPSErrors: true, // the host's certificate is its own
    locale: "en-GB",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      // Chromium's sandbox does not run as root; what it shows is this host's own pages.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
  projects: [
    { name: "console", testIgnore: /screenshots/ },
    { name: "screenshots", testMatch: /screenshots/ },
  ],
});
