// Theme and language, as the person at this browser wants them.
import { dictionaries, useI18n } from "../i18n/i18n";
import { type Language, setPreferences, type Theme, usePreferences } from "../lib/preferences";
import { Choice } from "../ui/field";

export function Appearance() {
  const { t } = useI18n();
  const { theme, language } = usePreferences();
  const themes: Theme[] = ["system", "light", "dark"];
  const languages = Object.keys(dictionaries) as Language[];
  return (
    <div className="flex flex-col gap-4">
      <div>
        <p className="mb-1.5 text-sm font-semibold">{t.shell.theme}</p>
        <Choice
          legend={t.shell.theme}
          value={theme}
          options={themes.map((value) => ({ value, label: t.shell.themes[value] }))}
          onChange={(value) => setPreferences({ theme: value })}
        />
      </div>
      <div>
        <p className="mb-1.5 text-sm font-semibold">{t.shell.language}</p>
        <Choice
          legend={t.shell.language}
          value={language ?? "system"}
          options={[
            { value: "system" as Language | "system", label: t.shell.languageSystem },
            ...languages.map((value) => ({ value, label: dictionaries[value].languageName })),
          ]}
          onChange={(value) => setPreferences({ language: value === "system" ? null : value })}
        />
      </div>
    </div>
  );
}
