// How a picture comes about on this host: who makes the display, who encodes it, and why these.
import { useQuery } from "@tanstack/react-query";

import type { Encoder } from "../api/client";
import { displaysQuery, encodersQuery } from "../api/queries";
import { useI18n } from "../i18n/i18n";
import { Card, Loaded, Page, Section, Tag } from "../ui/page";
import { DisplayTest } from "./displays/display_test";

function State({ available, chosen }: { available: boolean; chosen: boolean }) {
  const { t } = useI18n();
  if (chosen)
    return (
      <Tag tone="accent" dot>
        {t.displays.chosen}
      </Tag>
    );
  return <Tag tone={available ? "good" : "neutral"}>{available ? t.displays.available : t.displays.unavailable}</Tag>;
}

interface Row {
  id: string;
  label: string;
  detail: string;
  note: string | null;
  available: boolean;
  chosen: boolean;
}

function Rows({ rows, label }: { rows: readonly Row[]; label: string }) {
  return (
    <Card label={label}>
      <ul className="divide-y divide-line">
        {rows.map((row) => (
          <li key={row.id} className="flex flex-wrap items-start gap-x-6 gap-y-1.5 px-6 py-4">
            <div className="min-w-0 flex-1 basis-64">
              <h3 className={`font-semibold [overflow-wrap:anywhere] ${row.available ? "" : "text-muted"}`}>
                {row.label}
                {row.note && <span className="ml-2 font-normal text-muted">{row.note}</span>}
              </h3>
              {row.detail && <p className="text-sm text-muted [overflow-wrap:anywhere]">{row.detail}</p>}
            </div>
            <State available={row.available} chosen={row.chosen} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

const codecNames: Record<Encoder["codec"], string> = { h264: "H.264", h265: "HEVC", av1: "AV1" };

export function DisplaysPage() {
  const { t } = useI18n();
  const displays = useQuery(displaysQuery);
  const encoders = useQuery(encodersQuery);
  return (
    <Page title={t.pages.displays} lead={t.displays.lead}>
      <Section title={t.displays.test} detail={t.displays.testDetail}>
        <DisplayTest />
      </Section>
      <Section title={t.displays.compositors} detail={t.displays.compositorsDetail}>
        <Loaded query={displays}>
          {(list) => (
            <Rows label={t.displays.compositors} rows={list.map(({ reason, ...rest }) => ({ ...rest, detail: reason, note: null }))} />
          )}
        </Loaded>
      </Section>
      <Section title={t.displays.encoders} detail={t.displays.encodersDetail}>
        <Loaded query={encoders}>
          {(list) => (
            <Rows
              label={t.displays.encoders}
              rows={list.map((encoder) => ({
                id: `${encoder.id} ${encoder.codec}`,
                label: encoder.id,
                note: `${codecNames[encoder.codec]} · ${encoder.hardware ? t.displays.hardware : t.displays.software}`,
                detail: encoder.reason,
                available: encoder.available,
                chosen: encoder.chosen,
              }))}
            />
          )}
        </Loaded>
      </Section>
    </Page>
  );
}
