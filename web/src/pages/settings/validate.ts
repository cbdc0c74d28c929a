// What the host would say to a value, said before it is asked. The host's own check decides.
import type { Setting } from "../../api/client";

export type Value = Setting["value"];
export type Fault = { kind: "integer" } | { kind: "range"; low: number; high: number } | { kind: "long"; max: number };

/** The value that a text means for this setting, or what is wrong with it. */
export function parseValue(setting: Setting, text: string): { value: Value } | { fault: Fault } {
  if (setting.type === "integer") {
    const value = Number(text.trim());
    if (!/^[-+]?[0-9]+$/.test(text.trim()) || !Number.isSafeInteger(value)) return { fault: { kind: "integer" } };
    const low = setting.constraints.minimum ?? Number.MIN_SAFE_INTEGER;
    const high = setting.constraints.maximum ?? Number.MAX_SAFE_INTEGER;
    return value < low || value > high ? { fault: { kind: "range", low, high } } : { value };
  }
  const max = setting.constraints.max_length;
  if (max !== undefined && new TextEncoder().encode(text).length > max) return { fault: { kind: "long", max } };
  return { value: text };
}

/** Flags and the environment are only changed where the host was started. */
export const isFixed = (setting: Setting): boolean => setting.origin === "flag" || setting.origin === "environment";

export const waitsForRestart = (setting: Setting): boolean => setting.restart_required && setting.active !== setting.value;
