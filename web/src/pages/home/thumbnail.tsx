// What a client sees, small. A new picture is fetched when the host has told new figures: no timer runs here.
import { useEffect, useRef, useState } from "react";

import type { Session } from "../../api/client";
import { useI18n } from "../../i18n/i18n";
import { useSamples } from "../../live/live";

const kEveryMs = 2500;

export function Thumbnail({ session }: { session: Session }) {
  const { t } = useI18n();
  const sampled = useSamples(session.id).at(-1)?.at ?? 0;
  const last = useRef(0);
  const [version, setVersion] = useState(0);
  const [there, setThere] = useState(false);
  useEffect(() => {
    if (sampled - last.current < kEveryMs) return;
    last.current = sampled;
    setVersion(sampled);
  }, [sampled]);
  const { width, height } = session.mode;
  return (
    <div
      className="dots-screen relative flex w-full items-center justify-center self-start overflow-hidden rounded-2xl bg-screen"
      style={{ aspectRatio: `${Math.max(width, 1)} / ${Math.max(height, 1)}` }}
    >
      {!there && <p className="px-4 text-center text-sm text-on-screen">{t.session.noPicture}</p>}
      <img
        key={session.id}
        src={`/api/v1/sessions/${encodeURIComponent(session.id)}/thumbnail?at=${version}`}
        alt={t.session.thumbnail(session.device.name)}
        onLoad={() => setThere(true)}
        onError={() => setThere(false)}
        className={`absolute inset-0 size-full object-contain ${there ? "" : "invisible"}`}
      />
    </div>
  );
}
