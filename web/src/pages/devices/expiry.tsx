// Until when a device is trusted.
import { useId, useState } from "react";

import { useI18n } from "../../i18n/i18n";
import { Button } from "../../ui/button";
import { FieldError, inputClass, Select } from "../../ui/field";

const spans = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;
type Span = keyof typeof spans;

/** As <input type="datetime-local"> wants it: local time without a zone. */
export function localInputValue(when: number): string {
  const date = new Date(when - new Date(when).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}

interface ExpiryControlProps {
  expiresAt: string | null;
  now: number;
  busy: boolean;
  onChange: (expiresAt: string | null) => void;
}

export function ExpiryControl({ expiresAt, now, busy, onChange }: ExpiryControlProps) {
  const { t, f } = useI18n();
  const id = useId();
  const [date, setDate] = useState<string | null>(null);
  const expires = expiresAt === null ? null : Date.parse(expiresAt);
  const chosen = date === null ? Number.NaN : new Date(date).getTime();
  const past = date !== null && !(chosen > now);
  const options = [
    ...(expires === null ? [] : [{ value: "kept", label: f.moment(expires) }]),
    { value: "never", label: t.devices.expiryNever },
    ...(["hour", "day", "week"] as const).map((span) => ({ value: span, label: t.devices[span] })),
    { value: "custom", label: t.devices.custom },
  ];
  const pick = (value: string) => {
    setDate(null);
    if (value === "never") onChange(null);
    else if (value === "custom") setDate(localInputValue((expires ?? Date.now()) + spans.day));
    else if (value in spans) onChange(new Date(Date.now() + spans[value as Span]).toISOString());
  };
  return (
    <div className="mt-4">
      <label htmlFor={id} className="mb-1.5 flex items-baseline justify-between gap-3 text-sm font-semibold">
        {t.devices.expiry}
        {expires !== null && <span className="font-normal text-muted">{t.devices.expiryIn(f.ago(expires, now))}</span>}
      </label>
      <Select
        id={id}
        disabled={busy}
        value={date !== null ? "custom" : expires === null ? "never" : "kept"}
        options={options}
        onChange={(event) => pick(event.target.value)}
      />
      {date !== null && (
        <form
          className="mt-3 flex flex-wrap gap-2.5"
          onSubmit={(event) => {
            event.preventDefault();
            if (past) return;
            onChange(new Date(chosen).toISOString());
            setDate(null);
          }}
        >
          <input
            type="datetime-local"
            aria-label={t.devices.expirySet}
            aria-invalid={past || undefined}
            value={date}
            min={localInputValue(now)}
            onChange={(event) => setDate(event.target.value)}
            className={`${inputClass} min-w-0 flex-1`}
          />
          <Button type="submit" disabled={past || busy}>
            {t.common.save}
          </Button>
          {past && (
            <p className="w-full text-sm">
              <FieldError>{t.devices.expiryPast}</FieldError>
            </p>
          )}
        </form>
      )}
    </div>
  );
}
