// Takes the PIN that a Moonlight client shows.
import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";

import { answer, api, type Schemas } from "../../api/client";
import { useI18n } from "../../i18n/i18n";
import { Button } from "../../ui/button";
import { Select, TextField } from "../../ui/field";
import { Failure } from "../../ui/page";

export const pinIsValid = (pin: string): boolean => /^[0-9]{1,16}$/.test(pin.trim());

export function MoonlightPin({ waiting }: { waiting: readonly Schemas["WaitingClient"][] }) {
  const { t } = useI18n();
  const select = useId();
  const [pin, setPin] = useState("");
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<number | null>(null);
  const [tried, setTried] = useState(false);
  const client = waiting.find(({ id }) => id === chosen) ?? waiting[0];
  // That the client is paired then is told by the devices and the pairing state, when the client has proven the PIN.
  const submit = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/v1/pair/pin", {
          body: { pin: pin.trim(), ...(client ? { client: client.id } : {}), ...(name.trim() ? { name: name.trim() } : {}) },
        }),
      ),
  });
  return (
    <form
      className="flex flex-col gap-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (pinIsValid(pin)) submit.mutate();
      }}
    >
      {waiting.length > 1 ? (
        <div>
          <label htmlFor={select} className="mb-1.5 block text-sm font-semibold">
            {t.pairing.moonlightWhich}
          </label>
          <Select
            id={select}
            value={String(client?.id)}
            options={waiting.map((one) => ({ value: String(one.id), label: t.pairing.moonlightFrom(one.name, one.address) }))}
            onChange={(event) => setChosen(Number(event.target.value))}
          />
        </div>
      ) : (
        client && <p className="font-semibold [overflow-wrap:anywhere]">{t.pairing.moonlightFrom(client.name, client.address)}</p>
      )}
      <TextField
        label={t.pairing.moonlightPin}
        value={pin}
        inputMode="numeric"
        autoComplete="off"
        maxLength={16}
        error={tried && !pinIsValid(pin) ? t.pairing.pinShape : null}
        onChange={(event) => setPin(event.target.value)}
        className="tabular text-xl tracking-[0.2em]"
      />
      <TextField label={t.pairing.nameIt} note={t.common.optional} value={name} maxLength={64} onChange={(event) => setName(event.target.value)} />
      <div>
        <Button type="submit" look="primary" busy={submit.isPending}>
          {t.pairing.moonlightSubmit}
        </Button>
      </div>
      <Failure error={submit.error} />
    </form>
  );
}
