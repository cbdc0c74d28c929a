// What surrounds every page: where one is, where one can go, and whether the host is there.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { answer, api } from "../api/client";
import { meQuery, pairingQuery } from "../api/queries";
import { useI18n } from "../i18n/i18n";
import { isSignedIn } from "../lib/access";
import { LiveProvider, useStreamState } from "../live/live";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Icon, type IconName, Mark } from "../ui/icons";
import { useNotice } from "../ui/notices";
import { Appearance } from "./appearance";

const pages = [
  { to: "/", name: "home" },
  { to: "/play", name: "play" },
  { to: "/pairing", name: "pairing" },
  { to: "/devices", name: "devices" },
  { to: "/library", name: "library" },
  { to: "/displays", name: "displays" },
  { to: "/settings", name: "settings" },
  { to: "/logs", name: "logs" },
] as const;
const kOnPhones = 4; // so many fit at the foot of a phone; the rest is under "More"

function useSignOut() {
  const cache = useQueryClient();
  return async () => {
    await answer(api.POST("/api/v1/logout")).catch(() => undefined);
    await cache.invalidateQueries({ queryKey: meQuery.queryKey });
  };
}

function useWaiting(): number {
  const { data } = useQuery(pairingQuery);
  return data ? data.knocking.length + data.waiting_for_pin.length : 0;
}

function Waiting({ count }: { count: number }) {
  const { t } = useI18n();
  if (count === 0) return null;
  return (
    <span className="tabular ml-auto flex h-5 min-w-5 items-center justify-center rounded-full bg-accent px-1.5 text-xs font-bold text-on-accent">
      <span aria-hidden="true">{count}</span>
      <span className="sr-only">{t.shell.waiting(count)}</span>
    </span>
  );
}

function Sidebar() {
  const { t } = useI18n();
  const { data: me } = useQuery(meQuery);
  const waiting = useWaiting();
  const signOut = useSignOut();
  const [open, setOpen] = useState(false);
  return (
    <aside className="w-60 shrink-0 border-r border-line max-lg:hidden">
      <div className="sticky top-0 flex h-dvh flex-col overflow-y-auto px-4 py-7">
      <Link to="/" className="mb-9 flex items-center gap-2.5 rounded-xl px-3 text-xl font-semibold tracking-[-0.03em]">
        <Mark className="size-7" />
        punktfunk
      </Link>
      <nav aria-label={t.shell.navigation}>
        <ul className="flex flex-col gap-1">
          {pages.map(({ to, name }) => (
            <li key={to}>
              <Link
                to={to}
                activeOptions={{ exact: true }}
                className="flex min-h-11 items-center gap-3 rounded-xl px-3 font-medium text-muted transition-colors hover:bg-sunken hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:text-ink"
              >
                <Icon name={name} />
                {t.pages[name]}
                {name === "pairing" && <Waiting count={waiting} />}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="mt-auto">
        <p className="mb-2 flex items-center gap-2 px-3 text-sm text-muted">
          <HostDot />
          <span className="truncate">{me?.hostname}</span>
        </p>
        <Button look="quiet" size="sm" icon="settings" onClick={() => setOpen(true)} className="w-full justify-start">
          {t.shell.appearance}
        </Button>
        <Button look="quiet" size="sm" icon="signOut" onClick={() => void signOut()} className="w-full justify-start">
          {t.shell.signOut}
        </Button>
      </div>
      </div>
      {open && (
        <Dialog title={t.shell.appearance} onClose={() => setOpen(false)}>
          <Appearance />
        </Dialog>
      )}
    </aside>
  );
}

function HostDot() {
  const away = useStreamState() === "away";
  return <span aria-hidden="true" className={`size-2 shrink-0 rounded-full ${away ? "pulse-dot bg-warn" : "bg-good"}`} />;
}

const tab = "relative flex min-h-16 w-full flex-col items-center justify-center gap-0.5 text-xs font-medium text-muted aria-[current=page]:text-accent";

function BottomBar() {
  const { t } = useI18n();
  const waiting = useWaiting();
  const signOut = useSignOut();
  const [open, setOpen] = useState(false);
  const path = useLocation({ select: (location) => location.pathname });
  useEffect(() => setOpen(false), [path]);
  const rest = pages.slice(kOnPhones);
  const item = (name: IconName, label: string) => (
    <>
      <Icon name={name} className="size-6" />
      <span>{label}</span>
    </>
  );
  return (
    <nav aria-label={t.shell.navigation} className="fixed inset-x-0 bottom-0 z-20 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden">
      <ul className="mx-auto grid max-w-xl grid-cols-5">
        {pages.slice(0, kOnPhones).map(({ to, name }) => (
          <li key={to} className="relative">
            <Link to={to} activeOptions={{ exact: true }} className={tab}>
              {item(name, t.pages[name])}
            </Link>
            {name === "pairing" && (
              <span className="pointer-events-none absolute top-1.5 left-1/2 ml-1.5">
                <Waiting count={waiting} />
              </span>
            )}
          </li>
        ))}
        <li>
          <button type="button" onClick={() => setOpen(true)} aria-current={rest.some(({ to }) => to === path) ? "page" : undefined} className={tab}>
            {item("more", t.shell.more)}
          </button>
        </li>
      </ul>
      {open && (
        <Dialog title={t.shell.more} onClose={() => setOpen(false)}>
          <ul className="mb-6 flex flex-col gap-1">
            {rest.map(({ to, name }) => (
              <li key={to}>
                <Link to={to} className="-mx-3 flex min-h-12 items-center gap-3 rounded-xl px-3 font-medium hover:bg-sunken aria-[current=page]:bg-sunken">
                  <Icon name={name} />
                  {t.pages[name]}
                </Link>
              </li>
            ))}
          </ul>
          <Appearance />
          <Button icon="signOut" onClick={() => void signOut()} className="mt-7 w-full">
            {t.shell.signOut}
          </Button>
        </Dialog>
      )}
    </nav>
  );
}

/** Says that the host is away, and that it came back. */
function AwayBanner() {
  const { t } = useI18n();
  const tell = useNotice();
  const state = useStreamState();
  const wasAway = useRef(false);
  useEffect(() => {
    if (state === "live" && wasAway.current) tell(t.shell.back);
    wasAway.current = state === "away" || (wasAway.current && state === "connecting");
  }, [state, t, tell]);
  return (
    <div role="status" className="sticky top-0 z-10">
      {state === "away" && (
        <div className="arrive flex items-center gap-3 bg-warn-soft px-5 py-3 text-warn sm:px-8">
          <Icon name="warning" />
          <p>
            <strong className="font-semibold">{t.shell.away}.</strong> {t.shell.awayDetail}
          </p>
        </div>
      )}
    </div>
  );
}

/** A new page: its top is seen, and its beginning has the focus, so that a keyboard or a screen reader starts there. */
function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null);
  const path = useLocation({ select: (location) => location.pathname });
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path]);
  return main;
}

export function Shell() {
  const { t } = useI18n();
  const { data: me } = useQuery(meQuery);
  const navigate = useNavigate();
  const path = useLocation({ select: (location) => location.pathname });
  const main = useFocusOnNavigation();
  const signedIn = me !== undefined && isSignedIn(me);
  useEffect(() => {
    if (me && !signedIn) void navigate({ to: me.password_set ? "/login" : "/welcome", search: path === "/" ? {} : { next: path } });
  }, [me, signedIn, navigate, path]);
  if (!signedIn) return null;
  return (
    <LiveProvider>
      <a href="#main" className="sr-only z-30 rounded-full bg-ink px-5 py-3 font-semibold text-paper focus:not-sr-only focus:fixed focus:top-3 focus:left-3">
        {t.shell.skip}
      </a>
      <div className="flex min-h-dvh">
        <Sidebar />
        <div className="min-w-0 grow pb-20 lg:pb-0">
          <AwayBanner />
          <main id="main" ref={main} tabIndex={-1}>
            <Outlet />
          </main>
        </div>
      </div>
      <BottomBar />
    </LiveProvider>
  );
}
