// Every language says everything, and nothing visible is said past the dictionaries.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

import { ApiError, type ErrorCode } from "../api/client";
import { refusal } from "../ui/refusal";
import { de } from "./de";
import { en } from "./en";

/** "home.title": what kind of thing is there. */
function shape(value: unknown, path = ""): Record<string, string> {
  if (Array.isArray(value)) return { [path]: `list of ${value.length}` };
  if (typeof value !== "object" || value === null) return { [path]: typeof value === "function" ? `function of ${value.length}` : typeof value };
  return Object.assign({}, ...Object.entries(value).map(([key, inner]) => shape(inner, path ? `${path}.${key}` : key))) as Record<string, string>;
}
function texts(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") return [[path, String((value as (...values: unknown[]) => string)("7", "8", "9", "10"))]];
  if (typeof value === "object" && value !== null) return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
  return [];
}

describe("the dictionaries", () => {
  it("have the same keys, with the same values in their texts", () => {
    // A setting's own description, and what is refused, come from the host in English: English needs only the setting's name.
    const without = (all: Record<string, string>) => Object.fromEntries(Object.entries(all).filter(([key]) => !/^(settings\.text\..*\.description|refused\..*|play\.ended\..*)$/.test(key)));
    expect(without(shape(de))).toEqual(without(shape(en)));
    for (const [key, entry] of Object.entries(de.settings.text)) expect(entry.description, key).toBeTruthy();
  });
  it("say in German whatever the contract lets the host refuse", () => {
    const contract = JSON.parse(readFileSync(fileURLToPath(new URL("../../../api/openapi.json", import.meta.url)), "utf8")) as {
      components: { schemas: { ApiError: { properties: { code: { enum: string[] } } } } };
    };
    const { enum: codes } = contract.components.schemas.ApiError.properties.code;
    expect(codes.length).toBeGreaterThan(10);
    expect(Object.keys(de.refused.code).sort()).toEqual([...codes].sort());
  });
  it("say what was refused: by its code, else by its status and in the host's words", () => {
    const said = ({ refused }: Pick<typeof en, "refused">, ...error: ConstructorParameters<typeof ApiError>) => refusal(refused, new ApiError(...error));
    expect(said(de, 409, "nobody waits", null, "nobody_waits")).toEqual({ said: de.refused.code.nobody_waits, hosts: null });
    expect(said(de, 422, "x must be y", null, "wrong_value")).toEqual({ said: de.refused.code.wrong_value, hosts: "x must be y" });
    expect(said(de, 403, "another site's page may not do this")).toEqual({ said: de.refused.status[403], hosts: "another site's page may not do this" });
    expect(said(de, 418, "a teapot", null, "of_a_newer_host" as ErrorCode)).toEqual({ said: de.refused.other, hosts: "a teapot" });
    expect(said(en, 409, "nobody waits", null, "nobody_waits")).toEqual({ said: null, hosts: "nobody waits" });
  });
  it.each([
    ["en", en],
    ["de", de],
  ])("say something everywhere: %s", (_, dictionary) => {
    for (const [path, text] of texts(dictionary)) {
      expect(text.trim(), path).not.toBe("");
      expect(text, path).not.toMatch(/undefined|\[object/);
    }
  });
  it("count", () => {
    expect([1, 2].map(en.shell.waiting)).toEqual(["1 device waits for you", "2 devices wait for you"]);
    expect([1, 2].map(de.shell.waiting)).toEqual(["1 Gerät wartet auf dich", "2 Geräte warten auf dich"]);
  });
});

const source = fileURLToPath(new URL("..", import.meta.url));
const components = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".tsx") && !file.endsWith(".test.tsx"));

/** Attributes that people see or hear. */
const spoken = new Set(["aria-label", "aria-description", "alt", "title", "placeholder", "label", "lead", "detail", "help", "note", "legend", "action"]);
/** Names, units and commands, which are the same in every language. */
const same = new Set(["punktfunk", "punktfunk-host passwd", "×", "·", ",", "Hz", ".", "HOST"]);

export function untranslated(text: string, fileName: string): string[] {
  const found: string[] = [];
  const check = (what: string) => {
    const words = what.trim();
    if (/\p{L}/u.test(words) && !same.has(words) && !words.split(/\s+/).every((word) => same.has(word))) found.push(words);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) check(node.text);
    if (ts.isJsxExpression(node) && node.expression && ts.isStringLiteralLike(node.expression) && !ts.isJsxAttribute(node.parent)) check(node.expression.text);
    if (ts.isJsxAttribute(node) && spoken.has(node.name.getText())) {
      if (node.initializer && ts.isStringLiteral(node.initializer)) check(node.initializer.text);
      const inner = node.initializer && ts.isJsxExpression(node.initializer) ? node.initializer.expression : undefined;
      if (inner && ts.isStringLiteralLike(inner)) check(inner.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return found;
}

describe("the components", () => {
  it("are found", () => {
    expect(components.length).toBeGreaterThan(20);
  });
  it.each(components)("%s says nothing past the dictionaries", (file) => {
    expect(untranslated(readFileSync(source + file, "utf8"), file)).toEqual([]);
  });
  it("would be caught", () => {
    expect(untranslated('const a = <p title="Hello">Some {"more"} text {`and`} {x} 3 × 4</p>;', "a.tsx")).toEqual(["Hello", "Some", "more", "text", "and"]);
    expect(untranslated("const a = <Page title={t.x} className='big'>{t.y} · {n}</Page>;", "a.tsx")).toEqual([]);
  });
});
