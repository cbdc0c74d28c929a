import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { ApiError, answer, api } from "../api/client";
import { meQuery } from "../api/queries";
import { useI18n } from "../i18n/i18n";
import { countdown } from "../lib/countdown";
import { useNow } from "../lib/now";
import { Front } from "../shell/front";
import { Button } from "../ui/button";
import { PasswordField } from "../ui/field";
import { Card, Code, Failure } from "../ui/page";

export function LoginPage() {
  const { t } = useI18n();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const { next } = useSearch({ from: "/login" });
  const { data: me } = useQuery(meQuery);
  const [password, setPassword] = useState("");
  const [slow, setSlow] = useState<{ heardAt: number; seconds: number } | null>(null); // until the host takes another try
  const now = useNow(500, slow !== null);
  useEffect(() => {
    document.title = `${t.login.title} · punktfunk`;
  }, [t]);
  const login = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/login", { body: { password } })),
    onSuccess: async (known) => {
      cache.clear();
      cache.setQueryData(meQuery.queryKey, known);
      await navigate({ to: next ?? "/", replace: true });
    },
    onError: (error) => {
      setPassword("");
      if (error instanceof ApiError && error.retryAfterSeconds !== null) setSlow({ heardAt: Date.now(), seconds: error.retryAfterSeconds });
    },
  });
  // The page's time may be a little older than the answer.
  const wait = slow ? countdown(slow.heardAt, slow.seconds, slow.seconds, now).secondsLeft : 0;
  const wrong = login.error instanceof ApiError && login.error.status === 401;
  const slowed = login.error instanceof ApiError && login.error.status === 429;
  return (
    <Front>
      <Card className="w-full max-w-md p-7 sm:p-9">
        <main>
          <h1 className="text-2xl font-semibold">{t.login.title}</h1>
          {me && <p className="mb-6 text-muted [overflow-wrap:anywhere]">{t.login.lead(me.hostname)}</p>}
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              if (password && wait === 0) login.mutate();
            }}
          >
            {/* For password managers: the console has one user. */}
            <input type="text" name="username" autoComplete="username" value="punktfunk" readOnly hidden />
            <PasswordField
              label={t.login.password}
              name="password"
              autoComplete="current-password"
              autoFocus
              value={password}
              maxLength={1024}
              error={wait > 0 ? t.login.slowed(wait) : wrong || slowed ? t.login.wrong : null}
              onChange={(event) => setPassword(event.target.value)}
            />
            {!wrong && !slowed && <Failure error={login.error} className="mt-4" />}
            <Button type="submit" look="primary" className="mt-6 w-full" busy={login.isPending} disabled={wait > 0}>
              {t.login.submit}
            </Button>
          </form>
          <p className="mt-7 text-sm text-muted">
            {t.login.forgotten} <Code>punktfunk-host passwd</Code>
          </p>
        </main>
      </Card>
    </Front>
  );
}
