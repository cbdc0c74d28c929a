import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api, type Me } from "../../api/client";
import { meQuery } from "../../api/queries";
import { useI18n } from "../../i18n/i18n";
import { Button } from "../../ui/button";
import { Copyable } from "../../ui/copyable";
import { PasswordField } from "../../ui/field";
import { Failure } from "../../ui/page";
import { kPasswordLength } from "../settings/password_card";

function NotHere() {
  const { t } = useI18n();
  return (
    <>
      <h1 className="text-2xl font-semibold">{t.welcome.notHere}</h1>
      <p className="mt-2 mb-5 text-muted">{t.welcome.notHereDetail}</p>
      <Copyable text="punktfunk-host passwd" />
      <Button look="primary" icon="reset" className="mt-6" onClick={() => location.reload()}>
        {t.common.retry}
      </Button>
    </>
  );
}

export function SetPassword({ me }: { me: Me }) {
  const { t } = useI18n();
  const cache = useQueryClient();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const short = password.length < kPasswordLength;
  const differ = password !== again;
  const setup = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/setup", { body: { password } })),
    onSuccess: (known) => cache.setQueryData(meQuery.queryKey, known),
  });
  if (!me.setup_allowed) return <NotHere />;
  return (
    <>
      <h1 className="text-2xl font-semibold">{t.welcome.title}</h1>
      <p className="mt-1 mb-7 text-muted [overflow-wrap:anywhere]">{t.welcome.lead(me.hostname)}</p>
      <form
        noValidate
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!short && !differ) setup.mutate();
        }}
      >
        <div>
          <h2 className="text-lg font-semibold">{t.welcome.passwordTitle}</h2>
          <p className="text-muted">{t.welcome.passwordDetail}</p>
        </div>
        <input type="text" name="username" autoComplete="username" value="punktfunk" readOnly hidden />
        <PasswordField
          label={t.welcome.password}
          autoComplete="new-password"
          autoFocus
          value={password}
          maxLength={1024}
          help={t.welcome.short}
          error={tried && short ? t.welcome.short : null}
          onChange={(event) => setPassword(event.target.value)}
        />
        <PasswordField
          label={t.welcome.again}
          autoComplete="new-password"
          value={again}
          maxLength={1024}
          error={tried && !short && differ ? t.welcome.differ : null}
          onChange={(event) => setAgain(event.target.value)}
        />
        <Failure error={setup.error} />
        <div>
          <Button type="submit" look="primary" busy={setup.isPending}>
            {t.welcome.set}
          </Button>
        </div>
      </form>
    </>
  );
}
