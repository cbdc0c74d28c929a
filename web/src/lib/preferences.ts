// What a person chose for this browser: theme and language. Kept in localStorage; everything works without it.
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
export type Language = "en" | "de";
export interface Preferences {
  theme: Theme;
  language: Language | null; // null: as the browser says
}

const kKey = "punktfunk.preferences";
const listeners = new Set<() => void>();

/** Preferences out of whatever was stored: another version, another program, a curious person. */
export function parsePreferences(stored: string | null): Preferences {
  let found: unknown = null;
  try {
    found = JSON.parse(stored ?? "null");
  } catch {
    // not ours
  }
  const { theme, language } = (typeof found === "object" && found !== null ? found : {}) as Record<string, unknown>;
  return {
    theme: theme === "light" || theme === "dark" ? theme : "system",
    language: language === "en" || language === "de" ? language : null,
  };
}

function load(): string | null {
  try {
    return localStorage.getItem(kKey);
  } catch {
    return null; // storage is switched off
  }
}

let current: Preferences | undefined;
export const preferences = (): Preferences => (current ??= parsePreferences(load()));

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...preferences(), ...change };
  try {
    localStorage.setItem(kKey, JSON.stringify(current));
  } catch {
    // for this page only, then
  }
  applyPreferences();
  for (const listener of listeners) listener();
}

export function languageFor(chosen: Language | null, wanted: readonly string[]): Language {
  if (chosen) return chosen;
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0];
    if (language === "en" || language === "de") return language;
  }
  return "en";
}

/** The document follows: theme.css reads data-theme, screen readers read lang. */
export function applyPreferences(): void {
  const { theme, language } = preferences();
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  root.lang = languageFor(language, navigator.languages);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, preferences);
