// Every paired device of both protocols: what it may do, for how long, and how to be rid of it.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { devicesQuery } from "../api/queries";
import { useI18n } from "../i18n/i18n";
import { buttonClass } from "../ui/button";
import { Icon } from "../ui/icons";
import { Empty, Loaded, Page } from "../ui/page";
import { DeviceCard } from "./devices/device_card";
import { byLastSeen } from "./home/recent_devices";

export function DevicesPage() {
  const { t } = useI18n();
  const devices = useQuery(devicesQuery);
  const pair = (
    <Link to="/pairing" className={buttonClass("primary")}>
      <Icon name="plus" />
      {t.devices.pair}
    </Link>
  );
  return (
    <Page title={t.pages.devices} lead={t.devices.lead} actions={devices.data?.length ? pair : null}>
      <Loaded query={devices}>
        {(list) =>
          list.length ? (
            <ul className="grid items-start gap-6 xl:grid-cols-2">
              {byLastSeen(list).map((device) => (
                <li key={device.fingerprint}>
                  <DeviceCard device={device} />
                </li>
              ))}
            </ul>
          ) : (
            <Empty icon="devices" title={t.devices.none} action={pair}>
              {t.devices.noneDetail}
            </Empty>
          )
        }
      </Loaded>
    </Page>
  );
}
