// Entries of the operator's own, and what their form holds.
import type { GameEntry, Schemas } from "../../api/client";

const kPrefix = "custom:";
export const isCustom = (entry: GameEntry): boolean => entry.id.startsWith(kPrefix);
export const customId = (entry: GameEntry): string => entry.id.slice(kPrefix.length);

export type Kind = "command" | "steam_appid" | "none";
export interface Draft {
  title: string;
  kind: Kind;
  value: string;
}

export const draftOf = (entry: GameEntry | null): Draft => ({
  title: entry?.title ?? "",
  kind: entry ? (entry.launch?.kind ?? "none") : "command",
  value: entry?.launch?.value ?? "",
});

export type Mistake = "titleNeeded" | "commandNeeded" | "appidShape";

export function mistakes(draft: Draft): { title?: Mistake; value?: Mistake } {
  const found: { title?: Mistake; value?: Mistake } = {};
  if (draft.title.trim() === "") found.title = "titleNeeded";
  if (draft.kind === "command" && draft.value.trim() === "") found.value = "commandNeeded";
  if (draft.kind === "steam_appid" && !/^[0-9]{1,10}$/.test(draft.value.trim())) found.value = "appidShape";
  return found;
}

/** As the API takes it. Pictures go their own way; addresses of pictures elsewhere, which others may have set, are kept. */
export function inputOf(draft: Draft, before: GameEntry | null): Schemas["CustomInput"] {
  const art = Object.fromEntries(Object.entries(before?.art ?? {}).filter(([, url]) => !url.startsWith("/")));
  return {
    title: draft.title.trim(),
    art,
    ...(draft.kind === "none" ? {} : { launch: { kind: draft.kind, value: draft.value.trim() } }),
  };
}
