// Pairs the first device, whichever client it has, and notices when it is there.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import type { Device } from "../../api/client";
import { devicesQuery, hostQuery, pairingQuery } from "../../api/queries";
import { useI18n } from "../../i18n/i18n";
import { Button } from "../../ui/button";
import { Choice } from "../../ui/field";
import { Loaded } from "../../ui/page";
import { hostAddress } from "../home/host_card";
import { KnockingDevice } from "../pairing/knocking_device";
import { MoonlightPin } from "../pairing/moonlight_pin";
import { PinPanel } from "../pairing/pin_panel";

/** Calls `onNew` with the first device that was not there in the beginning. */
function useNewDevice(onNew: (device: Device) => void) {
  const { data } = useQuery(devicesQuery);
  const before = useRef<Set<string> | null>(null);
  useEffect(() => {
    if (!data) return;
    const known = (before.current ??= new Set(data.map(({ fingerprint }) => fingerprint)));
    const fresh = data.find(({ fingerprint }) => !known.has(fingerprint));
    if (fresh) onNew(fresh);
  });
}

export function FirstDevice({ onDone }: { onDone: (device: Device | null) => void }) {
  const { t } = useI18n();
  const pairing = useQuery(pairingQuery);
  const host = useQuery(hostQuery);
  const [kind, setKind] = useState<"native" | "moonlight">("native");
  useNewDevice(onDone);
  return (
    <>
      <h1 className="text-2xl font-semibold">{t.welcome.pairTitle}</h1>
      <p className="mt-1 mb-6 text-muted">{t.welcome.pairDetail}</p>
      {host.data?.gamestream !== false && (
        <Choice
          legend={t.welcome.pairDetail}
          value={kind}
          options={[
            { value: "native", label: t.welcome.native },
            { value: "moonlight", label: t.welcome.moonlight },
          ]}
          onChange={setKind}
        />
      )}
      <Loaded query={pairing}>
        {(state) => (
          <div className="mt-4">
            {state.knocking.map((device) => (
              <ul key={device.id} className="my-5 rounded-card border border-line p-5">
                <KnockingDevice device={device} heardAt={state.at} />
              </ul>
            ))}
            {kind === "native" ? (
              <PinPanel pairing={state} address={host.data ? hostAddress(host.data) : "HOST"} />
            ) : (
              <div className="mt-6">
                <p className="mb-5 text-muted">{t.pairing.moonlightDetail}</p>
                {state.waiting_for_pin.length > 0 && <MoonlightPin waiting={state.waiting_for_pin} />}
              </div>
            )}
          </div>
        )}
      </Loaded>
      <div className="mt-8 flex flex-wrap items-center justify-between gap-4 border-t border-line pt-5">
        <p role="status" className="flex items-center gap-2.5 text-muted">
          <span aria-hidden="true" className="pulse-dot size-2.5 rounded-full bg-accent" />
          {t.welcome.waiting}
        </p>
        <Button look="quiet" onClick={() => onDone(null)}>
          {t.welcome.later}
        </Button>
      </div>
    </>
  );
}
