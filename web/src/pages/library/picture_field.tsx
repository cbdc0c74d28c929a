// Chooses a picture for an entry. Shown by a canvas: the console's Content-Security-Policy knows no blob: addresses.
import { useEffect, useId, useRef, useState } from "react";

import { useI18n } from "../../i18n/i18n";
import { Button, buttonClass } from "../../ui/button";
import { FieldError } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { kPictureTypes, preparePicture } from "./picture";

export type PictureChoice = { kind: "keep" } | { kind: "remove" } | { kind: "new"; blob: Blob };

interface PictureFieldProps {
  current: string | null; // the picture that the entry has
  choice: PictureChoice;
  onChoice: (choice: PictureChoice) => void;
}

export function PictureField({ current, choice, onChoice }: PictureFieldProps) {
  const { t } = useI18n();
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const [unreadable, setUnreadable] = useState(false);
  useEffect(() => {
    if (choice.kind !== "new" || !canvas.current) return;
    const shown = canvas.current;
    shown.className = "size-full object-cover";
    place.current?.append(shown);
    return () => shown.remove();
  }, [choice]);
  const choose = async (file: File | undefined) => {
    if (!file) return;
    const prepared = await preparePicture(file);
    setUnreadable(prepared === null);
    if (!prepared) return;
    canvas.current = prepared.canvas;
    onChoice({ kind: "new", blob: prepared.blob });
  };
  const has = choice.kind === "new" || (choice.kind === "keep" && current !== null);
  return (
    <div>
      <p className="mb-1.5 flex items-baseline justify-between gap-3 text-sm font-semibold">
        {t.library.picture}
        <span className="font-normal text-muted">{t.common.optional}</span>
      </p>
      <div className="flex items-center gap-4">
        <div ref={place} className="dots flex aspect-2/3 w-20 shrink-0 items-center justify-center overflow-hidden rounded-xl border border-line bg-sunken">
          {choice.kind === "keep" && current ? <img src={current} alt="" className="size-full object-cover" /> : choice.kind !== "new" && <Icon name="library" className="size-6 text-muted" />}
        </div>
        <div className="flex min-w-0 flex-col items-start gap-2">
          <label htmlFor={id} className={`${buttonClass("plain", "sm")} has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent`}>
            {t.library.choosePicture}
            <input
              id={id}
              type="file"
              accept={kPictureTypes}
              className="sr-only"
              onChange={(event) => {
                void choose(event.target.files?.[0]);
                event.target.value = "";
              }}
            />
          </label>
          {has && (
            <Button look="quiet" size="sm" onClick={() => onChoice({ kind: "remove" })}>
              {t.library.removePicture}
            </Button>
          )}
          <p className="text-sm text-muted" aria-live="polite">
            {unreadable ? <FieldError>{t.library.unreadable}</FieldError> : t.library.pictureHelp}
          </p>
        </div>
      </div>
    </div>
  );
}
