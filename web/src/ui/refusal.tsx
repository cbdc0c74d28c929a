// What the host refused, in words that the person reads.
import type { ApiError, ErrorCode } from "../api/client";
import type { Refusals } from "../i18n/en";
import { useI18n } from "../i18n/i18n";

/** What goes wrong there only the host's own words say. */
const inDetail: ReadonlySet<ErrorCode> = new Set(["wrong_value", "test_failed", "not_stored"]);

/** In the page's language, in the host's own words, or both. */
export function refusal(refused: Refusals, { code, status, message }: ApiError): { said: string | null; hosts: string | null } {
  const byCode = code === null ? undefined : refused.code[code];
  const said = byCode ?? refused.status[status] ?? refused.other;
  const enough = byCode !== undefined && code !== null && !inDetail.has(code);
  return { said, hosts: enough ? null : message };
}

export function Refusal({ error }: { error: ApiError }) {
  const { t } = useI18n();
  const { said, hosts } = refusal(t.refused, error);
  return (
    <>
      {said}
      {said && hosts && <br />}
      {hosts && <span lang="en">{hosts}</span>}
    </>
  );
}
