// What runs now; and when nothing does, how to begin.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { Device, Session } from "../api/client";
import { devicesQuery, hostQuery, sessionsQuery } from "../api/queries";
import { useI18n } from "../i18n/i18n";
import { buttonClass } from "../ui/button";
import { Icon } from "../ui/icons";
import { Empty, Loaded, Page } from "../ui/page";
import { HostCard } from "./home/host_card";
import { RecentDevices } from "./home/recent_devices";
import { SessionCard } from "./home/session_card";
import { WaitingCard } from "./home/waiting_card";

/** A session under the name that its device has here, which may be another than the device gives itself. */
export function named(session: Session, devices: readonly Device[] | undefined): Session {
  const device = devices?.find(({ fingerprint }) => fingerprint === session.device.fingerprint);
  return device ? { ...session, device: { ...session.device, name: device.name } } : session;
}

export function HomePage() {
  const { t } = useI18n();
  const sessions = useQuery(sessionsQuery);
  const devices = useQuery(devicesQuery);
  const host = useQuery(hostQuery);
  const running = sessions.data?.length ?? 0;
  const title = sessions.data === undefined ? t.pages.home : running ? t.home.running(running) : t.home.nothing;
  return (
    <Page
      title={title}
      actions={
        <Link to="/play" className={buttonClass(running === 0 && devices.data?.length ? "primary" : "plain")}>
          <Icon name="play" />
          {t.home.play}
        </Link>
      }
      {...(running === 0 && devices.data?.length ? { lead: t.home.nothingPaired } : {})}>
      <WaitingCard />
      <Loaded query={sessions}>
        {(list) => (
          <ul className="flex flex-col gap-6">
            {list.map((session) => (
              <li key={session.id}>
                <SessionCard session={named(session, devices.data)} />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <div className={`flex flex-col gap-8 ${running ? "mt-8" : ""}`}>
        <Loaded query={devices}>
          {(list) =>
            list.length ? (
              <RecentDevices devices={list} />
            ) : running === 0 && host.data?.pairing_required !== false ? (
              <Empty
                icon="pairing"
                title={t.home.pairFirst}
                action={
                  <Link to="/welcome" className={buttonClass("primary")}>
                    <Icon name="pairing" />
                    {t.home.pairFirst}
                  </Link>
                }
              >
                {t.home.nothingYet}
              </Empty>
            ) : null
          }
        </Loaded>
        <Loaded query={host}>{(info) => <HostCard host={info} />}</Loaded>
      </div>
    </Page>
  );
}
