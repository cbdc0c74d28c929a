// One app or game: its picture, or its title where the picture would be.
import { useState } from "react";

import type { GameEntry } from "../../api/client";
import { useI18n } from "../../i18n/i18n";
import { IconButton } from "../../ui/button";
import { isCustom } from "./custom";

/** The picture to show, and whether it may be cut to fill the tile: an icon may not. Only this host's own: the console's
 *  Content-Security-Policy loads nothing from elsewhere. */
export function artOf(entry: GameEntry, origin: string): { url: string; fills: boolean } | null {
  const { portrait, header, hero, logo } = entry.art;
  for (const url of [portrait, header, hero, logo]) {
    if (!url) continue;
    try {
      if (new URL(url, origin).origin === origin) return { url, fills: url !== logo };
    } catch {
      // not an address
    }
  }
  return null;
}

/** What stands for a title: the first letters of its first two words. */
export function initials(title: string): string {
  const words = title.match(/[\p{L}\p{N}][\p{L}\p{N}'’]*/gu) ?? [];
  return words
    .slice(0, 2)
    .map((word) => [...word][0]?.toLocaleUpperCase() ?? "")
    .join("");
}

export function EntryTile({ entry, onEdit }: { entry: GameEntry; onEdit: () => void }) {
  const { t } = useI18n();
  const [broken, setBroken] = useState(false);
  const art = broken ? null : artOf(entry, location.origin);
  return (
    <article className="group relative">
      <div className="relative aspect-2/3 overflow-hidden rounded-2xl border border-line bg-sunken shadow-lift">
        {art ? (
          <img src={art.url} alt="" loading="lazy" onError={() => setBroken(true)} className={art.fills ? "size-full object-cover" : "size-full object-contain p-[22%]"} />
        ) : (
          <div aria-hidden="true" className="dots flex size-full items-end p-4">
            <span className="text-6xl leading-none font-semibold tracking-[-0.04em] text-edge">{initials(entry.title)}</span>
          </div>
        )}
        {isCustom(entry) && (
          <IconButton icon="edit" label={t.library.editTitle(entry.title)} onClick={onEdit} className="absolute top-2 right-2 bg-surface text-ink shadow-lift" />
        )}
      </div>
      <h2 className="mt-2.5 truncate font-semibold" title={entry.title}>
        {entry.title}
      </h2>
      <p className="truncate text-sm text-muted">{t.library.store[entry.store] ?? entry.store}</p>
    </article>
  );
}
