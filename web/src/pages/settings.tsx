// Every setting of the host, with what it means and where its value comes from.
import { useQuery } from "@tanstack/react-query";

import type { Setting } from "../api/client";
import { settingsQuery } from "../api/queries";
import { useI18n } from "../i18n/i18n";
import { Icon } from "../ui/icons";
import { Card, Loaded, Page, Section } from "../ui/page";
import { PasswordCard } from "./settings/password_card";
import { SettingRow } from "./settings/setting_row";
import { waitsForRestart } from "./settings/validate";

const groups: Setting["group"][] = ["stream", "desktop", "network", "security", "log"];

export function SettingsPage() {
  const { t } = useI18n();
  const settings = useQuery(settingsQuery);
  return (
    <Page title={t.pages.settings} lead={t.settings.lead}>
      <Loaded query={settings}>
        {(list) => {
          const waiting = list.filter(waitsForRestart).length;
          return (
            <>
              {waiting > 0 && (
                <p role="status" className="mb-8 flex items-center gap-3 rounded-2xl bg-warn-soft px-5 py-3.5 font-medium text-warn">
                  <Icon name="reset" />
                  {t.settings.restartNeeded(waiting)}
                </p>
              )}
              {groups
                .map((group) => ({ group, rows: list.filter((setting) => setting.group === group) }))
                .filter(({ rows }) => rows.length)
                .map(({ group, rows }) => (
                  <Section key={group} title={t.settings.groups[group]}>
                    <Card label={t.settings.groups[group]}>
                      <ul className="divide-y divide-line">
                        {rows.map((setting) => (
                          <SettingRow key={setting.key} setting={setting} />
                        ))}
                      </ul>
                    </Card>
                  </Section>
                ))}
            </>
          );
        }}
      </Loaded>
      <Section title={t.settings.password} detail={t.settings.passwordDetail}>
        <PasswordCard />
      </Section>
    </Page>
  );
}
