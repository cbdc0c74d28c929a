// One setting. Switches and choices count at once; a text is saved by Enter or its button.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";

import { ApiError, answer, api, type Setting } from "../../api/client";
import { settingsQuery } from "../../api/queries";
import { useI18n } from "../../i18n/i18n";
import { Button } from "../../ui/button";
import { FieldError, inputClass, Select, Switch } from "../../ui/field";
import { useNotice } from "../../ui/notices";
import { Refusal } from "../../ui/refusal";
import { type Fault, isFixed, parseValue, type Value, waitsForRestart } from "./validate";

function useSetting(setting: Setting) {
  const { t } = useI18n();
  const tell = useNotice();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (value: Value | null) => answer(api.PATCH("/api/v1/settings", { body: { [setting.key]: value } })),
    onSuccess: (all) => {
      cache.setQueryData(settingsQuery.queryKey, all);
      tell(t.settings.saved);
    },
  });
}

export function SettingRow({ setting }: { setting: Setting }) {
  const { t } = useI18n();
  const label = useId();
  const detail = useId();
  const change = useSetting(setting);
  const [draft, setDraft] = useState<string | null>(null);
  const fixed = isFixed(setting);
  const text = t.settings.text[setting.key];
  const shown = (value: Value) =>
    typeof value === "boolean" ? (value ? t.settings.on : t.settings.off) : typeof value === "number" ? String(value) : value === "" ? t.settings.empty : value;
  const explain = (fault: Fault) =>
    fault.kind === "integer" ? t.settings.integer : fault.kind === "range" ? t.settings.outOfRange(String(fault.low), String(fault.high)) : t.settings.tooLong(fault.max);

  const parsed = draft === null ? null : parseValue(setting, draft);
  const fault = parsed && "fault" in parsed ? explain(parsed.fault) : null;
  const refused = change.error ? (change.error instanceof ApiError ? <Refusal error={change.error} /> : t.common.hostAway) : null;
  const error = fault ?? refused;
  const { minimum, maximum, choices } = setting.constraints;
  const asked = change.isPending && change.variables !== null ? change.variables : setting.value;
  const attributes = { "aria-labelledby": label, "aria-describedby": detail, "aria-invalid": error ? true : undefined };

  const control = () => {
    if (setting.type === "boolean")
      return <Switch label={text?.name ?? setting.key} hideLabel describedBy={detail} checked={asked === true} disabled={fixed || change.isPending} onChange={(on) => change.mutate(on)} />;
    if (setting.type === "enum")
      return (
        <Select
          {...attributes}
          value={String(asked)}
          disabled={fixed || change.isPending}
          options={(choices ?? [String(setting.value)]).map((value) => ({ value, label: value === "" ? t.settings.empty : value }))}
          onChange={(event) => change.mutate(event.target.value)}
        />
      );
    return (
      <form
        className="flex gap-2"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (parsed && "value" in parsed) change.mutate(parsed.value, { onSuccess: () => setDraft(null) });
        }}
      >
        <input
          {...attributes}
          type="text"
          inputMode={setting.type === "integer" ? "numeric" : "text"}
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          disabled={fixed}
          value={draft ?? String(setting.value)}
          onChange={(event) => {
            change.reset();
            setDraft(event.target.value === String(setting.value) ? null : event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape") setDraft(null);
          }}
          className={`${inputClass} tabular min-w-0`}
        />
        {draft !== null && (
          <Button type="submit" look="primary" busy={change.isPending} disabled={fault !== null}>
            {t.common.save}
          </Button>
        )}
      </form>
    );
  };

  return (
    <li className="grid gap-x-10 gap-y-3 px-6 py-5 md:grid-cols-[minmax(0,1fr)_minmax(0,19rem)]">
      <div>
        <h3 id={label} className="font-semibold [overflow-wrap:anywhere]">
          {text?.name ?? setting.key}
        </h3>
        <p id={detail} className="mt-0.5 text-sm text-muted">
          {text?.description ?? setting.description}
          {setting.type === "integer" && minimum !== undefined && maximum !== undefined && ` ${t.settings.range(String(minimum), String(maximum))}.`}
          {fixed && ` ${t.settings.fixed}`}
        </p>
        <p className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-sm text-muted">
          <code className="font-mono text-xs leading-5">{setting.key}</code>
          <span>{t.settings.default(shown(setting.default))}</span>
          {setting.origin !== "default" && <span className="font-medium text-ink">{t.settings.origin[setting.origin]}</span>}
          {setting.restart_required && <span>{t.settings.restart}</span>}
        </p>
      </div>
      <div>
        {control()}
        {waitsForRestart(setting) && <p className="mt-2 text-sm font-medium text-warn">{t.settings.pending(shown(setting.active))}</p>}
        <div aria-live="polite">
          {error && (
            <p className="mt-2 text-sm">
              <FieldError>{error}</FieldError>
            </p>
          )}
        </div>
        {setting.origin === "file" && (
          <Button look="quiet" size="sm" icon="reset" disabled={change.isPending} onClick={() => change.mutate(null, { onSuccess: () => setDraft(null) })} className="mt-2 -ml-3.5">
            {t.settings.reset}
          </Button>
        )}
      </div>
    </li>
  );
}
