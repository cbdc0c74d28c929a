import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api, type Device, type Rights, type Schemas } from "../../api/client";
import { devicesQuery } from "../../api/queries";
import { useI18n } from "../../i18n/i18n";
import { fingerprintGroups } from "../../lib/format";
import { useNow } from "../../lib/now";
import { upsert } from "../../live/apply";
import { Button, IconButton } from "../../ui/button";
import { Confirm, Dialog } from "../../ui/dialog";
import { Switch, TextField } from "../../ui/field";
import { useNotice } from "../../ui/notices";
import { Card, Facts, Failure, Tag } from "../../ui/page";
import { ExpiryControl } from "./expiry";

const rightNames = ["input", "controllers", "microphone", "launch"] as const satisfies readonly (keyof Rights)[];

function usePatch(device: Device) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["DevicePatch"]) => answer(api.PATCH("/api/v1/devices/{fingerprint}", { params: { path: { fingerprint: device.fingerprint } }, body })),
    onSuccess: (changed) => cache.setQueryData(devicesQuery.queryKey, (list) => list && upsert(list, changed, "fingerprint")),
  });
}

function RenameDialog({ device, onClose }: { device: Device; onClose: () => void }) {
  const { t } = useI18n();
  const [name, setName] = useState(device.name);
  const patch = usePatch(device);
  const empty = name.trim() === "";
  return (
    <Dialog title={t.devices.rename} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!empty) patch.mutate({ name: name.trim() }, { onSuccess: onClose });
        }}
      >
        <TextField label={t.devices.name} value={name} maxLength={64} data-autofocus error={empty ? t.devices.nameShape : null} onChange={(event) => setName(event.target.value)} />
        <Failure error={patch.error} className="mt-4" />
        <div className="mt-7 flex justify-end gap-3">
          <Button look="quiet" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" look="primary" busy={patch.isPending}>
            {t.common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function DeviceCard({ device }: { device: Device }) {
  const { t, f } = useI18n();
  const tell = useNotice();
  const cache = useQueryClient();
  const now = useNow(30_000);
  const [dialog, setDialog] = useState<"rename" | "remove" | null>(null);
  const patch = usePatch(device);
  const close = () => setDialog(null);
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/devices/{fingerprint}", { params: { path: { fingerprint: device.fingerprint } } })),
    onSuccess: () => {
      cache.setQueryData(devicesQuery.queryKey, (list) => list?.filter(({ fingerprint }) => fingerprint !== device.fingerprint));
      tell(t.devices.removed(device.name));
    },
  });
  // While a change is on its way the switch shows what was asked for.
  const asked = patch.isPending ? patch.variables.rights : undefined;
  const rights: Rights = { ...device.rights, ...asked };
  const watches = !rights.input && !rights.controllers && !rights.microphone;
  const moment = (when: string | null) => (when ? f.ago(Date.parse(when), now) : t.common.unknown);
  return (
    <Card label={device.name} className="p-6 sm:p-7">
      <div className="flex items-start gap-2">
        <div className="min-w-0 grow">
          <h2 className="text-xl font-semibold [overflow-wrap:anywhere]">{device.name}</h2>
          <div className="mt-1.5 flex flex-wrap gap-2">
            {device.connected && (
              <Tag tone="good" dot>
                {t.devices.connected}
              </Tag>
            )}
            {device.protocols.map((protocol) => (
              <Tag key={protocol}>{t.devices.protocol[protocol]}</Tag>
            ))}
          </div>
        </div>
        <IconButton icon="edit" label={t.devices.renameOf(device.name)} onClick={() => setDialog("rename")} />
        <IconButton icon="trash" label={t.devices.removeOf(device.name)} onClick={() => setDialog("remove")} className="hover:bg-danger-soft hover:text-danger" />
      </div>
      <fieldset className="mt-5">
        <legend className="text-sm text-muted">
          {t.devices.rights}
        </legend>
        <div className="divide-y divide-line">
          {rightNames.map((name) => (
            <Switch key={name} label={t.devices.right[name]} checked={rights[name]} disabled={patch.isPending} onChange={(on) => patch.mutate({ rights: { [name]: on } })} />
          ))}
        </div>
        {watches && <p className="text-sm text-muted">{t.devices.viewOnly}</p>}
      </fieldset>
      <ExpiryControl expiresAt={device.expires_at} now={now} busy={patch.isPending} onChange={(expires_at) => patch.mutate({ expires_at })} />
      <Failure error={patch.error} className="mt-4" />
      <div className="mt-5 border-t border-line pt-5">
        <Facts
          rows={[
            [t.devices.lastSeen, device.connected ? t.devices.connected : device.last_seen ? moment(device.last_seen) : t.home.neverSeen],
            [t.devices.pairedAt, moment(device.paired_at)],
            [
              t.devices.fingerprint,
              <span key="fingerprint" className="font-mono text-xs" title={fingerprintGroups(device.fingerprint)}>
                {fingerprintGroups(device.fingerprint, 4)}
              </span>,
            ],
          ]}
        />
      </div>
      {dialog === "rename" && <RenameDialog device={device} onClose={close} />}
      {dialog === "remove" && (
        <Confirm
          title={t.devices.removeTitle(device.name)}
          detail={t.devices.removeDetail}
          action={t.common.remove}
          busy={remove.isPending}
          error={<Failure error={remove.error} className="mt-4" />}
          onConfirm={() => remove.mutate()}
          onClose={close}
        />
      )}
    </Card>
  );
}
