// A device that asks to be let in, and the decision about it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api, type Schemas } from "../../api/client";
import { pairingQuery } from "../../api/queries";
import { useI18n } from "../../i18n/i18n";
import { fingerprintGroups } from "../../lib/format";
import { useNow } from "../../lib/now";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { useNotice } from "../../ui/notices";
import { Failure, Tag } from "../../ui/page";

export function KnockingDevice({ device, heardAt }: { device: Schemas["PendingDevice"]; heardAt: number }) {
  const { t, f } = useI18n();
  const tell = useNotice();
  const cache = useQueryClient();
  const now = useNow(5000);
  const [name, setName] = useState(device.name);
  const gone = () =>
    cache.setQueryData(
      pairingQuery.queryKey,
      (old) => old && { ...old, knocking: old.knocking.filter(({ id }) => id !== device.id) },
    );
  const path = { path: { id: device.id } };
  const approve = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/native/pending/{id}/approve", { params: path, body: name.trim() ? { name: name.trim() } : {} })),
    onSuccess: (paired) => {
      gone();
      tell(t.pairing.paired(paired.name));
    },
  });
  const deny = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/native/pending/{id}/deny", { params: path })),
    onSuccess: () => {
      gone();
      tell(t.pairing.denied);
    },
  });
  const busy = approve.isPending || deny.isPending;
  return (
    <li className="arrive py-4 first:pt-0 last:pb-0">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          approve.mutate();
        }}
      >
        <div className="mb-3 flex flex-wrap items-center gap-2">
          <h3 className="min-w-0 grow text-lg font-semibold [overflow-wrap:anywhere]">{device.name}</h3>
          {device.waiting ? (
            <Tag tone="accent" dot>
              {t.pairing.stillWaiting}
            </Tag>
          ) : (
            <Tag>{t.pairing.asked(f.ago(heardAt - device.age_secs * 1000, now))}</Tag>
          )}
        </div>
        <p className="mb-4 font-mono text-sm [overflow-wrap:anywhere]">{fingerprintGroups(device.fingerprint)}</p>
        <TextField label={t.pairing.nameIt} value={name} maxLength={64} onChange={(event) => setName(event.target.value)} />
        <div className="mt-4 flex flex-wrap gap-2.5">
          <Button type="submit" look="primary" size="sm" icon="check" disabled={busy}>
            {t.pairing.approve}
          </Button>
          <Button look="danger" size="sm" icon="close" disabled={busy} onClick={() => deny.mutate()}>
            {t.pairing.deny}
          </Button>
        </div>
        <Failure error={approve.error ?? deny.error} className="mt-4" />
      </form>
    </li>
  );
}
