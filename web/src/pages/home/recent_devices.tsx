// The devices that were here last.
import { Link } from "@tanstack/react-router";

import type { Device } from "../../api/client";
import { useI18n } from "../../i18n/i18n";
import { useNow } from "../../lib/now";
import { buttonClass } from "../../ui/button";
import { Icon } from "../../ui/icons";
import { Card } from "../../ui/page";

const kShown = 5;

export function byLastSeen(devices: readonly Device[]): Device[] {
  const when = (device: Device) => (device.connected ? Number.POSITIVE_INFINITY : Date.parse(device.last_seen ?? device.paired_at ?? "") || 0);
  return [...devices].sort((a, b) => when(b) - when(a) || a.name.localeCompare(b.name));
}

export function RecentDevices({ devices }: { devices: readonly Device[] }) {
  const { t, f } = useI18n();
  const now = useNow(30_000);
  return (
    <Card label={t.home.recent} className="p-6 sm:p-7">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 className="text-lg font-semibold">{t.home.recent}</h2>
        <Link to="/pairing" className={buttonClass("plain", "sm")}>
          <Icon name="plus" className="size-4" />
          {t.home.pairAnother}
        </Link>
      </div>
      <ul className="divide-y divide-line">
        {byLastSeen(devices)
          .slice(0, kShown)
          .map((device) => (
            <li key={device.fingerprint} className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-0.5 py-3">
              <span className="flex min-w-0 items-center gap-3 font-medium">
                <span aria-hidden="true" className={`size-2 shrink-0 rounded-full ${device.connected ? "bg-good" : "bg-edge/50"}`} />
                <span className="truncate">{device.name}</span>
              </span>
              <span className="pl-5 text-sm text-muted sm:pl-0">
                {device.connected
                  ? t.devices.connected
                  : device.last_seen
                    ? t.home.lastSeen(f.ago(Date.parse(device.last_seen), now))
                    : t.home.neverSeen}
              </span>
            </li>
          ))}
      </ul>
      <Link to="/devices" className="mt-2 inline-block rounded font-medium text-accent underline-offset-4 hover:underline">
        {t.home.allDevices}
      </Link>
    </Card>
  );
}
