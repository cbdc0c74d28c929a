// The host's log, live.
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";

import { ApiError, answer, api, type LogEntry } from "../api/client";
import { useI18n } from "../i18n/i18n";
import { useEventStream } from "../live/live";
import { Button, buttonClass } from "../ui/button";
import { Choice, inputClass } from "../ui/field";
import { Icon } from "../ui/icons";
import { Failure, Page } from "../ui/page";
import { type Level, LogBuffer, levels, matching } from "./logs/log_buffer";

const kFirstLines = 500;

function useLog(): { entries: readonly LogEntry[]; loaded: boolean; error: unknown } {
  const [buffer] = useState(() => new LogBuffer());
  const [loaded, setLoaded] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // Opened first, read then: nothing falls between the two.
  const catchUp = async () => {
    try {
      const after = buffer.lastId;
      const query = after > 0 ? { after, limit: 1000 } : { limit: kFirstLines };
      const page = await answer(api.GET("/api/v1/logs", { params: { query } }));
      if (!buffer.addPage(page)) buffer.replace(await answer(api.GET("/api/v1/logs", { params: { query: { limit: kFirstLines } } })));
      setError(null);
      setLoaded(true);
    } catch (cause) {
      if (cause instanceof ApiError) setError(cause); // a host that is away comes back, and the stream says so
    }
  };
  useEventStream(() => ({
    url: "/api/v1/events?topics=log",
    onEvent: (event) => {
      if (event.type === "log") buffer.add(JSON.parse(event.data) as LogEntry);
    },
    onState: (state) => {
      if (state === "live") void catchUp();
    },
  }));
  return { entries: useSyncExternalStore(buffer.subscribe, buffer.snapshot), loaded, error };
}

const levelLook: Record<Level, string> = { debug: "text-muted", info: "text-muted", warn: "text-warn", error: "text-danger" };
const lineLook: Record<Level, string> = { debug: "text-muted", info: "", warn: "bg-warn-soft/60", error: "bg-danger-soft/60" };

function Line({ entry }: { entry: LogEntry }) {
  const { t, f } = useI18n();
  return (
    <li className={`grid gap-x-4 px-4 py-1 sm:grid-cols-[auto_4.5rem_minmax(0,1fr)] sm:px-5 max-sm:grid-cols-[auto_1fr] ${lineLook[entry.level]}`}>
      <time dateTime={entry.time} title={f.moment(Date.parse(entry.time))} className="tabular text-muted">
        {f.timeOfDay(Date.parse(entry.time))}
      </time>
      <span className={`font-semibold ${levelLook[entry.level]}`}>{t.logs.levels[entry.level]}</span>
      <span className="whitespace-pre-wrap [overflow-wrap:anywhere] max-sm:col-span-2">{entry.message}</span>
    </li>
  );
}

/** Keeps the newest line in view for as long as the person has not scrolled away from it. */
function useFollow(newest: number) {
  const ref = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  useLayoutEffect(() => {
    const box = ref.current;
    if (box && following) box.scrollTop = box.scrollHeight;
  }, [following, newest]);
  const onScroll = () => {
    const box = ref.current;
    if (box) setFollowing(box.scrollHeight - box.scrollTop - box.clientHeight < 24);
  };
  return { ref, following, onScroll, follow: () => setFollowing(true) };
}

export function LogsPage() {
  const { t } = useI18n();
  const { entries, loaded, error } = useLog();
  const [level, setLevel] = useState<Level>("info");
  const [text, setText] = useState("");
  const [frozen, setFrozen] = useState<readonly LogEntry[] | null>(null);
  const shown = matching(frozen ?? entries, level, text);
  const missed = frozen ? entries.filter(({ id }) => id > (frozen.at(-1)?.id ?? 0)).length : 0;
  const { ref, following, onScroll, follow } = useFollow(shown.at(-1)?.id ?? 0);
  useEffect(() => follow(), [level, text]);
  return (
    <Page
      title={t.pages.logs}
      lead={t.logs.lead}
      actions={
        <a href="/api/v1/support-bundle" download title={t.logs.bundleDetail} className={buttonClass()}>
          <Icon name="download" />
          {t.logs.bundle}
        </a>
      }
    >
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <Choice legend={t.logs.level} value={level} options={levels.map((value) => ({ value, label: t.logs.levels[value] }))} onChange={setLevel} />
        <label className="relative block min-w-48 flex-1">
          <span className="sr-only">{t.logs.filter}</span>
          <Icon name="search" className="pointer-events-none absolute top-1/2 left-3.5 size-5 -translate-y-1/2 text-muted" />
          <input type="search" value={text} placeholder={t.logs.filter} onChange={(event) => setText(event.target.value)} className={`${inputClass} pl-11`} />
        </label>
        <Button icon={frozen ? "play" : "pause"} aria-pressed={frozen !== null} onClick={() => setFrozen(frozen ? null : entries)}>
          {frozen ? t.logs.resume : t.logs.pause}
        </Button>
      </div>
      <Failure error={error} className="mb-4" />
      <div className="relative">
        <div
          ref={ref}
          onScroll={onScroll}
          role="region"
          aria-label={t.logs.list}
          // Scrolled by keyboard, so it can have the focus.
          tabIndex={0}
          className="h-[max(20rem,calc(100dvh-23rem))] lg:h-[max(20rem,calc(100dvh-16.5rem))] overflow-y-auto overscroll-contain rounded-card border border-line bg-surface py-3 font-mono text-[0.8125rem] leading-relaxed"
        >
          {shown.length ? (
            <ol>
              {shown.map((entry) => (
                <Line key={entry.id} entry={entry} />
              ))}
            </ol>
          ) : (
            loaded && <p className="px-5 py-3 font-sans text-base text-muted">{entries.length ? t.logs.noMatch : t.logs.none}</p>
          )}
        </div>
        <div className="absolute inset-x-0 bottom-4 flex justify-center gap-2">
          {frozen && (
            <p role="status" className="tabular rounded-full bg-ink px-4 py-2 text-sm font-medium text-paper shadow-lift">
              {t.logs.paused(missed)}
            </p>
          )}
          {!following && (
            <Button size="sm" icon="down" onClick={follow} className="bg-raised shadow-lift">
              {t.logs.follow}
            </Button>
          )}
        </div>
      </div>
    </Page>
  );
}
