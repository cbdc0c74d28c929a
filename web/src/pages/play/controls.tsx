// A bar over the picture that goes away while one plays.
import { Link } from "@tanstack/react-router";
import { type Ref, type RefObject, useEffect, useRef, useState } from "react";

import { useI18n } from "../../i18n/i18n";
import { plain } from "../../lib/format";
import { Icon, type IconName } from "../../ui/icons";
import { textEvents } from "./input";
import { virtualKey } from "./keys";
import type { PlayState } from "./use_play";
import { type InputEvent, InputKind, inputEvent } from "./wire";

const kShownMs = 3000;

/** True for a while after the pointer moved, and while the bar has the focus. */
function useShown(root: RefObject<HTMLElement | null>, bar: RefObject<HTMLElement | null>): boolean {
  const [shown, setShown] = useState(true);
  useEffect(() => {
    const ends = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const show = () => {
      setShown(true);
      clearTimeout(timer);
      timer = setTimeout(hide, kShownMs);
    };
    const hide = () => {
      if (bar.current?.contains(document.activeElement) || bar.current?.matches(":hover")) timer = setTimeout(hide, kShownMs);
      else setShown(false);
    };
    show();
    for (const name of ["pointermove", "pointerdown", "focusin"] as const)
      root.current?.addEventListener(name, show, { signal: ends.signal });
    return () => {
      ends.abort();
      clearTimeout(timer);
    };
  }, [root, bar]);
  return shown;
}

const item = "inline-flex min-h-11 min-w-11 items-center justify-center gap-2 rounded-full px-3 text-sm font-semibold hover:bg-on-screen/20";

function Act({ icon, label, pressed, onClick, ref }: { icon: IconName; label: string; pressed?: boolean; onClick: () => void; ref?: Ref<HTMLButtonElement> }) {
  return (
    <button ref={ref} type="button" aria-label={label} title={label} aria-pressed={pressed} onClick={onClick} className={item}>
      <Icon name={icon} />
    </button>
  );
}

const press = (code: string): InputEvent[] => {
  const key = virtualKey(code) ?? 0;
  return [inputEvent(InputKind.KeyDown, key), inputEvent(InputKind.KeyUp, key)];
};

/** Calls a phone's keyboard up; what it types is sent as text. */
function SoftKeyboard({ onText }: { onText: (events: readonly InputEvent[]) => void }) {
  const { t } = useI18n();
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const element = input.current;
    const before = (event: InputEvent_) => {
      event.preventDefault();
      if (event.inputType === "deleteContentBackward") onText(press("Backspace"));
      else if (event.inputType === "insertLineBreak" || event.inputType === "insertParagraph") onText(press("Enter"));
      else if (event.data) onText(textEvents(event.data));
    };
    element?.addEventListener("beforeinput", before);
    return () => element?.removeEventListener("beforeinput", before);
  }, [onText]);
  return (
    <>
      <span className="hidden pointer-coarse:contents">
        <Act icon="keyboard" label={t.play.keyboard} onClick={() => input.current?.focus()} />
      </span>
      <textarea ref={input} aria-label={t.play.keyboard} tabIndex={-1} autoCapitalize="none" autoComplete="off" spellCheck={false} className="absolute size-px opacity-0" />
    </>
  );
}
type InputEvent_ = globalThis.InputEvent;

interface ControlsProps {
  ref: Ref<HTMLButtonElement>;
  root: RefObject<HTMLElement | null>;
  canvas: RefObject<HTMLCanvasElement | null>;
  state: Extract<PlayState, { phase: "playing" }>;
  muted: boolean;
  onMute: (muted: boolean) => void;
  onText: (events: readonly InputEvent[]) => void;
  onUnlock: () => void;
}

export function Controls({ ref, root, canvas, state, muted, onMute, onText, onUnlock }: ControlsProps) {
  const { t, f } = useI18n();
  const bar = useRef<HTMLDivElement>(null);
  const shown = useShown(root, bar);
  const back = () => canvas.current?.focus({ preventScroll: true });
  const fullscreen = async () => {
    if (document.fullscreenElement) {
      await document.exitFullscreen();
    } else {
      await root.current?.requestFullscreen({ navigationUI: "hide" }).catch(() => undefined);
      // Alt+Tab and the like go to the desktop too, where the browser lets them.
      const { keyboard } = navigator as { keyboard?: { lock?: () => Promise<void> } };
      await keyboard?.lock?.().catch(() => undefined);
    }
    back();
  };
  const { mode, figures } = state;
  return (
    <div
      ref={bar}
      role="toolbar"
      aria-label={t.play.controls}
      className={`absolute top-3 left-1/2 flex w-max max-w-[calc(100%-1.5rem)] -translate-x-1/2 flex-col items-center rounded-3xl bg-screen/90 px-2 text-on-screen transition-opacity duration-300 ${shown ? "" : "pointer-events-none opacity-0"}`}
    >
      <div className="flex flex-wrap items-center justify-center sm:gap-x-1">
        <Link to="/" aria-label={t.play.leave} title={t.play.leave} className={item}>
          <Icon name="close" />
        </Link>
        <p className="tabular px-2 text-sm">
          <span className="max-sm:sr-only">
            {mode.width} × {mode.height} ·{" "}
          </span>
          {figures && `${plain(f.fps(figures.fps))} · ${plain(f.bitrate(figures.kbps))}`}
        </p>
        <Act ref={ref} icon="expand" label={t.play.fullscreen} onClick={() => void fullscreen()} />
        <span className="contents pointer-coarse:hidden">
          <Act
            icon="mouse"
            label={t.play.capture}
            onClick={() => {
              back();
              void canvas.current?.requestPointerLock();
            }}
          />
        </span>
        {state.sound && (
          <Act
            icon={muted ? "soundOff" : "sound"}
            label={t.play.mute}
            pressed={muted}
            onClick={() => {
              onUnlock();
              onMute(!muted);
              back();
            }}
          />
        )}
        <SoftKeyboard onText={onText} />
      </div>
      <p className="pb-2 text-center text-xs  pointer-coarse:hidden">{t.play.escape}</p>
    </div>
  );
}
