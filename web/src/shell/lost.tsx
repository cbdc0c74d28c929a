// Where a page cannot be shown.
import { useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

import { HostAway } from "../api/client";
import { useI18n } from "../i18n/i18n";
import { backoffMs } from "../live/event_stream";
import { Button, buttonClass } from "../ui/button";
import { Empty } from "../ui/page";

export function NotFound() {
  const { t } = useI18n();
  return (
    <div className="mx-auto max-w-3xl px-5 py-16">
      <Empty
        icon="search"
        title={t.notFound.title}
        action={
          <Link to="/" className={buttonClass("primary")}>
            {t.notFound.home}
          </Link>
        }
      >
        {t.notFound.detail}
      </Empty>
    </div>
  );
}

/** An error that no part of a page has caught. A host that was away when the page began is tried again. */
export function Broken({ error, reset }: { error: unknown; reset: () => void }) {
  const { t } = useI18n();
  const router = useRouter();
  const cache = useQueryClient();
  const away = error instanceof HostAway;
  useEffect(() => {
    if (!away) return;
    let attempt = 0;
    let timer: ReturnType<typeof setTimeout>;
    const knock = async () => {
      const there = await fetch("/api/v1/health", { cache: "no-store" }).then(
        (response) => response.ok,
        () => false,
      );
      if (!there) {
        timer = setTimeout(() => void knock(), backoffMs(attempt++));
        return;
      }
      cache.clear();
      await router.invalidate();
      reset();
    };
    timer = setTimeout(() => void knock(), backoffMs(attempt++));
    return () => clearTimeout(timer);
  }, [away, cache, reset, router]);
  return (
    <div className="mx-auto max-w-3xl px-5 py-16">
      <Empty
        icon="warning"
        title={away ? t.shell.away : t.broken.title}
        action={
          away ? null : (
            <Button look="primary" icon="reset" onClick={() => location.reload()}>
              {t.broken.reload}
            </Button>
          )
        }
      >
        {away ? t.shell.awayDetail : t.broken.detail}
      </Empty>
    </div>
  );
}
