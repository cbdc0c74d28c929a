// What a person needs to know of this host to reach it from elsewhere.
import type { HostInfo } from "../../api/client";
import { useI18n } from "../../i18n/i18n";
import { fingerprintGroups } from "../../lib/format";
import { Copyable } from "../../ui/copyable";
import { Icon } from "../../ui/icons";
import { Card, Facts } from "../../ui/page";

export const kNativePort = 9777;
const loopback = (address: string) => address === "::1" || address.startsWith("127.") || address === "::ffff:127.0.0.1";

/** How a client on another machine calls this host. */
export function hostAddress(host: HostInfo): string {
  const name = loopback(host.local_ip) ? host.hostname : host.local_ip;
  const port = host.ports.native;
  if (port === kNativePort) return name;
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}

export function HostCard({ host }: { host: HostInfo }) {
  const { t, f } = useI18n();
  return (
    <Card label={t.home.thisHost} className="grid gap-x-10 gap-y-6 p-6 sm:p-7 md:grid-cols-2">
      <div>
        <h2 className="mb-4 text-lg font-semibold">{t.home.thisHost}</h2>
        <Facts
          rows={[
            [t.home.address, hostAddress(host)],
            [t.home.protocols, host.gamestream ? t.home.moonlight : t.home.nativeOnly],
            [t.home.upSince, f.moment(Date.parse(host.started_at))],
            [t.home.version, host.version],
          ]}
        />
        {!host.pairing_required && (
          <p className="mt-4 flex gap-2 text-sm text-warn">
            <Icon name="warning" className="size-5" />
            <span>
              <strong className="font-semibold">{t.home.open}.</strong> {t.home.openHelp}
            </span>
          </p>
        )}
      </div>
      <div className="flex flex-col gap-5">
        <div>
          <h3 className="mb-1.5 text-sm text-muted">{t.home.command}</h3>
          <Copyable text={`punktfunk-client connect ${hostAddress(host)}`} />
        </div>
        <div>
          <h3 className="mb-1.5 text-sm text-muted">{t.home.fingerprint}</h3>
          <p className="font-mono text-sm [overflow-wrap:anywhere]">{fingerprintGroups(host.fingerprint)}</p>
          <p className="mt-1.5 text-sm text-muted">{t.home.fingerprintHelp}</p>
        </div>
      </div>
    </Card>
  );
}
