// What pages are made of.
import { type ReactNode, useEffect, useState } from "react";

import { ApiError } from "../api/client";
import { useI18n } from "../i18n/i18n";
import { Button } from "./button";
import { Icon, type IconName } from "./icons";
import { Refusal } from "./refusal";

export function Page({ title, lead, actions, children }: { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · punktfunk`;
  }, [title]);
  return (
    <div className="mx-auto w-full max-w-5xl px-5 pt-8 pb-12 sm:px-8 lg:pt-12">
      <header className="mb-8 flex flex-wrap items-end justify-between gap-x-8 gap-y-4">
        <div className="max-w-2xl">
          <h1 className="text-3xl font-semibold tracking-[-0.03em] sm:text-4xl">{title}</h1>
          {lead && <p className="mt-2 text-muted">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-3">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Card({ children, className = "", label }: { children: ReactNode; className?: string; label?: string }) {
  return (
    <section aria-label={label} className={`rounded-card border border-line bg-surface shadow-lift ${className}`}>
      {children}
    </section>
  );
}

export function Section({ title, detail, children, className = "" }: { title: string; detail?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={`mb-10 ${className}`}>
      <h2 className="text-xl font-semibold">{title}</h2>
      {detail && <p className="mt-1 max-w-2xl text-muted">{detail}</p>}
      <div className="mt-4">{children}</div>
    </section>
  );
}

/** What stands where nothing is yet: what this place is for, and what to do next. */
export function Empty({ icon, title, children, action }: { icon: IconName; title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="dots rounded-card border border-line p-3 sm:p-6">
      <div className="mx-auto max-w-lg rounded-card bg-surface px-6 py-10 text-center sm:px-10 sm:py-12">
        <span className="mx-auto mb-5 flex size-14 items-center justify-center rounded-full bg-accent-soft text-accent-ink">
          <Icon name={icon} className="size-7" />
        </span>
        <h2 className="text-xl font-semibold">{title}</h2>
        <div className="mt-2 text-muted">{children}</div>
        {action && <div className="mt-7 flex justify-center">{action}</div>}
      </div>
    </div>
  );
}

export function Quiet({ children }: { children: ReactNode }) {
  return <p className="rounded-card border border-dashed border-edge px-5 py-6 text-muted">{children}</p>;
}

const tones = {
  neutral: "bg-sunken text-muted",
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
  accent: "bg-accent-soft text-accent-ink",
};
export type Tone = keyof typeof tones;

export function Tag({ tone = "neutral", children, dot = false }: { tone?: Tone; children: ReactNode; dot?: boolean }) {
  return (
    <span className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-sm font-medium whitespace-nowrap ${tones[tone]}`}>
      {dot && <span className="size-2 rounded-full bg-current" aria-hidden="true" />}
      {children}
    </span>
  );
}

/** What the host refused. */
export function Failure({ error, className = "" }: { error: unknown; className?: string }) {
  const { t } = useI18n();
  if (!error) return null;
  return (
    <div role="alert" className={`flex items-start gap-2.5 rounded-2xl bg-danger-soft px-4 py-3 text-danger ${className}`}>
      <Icon name="warning" className="mt-0.5 size-5" />
      <p className="[overflow-wrap:anywhere]">
        <strong className="font-semibold">{t.common.failed}</strong>
        <br />
        {error instanceof ApiError ? <Refusal error={error} /> : t.common.hostAway}
      </p>
    </div>
  );
}

interface LoadedProps<T> {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/** A read resource: its content, why there is none, or (only when it takes a while) that it is on its way. */
export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  const { t } = useI18n();
  const [slow, setSlow] = useState(false);
  const missing = query.data === undefined;
  useEffect(() => {
    if (!missing) return;
    const timer = setTimeout(() => setSlow(true), 250);
    return () => clearTimeout(timer);
  }, [missing]);
  if (query.data !== undefined) return children(query.data);
  if (query.error)
    return (
      <div className="flex flex-wrap items-center gap-4">
        <Failure error={query.error} className="grow" />
        <Button icon="reset" onClick={() => query.refetch()}>
          {t.common.retry}
        </Button>
      </div>
    );
  if (!slow) return null;
  return (
    <div role="status">
      <span className="sr-only">{t.common.loading}</span>
      {skeleton ?? <div className="skeleton h-40" />}
    </div>
  );
}

/** Names and their values, aligned. */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="tabular [overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Code({ children }: { children: ReactNode }) {
  return <code className="rounded-md bg-sunken px-1.5 py-0.5 font-mono text-[0.875em] [overflow-wrap:anywhere]">{children}</code>;
}
