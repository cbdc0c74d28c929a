// The first visit: from a host that nobody knows to the first paired device.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import type { Device } from "../api/client";
import { meQuery } from "../api/queries";
import { useI18n } from "../i18n/i18n";
import { isSignedIn } from "../lib/access";
import { LiveProvider } from "../live/live";
import { Front } from "../shell/front";
import { Button } from "../ui/button";
import { Icon } from "../ui/icons";
import { Card } from "../ui/page";
import { FirstDevice } from "./welcome/first_device";
import { SetPassword } from "./welcome/set_password";

function Steps({ at }: { at: number }) {
  const { t } = useI18n();
  return (
    <>
      <p className="sr-only" role="status">
        {t.welcome.step(at + 1, t.welcome.steps.length)}
      </p>
      <ol aria-hidden="true" className="mb-7 flex items-center gap-2 text-sm font-medium text-muted">
        {t.welcome.steps.map((name, index) => (
          <li key={name} className="flex grow items-center gap-2 last:grow-0">
            <span
              className={`flex size-7 shrink-0 items-center justify-center rounded-full border ${index < at ? "border-accent bg-accent text-on-accent" : index === at ? "border-accent text-accent" : "border-edge"}`}
            >
              {index < at ? <Icon name="check" className="size-4" /> : index + 1}
            </span>
            <span className={`${index === at ? "text-ink" : "max-sm:hidden"}`}>{name}</span>
            {index < t.welcome.steps.length - 1 && <span className="mx-1 h-px min-w-4 grow bg-line" />}
          </li>
        ))}
      </ol>
    </>
  );
}

function Done({ device }: { device: Device | null }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  return (
    <div className="text-center">
      <span className="arrive mx-auto mb-5 flex size-16 items-center justify-center rounded-full bg-good-soft text-good">
        <Icon name="check" className="size-8" />
      </span>
      <h1 className="text-2xl font-semibold [overflow-wrap:anywhere]">{device ? t.welcome.doneTitle(device.name) : t.welcome.steps[2]}</h1>
      <p className="mt-2 text-muted">{device ? t.welcome.doneDetail : t.welcome.doneNothing}</p>
      <Button look="primary" autoFocus className="mt-7" onClick={() => void navigate({ to: "/" })}>
        {t.welcome.finish}
      </Button>
    </div>
  );
}

export function WelcomePage() {
  const { t } = useI18n();
  const { data: me } = useQuery(meQuery);
  const [finished, setFinished] = useState<{ device: Device | null } | null>(null);
  useEffect(() => {
    document.title = `${t.welcome.title} · punktfunk`;
  }, [t]);
  if (!me) return null;
  const signedIn = isSignedIn(me);
  const step = finished ? 2 : signedIn ? 1 : 0;
  return (
    <Front>
      <Card className="w-full max-w-2xl p-6 sm:p-9">
        <main>
          <Steps at={step} />
          {finished ? (
            <Done device={finished.device} />
          ) : signedIn ? (
            <LiveProvider>
              <FirstDevice onDone={(device) => setFinished({ device })} />
            </LiveProvider>
          ) : (
            <SetPassword me={me} />
          )}
        </main>
      </Card>
    </Front>
  );
}
