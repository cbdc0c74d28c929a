// The desktop, in this page.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";

import { meQuery } from "../api/queries";
import { useI18n } from "../i18n/i18n";
import { Front } from "../shell/front";
import { Button, buttonClass } from "../ui/button";
import { Icon } from "../ui/icons";
import { Card } from "../ui/page";
import { Controls } from "./play/controls";
import { type PlayState, usePlay } from "./play/use_play";

/** What stands where the picture is not: how far it is, or how it ended. */
function Curtain({ state, again }: { state: PlayState; again: () => void }) {
  const { t } = useI18n();
  if (state.phase === "playing") return null;
  if (state.phase === "connecting")
    return (
      <p role="status" className="absolute inset-0 flex items-center justify-center gap-3 text-on-screen">
        <span className="pulse-dot size-2.5 rounded-full bg-accent" aria-hidden="true" />
        {t.play.connecting}
      </p>
    );
  const said = state.code === null ? undefined : t.play.ended[state.code];
  return (
    <div role="alert" className="absolute inset-0 flex items-center justify-center p-5">
      <Card className="w-full max-w-md p-7 text-center sm:p-9">
        <h1 className="text-2xl font-semibold">{t.play.over}</h1>
        <p className="mt-2 text-muted [overflow-wrap:anywhere]">{said ?? (state.reason ? null : t.play.broken)}</p>
        {state.reason && (
          <p lang="en" className="text-muted [overflow-wrap:anywhere]">
            {state.reason}
          </p>
        )}
        <div className="mt-7 flex flex-wrap justify-center gap-3">
          <Link to="/" className={buttonClass()}>
            {t.pages.home}
          </Link>
          <Button look="primary" icon="play" autoFocus onClick={again}>
            {t.play.again}
          </Button>
        </div>
      </Card>
    </div>
  );
}

function Unsupported() {
  const { t } = useI18n();
  return (
    <Front>
      <Card className="w-full max-w-md p-7 sm:p-9">
        <h1 className="text-2xl font-semibold">{t.play.unsupported}</h1>
        <p className="mt-2 mb-6 text-muted">{t.play.unsupportedDetail}</p>
        <Link to="/" className={buttonClass("primary")}>
          <Icon name="home" />
          {t.pages.home}
        </Link>
      </Card>
    </Front>
  );
}

function Player() {
  const { t } = useI18n();
  const { data: me } = useQuery(meQuery);
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const controls = useRef<HTMLButtonElement>(null);
  const [muted, setMuted] = useState(false);
  const toControls = useCallback(() => controls.current?.focus(), []);
  const play = usePlay(canvas, toControls);
  const { state, setMuted: muteSound } = play;
  useEffect(() => muteSound(muted), [muted, muteSound]);
  useEffect(() => {
    document.title = `${t.pages.play} · punktfunk`;
  }, [t]);
  return (
    <div ref={root} className="fixed inset-0 bg-screen">
      <canvas
        ref={canvas}
        // The picture takes keyboard and mouse; Ctrl+Alt+Shift+Q gives them back.
        tabIndex={0}
        role="application"
        aria-label={t.play.picture(me?.hostname ?? "")}
        className="size-full touch-none object-contain outline-none select-none"
      />
      <Curtain state={state} again={play.again} />
      {state.phase === "playing" && (
        <Controls ref={controls} root={root} canvas={canvas} state={state} muted={muted} onMute={setMuted} onText={play.send} onUnlock={play.unlock} />
      )}
    </div>
  );
}

export function PlayPage() {
  const able = "VideoDecoder" in window && "EncodedVideoChunk" in window;
  return able ? <Player /> : <Unsupported />;
}
