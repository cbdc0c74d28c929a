// Adds, changes or removes an entry of the operator's own.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { answer, api, type GameEntry } from "../../api/client";
import { libraryQuery } from "../../api/queries";
import { useI18n } from "../../i18n/i18n";
import { Button } from "../../ui/button";
import { Confirm, Dialog } from "../../ui/dialog";
import { Choice, TextField } from "../../ui/field";
import { useNotice } from "../../ui/notices";
import { Failure } from "../../ui/page";
import { customId, type Draft, draftOf, inputOf, type Kind, mistakes } from "./custom";
import { artOf } from "./entry_tile";
import { type PictureChoice, PictureField } from "./picture_field";

async function savePicture(id: string, choice: PictureChoice, had: boolean): Promise<void> {
  const path = { params: { path: { id, kind: "portrait" as const } } };
  if (choice.kind === "new") {
    // The contract's type of a picture is what OpenAPI has for bytes; what is sent is the picture.
    const body = choice.blob as unknown as string;
    await answer(
      api.PUT("/api/v1/library/custom/{id}/art/{kind}", { ...path, body, bodySerializer: () => choice.blob, headers: { "Content-Type": choice.blob.type } }),
    );
  } else if (choice.kind === "remove" && had) {
    await answer(api.DELETE("/api/v1/library/custom/{id}/art/{kind}", path));
  }
}

const kinds: Kind[] = ["command", "steam_appid", "none"];

export function EntryDialog({ entry, onClose }: { entry: GameEntry | null; onClose: () => void }) {
  const { t } = useI18n();
  const tell = useNotice();
  const cache = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(entry));
  const id = useRef(entry && customId(entry));
  const [tried, setTried] = useState(false);
  const [picture, setPicture] = useState<PictureChoice>({ kind: "keep" });
  const [removing, setRemoving] = useState(false);
  const set = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }));
  const wrong = mistakes(draft);
  const done = async (text: string) => {
    await cache.invalidateQueries({ queryKey: libraryQuery.queryKey });
    tell(text);
    onClose();
  };
  const save = useMutation({
    mutationFn: async () => {
      const body = inputOf(draft, entry);
      const saved = id.current
        ? await answer(api.PUT("/api/v1/library/custom/{id}", { params: { path: { id: id.current } }, body }))
        : await answer(api.POST("/api/v1/library/custom", { body }));
      id.current = saved.id; // a picture that is refused, and tried again, makes no second entry
      await savePicture(saved.id, picture, entry?.art.portrait !== undefined);
      return saved;
    },
    onSuccess: (saved) => done(entry ? t.library.saved(saved.title) : t.library.created(saved.title)),
  });
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/library/custom/{id}", { params: { path: { id: entry ? customId(entry) : "" } } })),
    onSuccess: () => done(t.library.removed(draft.title)),
  });
  if (removing)
    return (
      <Confirm
        title={t.library.removeTitle(entry?.title ?? "")}
        detail={t.library.removeDetail}
        action={t.common.remove}
        busy={remove.isPending}
        error={<Failure error={remove.error} className="mt-4" />}
        onConfirm={() => remove.mutate()}
        onClose={() => setRemoving(false)}
      />
    );
  const message = (mistake: keyof typeof wrong) => {
    const what = tried ? wrong[mistake] : undefined;
    return what ? t.library[what] : null;
  };
  return (
    <Dialog title={entry ? t.library.editTitle(entry.title) : t.library.addTitle} onClose={onClose}>
      <form
        noValidate
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!wrong.title && !wrong.value) save.mutate();
        }}
      >
        <TextField label={t.library.title} value={draft.title} maxLength={128} data-autofocus error={message("title")} onChange={(event) => set({ title: event.target.value })} />
        <div>
          <p className="mb-1.5 text-sm font-semibold">{t.library.kind}</p>
          <Choice legend={t.library.kind} value={draft.kind} options={kinds.map((value) => ({ value, label: t.library.kinds[value] }))} onChange={(kind) => set({ kind })} />
        </div>
        {draft.kind === "command" && (
          <TextField
            label={t.library.command}
            help={t.library.commandHelp}
            value={draft.value}
            maxLength={8192}
            spellCheck={false}
            autoCapitalize="none"
            error={message("value")}
            onChange={(event) => set({ value: event.target.value })}
            className="font-mono text-sm"
          />
        )}
        {draft.kind === "steam_appid" && (
          <TextField label={t.library.appid} value={draft.value} inputMode="numeric" maxLength={10} error={message("value")} onChange={(event) => set({ value: event.target.value })} />
        )}
        <PictureField current={entry && (artOf(entry, location.origin)?.url ?? null)} choice={picture} onChoice={setPicture} />
        <Failure error={save.error} />
        <div className="mt-2 flex flex-wrap justify-end gap-3">
          {entry && (
            <Button look="danger" icon="trash" onClick={() => setRemoving(true)} className="mr-auto">
              {t.common.remove}
            </Button>
          )}
          <Button look="quiet" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" look="primary" busy={save.isPending}>
            {t.common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
