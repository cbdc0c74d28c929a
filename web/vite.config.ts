import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The packages whose code or font is in the bundle are distributed with it, and so are their licences.
function licences(): Plugin {
  return {
    name: "licences",
    apply: "build",
    generateBundle(_options, bundle) {
      const roots = new Set<string>(["node_modules/@fontsource-variable/instrument-sans"]);
      for (const file of Object.values(bundle)) {
        if (file.type !== "chunk") continue;
        for (const id of file.moduleIds) {
          const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id);
          if (match) roots.add(`node_modules/${match[1]}`);
        }
      }
      const texts = [...roots].sort().map((root) => {
        const about = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { name: string; version: string; license?: string };
        const name = existsSync(root) ? readdirSync(root).find((file) => /^licen[cs]e/i.test(file)) : undefined;
        const text = name ? readFileSync(join(root, name), "utf8").trim() : (about.license ?? "");
        return `${about.name} ${about.version}\n\n${text}\n`;
      });
      this.emitFile({ type: "asset", fileName: "licences.txt", source: texts.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), licences()],
  build: {
    target: "es2022",
    manifest: true, // read by tools/first_page_size.mjs
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the host's Content-Security-Policy knows no data: URLs
    reportCompressedSize: false,
  },
  // For `npm run dev`: a host that runs on this machine answers the API.
  server: { proxy: { "/api": { target: "https://127.0.0.1:47990", secure: false } } },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
