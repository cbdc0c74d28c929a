// Listens to keyboard, mouse, touch and wheel on the picture.
import { containedBox, Held, mouseButton, pointIn, Wheel } from "./input";
import { isEscape, virtualKey } from "./keys";
import { type InputEvent, InputKind, inputEvent, spaceFlags } from "./wire";

export interface CaptureOptions {
  send: (events: readonly InputEvent[]) => void;
  /** The person wants the page's own controls. */
  onEscape: () => void;
}

/** Until the returned function is called. */
export function captureInput(canvas: HTMLCanvasElement, { send, onEscape }: CaptureOptions): () => void {
  const held = new Held();
  const wheel = new Wheel();
  const ends = new AbortController();
  const listen = <K extends keyof HTMLElementEventMap>(name: K, handler: (event: HTMLElementEventMap[K]) => void) =>
    canvas.addEventListener(name, handler, { signal: ends.signal, passive: false });
  const locked = () => document.pointerLockElement === canvas;
  const at = (event: MouseEvent) => pointIn(containedBox(canvas.getBoundingClientRect(), canvas), event.clientX, event.clientY);
  const release = () => send(held.releaseAll());

  const onKey = (event: KeyboardEvent, down: boolean) => {
    event.preventDefault();
    if (down && isEscape(event)) {
      release();
      onEscape();
      return;
    }
    const code = virtualKey(event.code);
    if (code === null) return;
    send(held.key(code, down));
    // A Mac tells of no key that comes up while Command is held.
    if (!down && event.code.startsWith("Meta")) release();
  };
  listen("keydown", (event) => onKey(event, true));
  listen("keyup", (event) => onKey(event, false));

  const move = (event: PointerEvent, kind: InputKind, code: number) => {
    const { x, y, width, height } = at(event);
    send([inputEvent(kind, code, x, y, spaceFlags(width, height))]);
  };
  listen("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId); // a drag goes on outside
    if (event.pointerType !== "touch") return;
    event.preventDefault(); // no mouse made out of a finger
    move(event, InputKind.TouchDown, held.touchDown(event.pointerId));
  });
  listen("pointermove", (event) => {
    if (event.pointerType === "touch") {
      const id = held.touchId(event.pointerId);
      if (id !== undefined) move(event, InputKind.TouchMove, id);
    } else if (locked()) {
      send([inputEvent(InputKind.MouseMove, 0, event.movementX, event.movementY)]);
    } else {
      move(event, InputKind.MouseMoveAbs, 0);
    }
  });
  for (const name of ["pointerup", "pointercancel"] as const) listen(name, (event) => send(held.touchUp(event.pointerId)));
  const onButton = (event: MouseEvent, down: boolean) => {
    event.preventDefault();
    const code = mouseButton(event.button);
    if (code !== null) send(held.button(code, down));
  };
  listen("mousedown", (event) => onButton(event, true));
  listen("mouseup", (event) => onButton(event, false));
  listen("contextmenu", (event) => event.preventDefault());
  listen("wheel", (event) => {
    event.preventDefault();
    send(wheel.scroll(event));
  });

  listen("blur", release);
  window.addEventListener("blur", release, { signal: ends.signal });
  window.addEventListener("pagehide", release, { signal: ends.signal });
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && release(), { signal: ends.signal });
  return () => {
    release();
    ends.abort();
  };
}
