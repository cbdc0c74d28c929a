// One running stream: who, what it shows, how it goes, and what can be done about it.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api, type Session } from "../../api/client";
import { useI18n } from "../../i18n/i18n";
import { plain } from "../../lib/format";
import { useNow } from "../../lib/now";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { useNotice } from "../../ui/notices";
import { Card, Facts, Failure, Tag } from "../../ui/page";
import { Figures } from "./figures";
import { StageBar } from "./stage_bar";
import { Thumbnail } from "./thumbnail";

export function SessionCard({ session }: { session: Session }) {
  const { t, f } = useI18n();
  const tell = useNotice();
  const now = useNow(1000);
  const [asking, setAsking] = useState(false);
  const path = { params: { path: { id: session.id } } };
  const keyframe = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/sessions/{id}/idr", path)),
    onSuccess: () => tell(t.session.idrDone),
  });
  const stop = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/sessions/{id}", path)),
    onSuccess: () => {
      setAsking(false);
      tell(t.session.stopped);
    },
  });
  const { mode, rights } = session;
  const watches = !rights.input && !rights.controllers && !rights.microphone;
  return (
    <Card label={session.device.name} className="arrive overflow-hidden">
      <div className="grid gap-6 p-5 sm:p-7 md:grid-cols-[minmax(0,20rem)_minmax(0,1fr)]">
        <Thumbnail session={session} />
        <div className="flex min-w-0 flex-col">
          <div className="mb-2 flex flex-wrap items-center gap-2">
            <Tag tone={session.state === "streaming" ? "good" : "neutral"} dot>
              {t.session[session.state]}
            </Tag>
            <Tag>{t.session.protocol[session.protocol]}</Tag>
            {watches && <Tag tone="accent">{t.session.viewOnly}</Tag>}
          </div>
          <h2 className="text-2xl font-semibold [overflow-wrap:anywhere]">{session.device.name}</h2>
          <p className="text-muted [overflow-wrap:anywhere]">
            {session.app} · {mode.width} × {mode.height}
          </p>
          <p className="tabular mt-1 text-muted">
            {t.session.running} {f.duration((now - Date.parse(session.started_at)) / 1000)}
          </p>
          <div className="mt-auto flex flex-wrap gap-2.5 pt-5">
            <Button size="sm" icon="keyframe" busy={keyframe.isPending} onClick={() => keyframe.mutate()}>
              {t.session.idr}
            </Button>
            <Button size="sm" look="danger" icon="stop" onClick={() => setAsking(true)}>
              {t.session.stop}
            </Button>
          </div>
          <Failure error={keyframe.error} className="mt-3" />
        </div>
      </div>
      <Figures session={session} />
      <div className="border-t border-line px-5 py-5 sm:px-7">
        <StageBar latency={session.stats.latency_us} />
        <details className="group mt-5">
          <summary className="w-fit rounded font-medium text-muted hover:text-ink">{t.session.details}</summary>
          <div className="mt-3">
            <Facts
              rows={[
                [t.session.address, session.address],
                [t.session.mode, `${mode.width} × ${mode.height}, ${mode.refresh_hz} Hz`],
                [t.session.codec, session.codec.toUpperCase().replace("H26", "H.26")],
                [t.session.encoder, session.encoder ?? t.session.starting],
                [t.session.compositor, session.compositor],
                [t.session.rtt, plain(f.latency(session.stats.rtt_us))],
                [t.session.keyframes, f.integer(session.stats.keyframes)],
                [t.session.rebuilds, f.integer(session.stats.rebuilds)],
                [t.session.sent, plain(f.bytes(session.stats.bytes_sent))],
              ]}
            />
          </div>
        </details>
      </div>
      {asking && (
        <Confirm
          title={t.session.stopTitle(session.device.name)}
          detail={t.session.stopDetail}
          action={t.session.stop}
          busy={stop.isPending}
          error={<Failure error={stop.error} className="mt-4" />}
          onConfirm={() => stop.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </Card>
  );
}
