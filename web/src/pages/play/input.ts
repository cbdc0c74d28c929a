// What a person does, as events for the host: pure bookkeeping, so that nothing stays pressed and no scroll step is lost.
import { type InputEvent, InputKind, inputEvent } from "./wire";

/** What is held down; an event only where something changes. */
export class Held {
  private readonly keys = new Set<number>();
  private readonly buttons = new Set<number>();
  private readonly touches = new Map<number, number>(); // the browser's id: ours, small

  key(code: number, down: boolean): InputEvent[] {
    return this.toggle(this.keys, code, down, InputKind.KeyDown, InputKind.KeyUp);
  }

  button(code: number, down: boolean): InputEvent[] {
    return this.toggle(this.buttons, code, down, InputKind.MouseButtonDown, InputKind.MouseButtonUp);
  }

  /** Our id for a finger that came down. */
  touchDown(pointer: number): number {
    const used = new Set(this.touches.values());
    let id = 0;
    while (used.has(id)) id++;
    this.touches.set(pointer, id);
    return id;
  }
  touchId = (pointer: number): number | undefined => this.touches.get(pointer);
  touchUp(pointer: number): InputEvent[] {
    const id = this.touches.get(pointer);
    if (id === undefined) return [];
    this.touches.delete(pointer);
    return [inputEvent(InputKind.TouchUp, id)];
  }

  /** The page is left: everything comes up. */
  releaseAll(): InputEvent[] {
    const events = [
      ...[...this.keys].map((code) => inputEvent(InputKind.KeyUp, code)),
      ...[...this.buttons].map((code) => inputEvent(InputKind.MouseButtonUp, code)),
      ...[...this.touches.values()].map((id) => inputEvent(InputKind.TouchUp, id)),
    ];
    this.keys.clear();
    this.buttons.clear();
    this.touches.clear();
    return events;
  }

  private toggle(held: Set<number>, code: number, down: boolean, onDown: InputKind, onUp: InputKind): InputEvent[] {
    if (held.has(code) === down) return []; // the browser repeats held keys; the host's desktop does that itself
    if (down) held.add(code);
    else held.delete(code);
    return [inputEvent(down ? onDown : onUp, code)];
  }
}

const kDetent = 120;
const kPixelsPerDetent = 100;
const kLinesPerDetent = 3;

/** Wheel events of pixels, lines or pages as hundred-and-twentieths of a detent; what is less than one is kept for the next. */
export class Wheel {
  private restX = 0;
  private restY = 0;

  scroll({ deltaX, deltaY, deltaMode }: Pick<WheelEvent, "deltaX" | "deltaY" | "deltaMode">): InputEvent[] {
    const detents = deltaMode === 0 ? 1 / kPixelsPerDetent : deltaMode === 1 ? 1 / kLinesPerDetent : 1;
    this.restY -= deltaY * detents * kDetent; // up is positive on the wire
    this.restX += deltaX * detents * kDetent;
    const [y, x] = [Math.trunc(this.restY), Math.trunc(this.restX)];
    this.restY -= y;
    this.restX -= x;
    return [...(y ? [inputEvent(InputKind.MouseScroll, 0, y)] : []), ...(x ? [inputEvent(InputKind.MouseScroll, 1, x)] : [])];
  }
}

/** MouseEvent.button as the wire counts them; null: one that does not travel. */
export const mouseButton = (button: number): number | null => [1, 2, 3, 4, 5][button] ?? null;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where a picture of this size lies in a box that shows all of it. */
export function containedBox(box: Box, picture: { width: number; height: number }): Box {
  if (picture.width <= 0 || picture.height <= 0 || box.width <= 0 || box.height <= 0) return box;
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}

/** A point of the window in a picture's own space: clamped to it. */
export function pointIn(box: Box, clientX: number, clientY: number): { x: number; y: number; width: number; height: number } {
  const width = Math.max(1, Math.round(box.width));
  const height = Math.max(1, Math.round(box.height));
  const clamp = (value: number, most: number) => Math.min(Math.max(Math.round(value), 0), most - 1);
  return { x: clamp(clientX - box.x, width), y: clamp(clientY - box.y, height), width, height };
}

/** What a soft keyboard typed, scalar by scalar. */
export const textEvents = (text: string): InputEvent[] => [...text].map((scalar) => inputEvent(InputKind.TextInput, scalar.codePointAt(0) ?? 0));
