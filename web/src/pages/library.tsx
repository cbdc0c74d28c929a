// What a client can start.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { GameEntry } from "../api/client";
import { libraryQuery } from "../api/queries";
import { useI18n } from "../i18n/i18n";
import { Button } from "../ui/button";
import { inputClass } from "../ui/field";
import { Icon } from "../ui/icons";
import { Empty, Loaded, Page } from "../ui/page";
import { EntryDialog } from "./library/entry_dialog";
import { EntryTile } from "./library/entry_tile";

export function LibraryPage() {
  const { t } = useI18n();
  const library = useQuery(libraryQuery);
  const [open, setOpen] = useState<GameEntry | "new" | null>(null);
  const [search, setSearch] = useState("");
  const add = (
    <Button look="primary" icon="plus" onClick={() => setOpen("new")}>
      {t.library.add}
    </Button>
  );
  const wanted = search.trim().toLocaleLowerCase();
  return (
    <Page title={t.pages.library} lead={t.library.lead} actions={library.data?.length ? add : null}>
      <Loaded query={library}>
        {(entries) => {
          if (!entries.length)
            return (
              <Empty icon="library" title={t.library.none} action={add}>
                {t.library.noneDetail}
              </Empty>
            );
          const found = entries.filter(({ title }) => title.toLocaleLowerCase().includes(wanted));
          return (
            <>
              <div className="mb-6 flex flex-wrap items-center gap-x-5 gap-y-3">
                <label className="relative block w-full sm:w-72">
                  <span className="sr-only">{t.library.search}</span>
                  <Icon name="search" className="pointer-events-none absolute top-1/2 left-3.5 size-5 -translate-y-1/2 text-muted" />
                  <input type="search" value={search} placeholder={t.library.search} onChange={(event) => setSearch(event.target.value)} className={`${inputClass} pl-11`} />
                </label>
                <p className="text-muted" role="status">
                  {found.length || !wanted ? t.library.count(found.length) : t.library.noMatch(search.trim())}
                </p>
              </div>
              <ul className="grid grid-cols-2 gap-x-4 gap-y-6 sm:grid-cols-3 sm:gap-x-6 lg:grid-cols-4 xl:grid-cols-5">
                {found.map((entry) => (
                  <li key={entry.id}>
                    <EntryTile entry={entry} onEdit={() => setOpen(entry)} />
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </Loaded>
      {open !== null && <EntryDialog entry={open === "new" ? null : open} onClose={() => setOpen(null)} />}
    </Page>
  );
}
