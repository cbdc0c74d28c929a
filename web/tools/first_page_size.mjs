// What a browser loads for a first page, compressed as the host sends it. Fails above the bound.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const bound = 200 * 1024;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

// A font is compressed already; gzip would not make it smaller, so the host sends it as it is.
const cost = (file) => {
  const bytes = readFileSync(new URL(file, dist));
  return file.endsWith(".woff2") ? bytes.length : gzipSync(bytes, { level: 9 }).length;
};

// A chunk with everything it imports statically.
function files(key, found = new Set()) {
  const chunk = manifest[key];
  if (!chunk || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const file of [...(chunk.css ?? []), ...(chunk.assets ?? [])]) found.add(file);
  for (const name of chunk.imports ?? []) files(name, found);
  return found;
}

const fixed = files("index.html").add("index.html");
for (const { file } of Object.values(manifest)) if (/instrument-sans-latin-wght|icon/.test(file)) fixed.add(file);

const pages = Object.entries(manifest)
  .filter(([, chunk]) => chunk.isDynamicEntry)
  .map(([key]) => {
    const all = files(key, new Set(fixed));
    for (const file of fixed) all.add(file);
    return { page: key, bytes: [...all].reduce((sum, file) => sum + cost(file), 0) };
  })
  .sort((a, b) => b.bytes - a.bytes);
if (!pages.length) throw new Error("no page in the manifest");

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
const largest = pages[0];
console.log(`console: a first page loads ${kib(pages.at(-1).bytes)} to ${kib(largest.bytes)} compressed (bound ${kib(bound)})`);
if (process.argv.includes("--list")) for (const { page, bytes } of pages) console.log(`  ${kib(bytes).padStart(10)}  ${page}`);
if (largest.bytes > bound) {
  console.error(`first_page_size: ${largest.page} is above the bound`);
  process.exit(1);
}
