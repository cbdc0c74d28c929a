import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { ApiError, answer, api } from "../../api/client";
import { useI18n } from "../../i18n/i18n";
import { Button } from "../../ui/button";
import { PasswordField } from "../../ui/field";
import { useNotice } from "../../ui/notices";
import { Card, Failure } from "../../ui/page";

export const kPasswordLength = 8;

export function PasswordCard() {
  const { t } = useI18n();
  const tell = useNotice();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [tried, setTried] = useState(false);
  const short = next.length < kPasswordLength;
  const change = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/password", { body: { current, new: next } })),
    onSuccess: () => {
      setCurrent("");
      setNext("");
      setTried(false);
      tell(t.settings.passwordChanged);
    },
  });
  const wrong = change.error instanceof ApiError && change.error.code === "wrong_password";
  return (
    <Card label={t.settings.password} className="p-6">
      <form
        noValidate
        className="grid items-start gap-5 md:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!short && current) change.mutate();
        }}
      >
        <PasswordField
          label={t.settings.currentPassword}
          autoComplete="current-password"
          value={current}
          error={wrong ? t.login.wrong : null}
          onChange={(event) => {
            change.reset();
            setCurrent(event.target.value);
          }}
        />
        <PasswordField
          label={t.settings.newPassword}
          autoComplete="new-password"
          value={next}
          maxLength={1024}
          error={tried && short ? t.welcome.short : null}
          help={t.welcome.short}
          onChange={(event) => setNext(event.target.value)}
        />
        <div>
          <Button type="submit" busy={change.isPending}>
            {t.settings.changePassword}
          </Button>
        </div>
        {!wrong && <Failure error={change.error} className="md:col-span-2" />}
      </form>
    </Card>
  );
}
