// The chosen language's texts and formatter.
import { createContext, type ReactNode, useContext, useMemo } from "react";

import { Formatter } from "../lib/format";
import { type Language, languageFor, usePreferences } from "../lib/preferences";
import { de } from "./de";
import { type Dictionary, en } from "./en";

export const dictionaries: Record<Language, Dictionary> = { en, de };

const I18nContext = createContext<{ t: Dictionary; f: Formatter }>({ t: en, f: new Formatter("en") });

export function I18nProvider({ children }: { children: ReactNode }) {
  const language = languageFor(usePreferences().language, navigator.languages);
  const value = useMemo(() => ({ t: dictionaries[language], f: new Formatter(language) }), [language]);
  return <I18nContext value={value}>{children}</I18nContext>;
}

/** `t`: texts, `f`: figures and times. */
export const useI18n = () => useContext(I18nContext);
