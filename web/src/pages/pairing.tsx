// Letting a device in: by a PIN shown here, by a decision about who asks, or by a PIN that Moonlight shows.
import { useQuery } from "@tanstack/react-query";

import { hostQuery, pairingQuery } from "../api/queries";
import { useI18n } from "../i18n/i18n";
import { Card, Loaded, Page, Quiet } from "../ui/page";
import { hostAddress } from "./home/host_card";
import { KnockingDevice } from "./pairing/knocking_device";
import { MoonlightPin } from "./pairing/moonlight_pin";
import { PinPanel } from "./pairing/pin_panel";

export function PairingPage() {
  const { t } = useI18n();
  const pairing = useQuery(pairingQuery);
  const host = useQuery(hostQuery);
  const address = host.data ? hostAddress(host.data) : "HOST";
  return (
    <Page title={t.pages.pairing} lead={t.pairing.lead}>
      <Loaded query={pairing}>
        {(state) => (
          <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)]">
            <Card label={t.pairing.withPin} className="p-6 sm:p-7">
              <h2 className="text-lg font-semibold">{t.pairing.withPin}</h2>
              <p className="mt-1 text-muted">{t.pairing.withPinDetail}</p>
              <PinPanel pairing={state} address={address} />
            </Card>
            <div className="flex flex-col gap-6">
              <Card label={t.pairing.knocking} className="p-6 sm:p-7">
                <h2 className="text-lg font-semibold">{t.pairing.knocking}</h2>
                {state.knocking.length ? (
                  <>
                    <p className="mt-1 text-muted">{t.pairing.knockingDetail}</p>
                    <ul className="mt-4 flex flex-col divide-y divide-line">
                      {state.knocking.map((device) => (
                        <KnockingDevice key={device.id} device={device} heardAt={state.at} />
                      ))}
                    </ul>
                  </>
                ) : (
                  <p className="mt-1 text-muted">{t.pairing.knockingNone}</p>
                )}
              </Card>
              <Card label={t.pairing.moonlight} className="p-6 sm:p-7">
                <h2 className="text-lg font-semibold">{t.pairing.moonlight}</h2>
                {host.data && !host.data.gamestream ? (
                  <Quiet>{t.pairing.moonlightOff}</Quiet>
                ) : state.waiting_for_pin.length ? (
                  <>
                    <p className="mt-1 mb-4 text-muted">{t.pairing.moonlightDetail}</p>
                    <MoonlightPin waiting={state.waiting_for_pin} />
                  </>
                ) : (
                  <p className="mt-1 text-muted">{t.pairing.moonlightNone}</p>
                )}
              </Card>
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
