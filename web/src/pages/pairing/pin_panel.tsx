// Arms pairing and shows the PIN, with the time it is still good for.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { answer, api, type Schemas } from "../../api/client";
import { pairingQuery, type TimedPairing } from "../../api/queries";
import { useI18n } from "../../i18n/i18n";
import { clock, countdown } from "../../lib/countdown";
import { useNow } from "../../lib/now";
import { Button } from "../../ui/button";
import { Copyable } from "../../ui/copyable";
import { CountdownRing } from "../../ui/countdown_ring";
import { Icon } from "../../ui/icons";
import { Failure, Quiet } from "../../ui/page";

const kTtlSeconds = 120;

export function usePairingByPin() {
  const cache = useQueryClient();
  // The event tells everybody; the one who asked need not wait for it.
  const keep = (native: Schemas["NativePairStatus"]) =>
    cache.setQueryData(pairingQuery.queryKey, (old) => old && { ...old, native, ttl_secs: kTtlSeconds, at: Date.now() });
  const arm = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/native/pair/arm", { body: { ttl_secs: kTtlSeconds } })),
    onSuccess: keep,
  });
  const disarm = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/native/pair")),
    onSuccess: () =>
      cache.setQueryData(
        pairingQuery.queryKey,
        (old) => old && { ...old, native: { ...old.native, armed: false, pin: null, expires_in_secs: null } },
      ),
  });
  return { arm, disarm };
}

/** The PIN in its ring; nothing once it has run out. */
function Pin({ pairing, pin }: { pairing: TimedPairing; pin: string }) {
  const { t } = useI18n();
  const now = useNow(250);
  const { expires_in_secs } = pairing.native;
  const left = expires_in_secs === null ? null : countdown(pairing.at, expires_in_secs, pairing.ttl_secs ?? kTtlSeconds, now);
  // For screen readers: the PIN once, the time every half minute.
  const spoken = left && left.secondsLeft % 30 === 0 ? t.pairing.leftSpoken(left.secondsLeft) : null;
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (spoken !== null) setSaid(spoken);
  }, [spoken]);
  return (
    <CountdownRing fraction={left?.fraction ?? 1}>
      <p className="text-sm text-muted">{t.pairing.pin}</p>
      <p className="tabular text-6xl leading-none font-semibold tracking-[0.06em] sm:text-7xl" data-testid="pin">
        <span aria-hidden="true" className="-mr-[0.06em]">
          {pin}
        </span>
        <span className="sr-only" role="status">
          {t.pairing.pinSpoken(pin)}
        </span>
      </p>
      {left && (
        <p className="tabular mt-2 text-sm text-muted" role="timer" aria-live="off">
          {t.pairing.left(clock(left.secondsLeft))}
        </p>
      )}
      <span className="sr-only" role="status">
        {said}
      </span>
    </CountdownRing>
  );
}

export function PinPanel({ pairing, address }: { pairing: TimedPairing; address: string }) {
  const { t } = useI18n();
  const { arm, disarm } = usePairingByPin();
  const { enabled, armed, pin, expires_in_secs } = pairing.native;
  const now = useNow(1000, armed);
  const over = expires_in_secs !== null && countdown(pairing.at, expires_in_secs, kTtlSeconds, now).secondsLeft === 0;
  if (!enabled)
    return (
      <div className="mt-5">
        <Quiet>{t.pairing.off}</Quiet>
      </div>
    );
  const shown = armed && pin !== null && !over;
  return (
    <div className="mt-6 flex flex-col items-center gap-6">
      {shown ? (
        <Pin pairing={pairing} pin={pin} />
      ) : (
        <div className="dots flex size-56 items-center justify-center rounded-full border border-line sm:size-64">
          <Icon name="lock" className="size-10 text-muted" />
        </div>
      )}
      {armed && over && (
        <p role="status" className="text-muted">
          {t.pairing.expired}
        </p>
      )}
      {shown ? (
        <>
          <div className="w-full">
            <p className="mb-1.5 text-sm text-muted">{t.pairing.enterOn}</p>
            <Copyable text={`punktfunk-client pair ${address} --pin ${pin}`} />
          </div>
          <Button busy={disarm.isPending} onClick={() => disarm.mutate()}>
            {t.pairing.disarm}
          </Button>
        </>
      ) : (
        <Button look="primary" icon="pairing" busy={arm.isPending} onClick={() => arm.mutate()}>
          {t.pairing.arm}
        </Button>
      )}
      <Failure error={arm.error ?? disarm.error} />
    </div>
  );
}
