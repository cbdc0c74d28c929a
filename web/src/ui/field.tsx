// Labelled inputs. What is wrong stands beside the field, and is announced with it.
import { type ComponentProps, type ReactNode, useId, useState } from "react";

import { useI18n } from "../i18n/i18n";
import { IconButton } from "./button";
import { Icon } from "./icons";

export const inputClass =
  "min-h-11 w-full rounded-xl border border-edge bg-raised px-3.5 text-ink placeholder:text-muted " +
  "aria-invalid:border-danger aria-invalid:bg-danger-soft disabled:opacity-60";

interface FrameProps {
  label: string;
  help?: ReactNode;
  error?: string | null | undefined;
  note?: string;
  children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}

export function Field({ label, help, error, note, children }: FrameProps) {
  const id = useId();
  const detail = useId();
  const described = Boolean(error || help);
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 flex items-baseline justify-between gap-3 text-sm font-semibold">
        {label}
        {note && <span className="font-normal text-muted">{note}</span>}
      </label>
      {children({ id, ...(described ? { "aria-describedby": detail } : {}), ...(error ? { "aria-invalid": true } : {}) })}
      {described && (
        <div id={detail} className="mt-1.5 text-sm" aria-live="polite">
          {error ? <FieldError>{error}</FieldError> : <span className="text-muted">{help}</span>}
        </div>
      )}
    </div>
  );
}

export function FieldError({ children }: { children: ReactNode }) {
  return (
    <span className="flex items-start gap-1.5 font-medium text-danger">
      <Icon name="warning" className="mt-0.5 size-4" />
      <span className="[overflow-wrap:anywhere]">{children}</span>
    </span>
  );
}

type TextFieldProps = Omit<FrameProps, "children"> & Omit<ComponentProps<"input">, "id" | "children">;

export function TextField({ label, help, error, note, className = "", ...input }: TextFieldProps) {
  return (
    <Field label={label} help={help} error={error} {...(note ? { note } : {})}>
      {(attributes) => <input {...input} {...attributes} className={`${inputClass} ${className}`} />}
    </Field>
  );
}

export function PasswordField({ label, help, error, ...input }: Omit<TextFieldProps, "type" | "note">) {
  const { t } = useI18n();
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} help={help} error={error}>
      {(attributes) => (
        <div className="relative">
          <input {...input} {...attributes} type={shown ? "text" : "password"} spellCheck={false} autoCapitalize="none" className={`${inputClass} pr-12`} />
          <IconButton
            icon={shown ? "eyeOff" : "eye"}
            label={shown ? t.login.hide : t.login.show}
            onClick={() => setShown(!shown)}
            className="absolute top-0.5 right-0.5"
          />
        </div>
      )}
    </Field>
  );
}

interface SelectProps extends ComponentProps<"select"> {
  options: readonly { value: string; label: string }[];
}

export function Select({ options, className = "", ...rest }: SelectProps) {
  return (
    <span className="relative block">
      <select {...rest} className={`${inputClass} appearance-none pr-10 ${className}`}>
        {options.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <Icon name="down" className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-muted" />
    </span>
  );
}

interface SwitchProps {
  label: string;
  checked: boolean;
  disabled?: boolean;
  hideLabel?: boolean;
  describedBy?: string;
  onChange: (checked: boolean) => void;
}

/** On or off, at once. */
export function Switch({ label, checked, disabled = false, hideLabel = false, describedBy, onChange }: SwitchProps) {
  return (
    <label className={`flex min-h-11 items-center justify-between gap-4 ${disabled ? "opacity-60" : ""}`}>
      <span className={hideLabel ? "sr-only" : ""}>{label}</span>
      <span className="relative inline-flex shrink-0">
        <input
          type="checkbox"
          role="switch"
          className="peer absolute inset-0 size-full cursor-[inherit] appearance-none rounded-full"
          checked={checked}
          disabled={disabled}
          aria-describedby={describedBy}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span
          aria-hidden="true"
          className="pointer-events-none h-7 w-12 rounded-full border border-edge bg-sunken transition-colors peer-checked:border-accent peer-checked:bg-accent"
        />
        <span
          aria-hidden="true"
          className="pointer-events-none absolute top-1 left-1 size-5 rounded-full bg-edge transition-transform peer-checked:translate-x-5 peer-checked:bg-on-accent"
        />
      </span>
    </label>
  );
}

interface ChoiceProps<T extends string> {
  legend: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** One of a few, in a row: radio buttons, so that arrow keys walk through them. */
export function Choice<T extends string>({ legend, value, options, onChange }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset>
      <legend className="sr-only">{legend}</legend>
      <div className="inline-flex max-w-full flex-wrap gap-1 rounded-2xl bg-sunken p-1">
        {options.map((option) => (
          <label
            key={option.value}
            className={
              "relative inline-flex min-h-9 items-center rounded-xl px-3.5 text-sm font-semibold text-muted transition-colors " +
              "has-checked:bg-raised has-checked:text-ink has-checked:shadow-lift " +
              "has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
            }
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={value === option.value}
              onChange={() => onChange(option.value)}
              className="absolute inset-0 cursor-[inherit] appearance-none outline-none"
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
