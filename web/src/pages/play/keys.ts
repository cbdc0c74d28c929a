// Keys by their place on the keyboard (KeyboardEvent.code) as Windows virtual keys, which is what travels.

const named: Record<string, number> = {
  Backspace: 0x08,
  Tab: 0x09,
  Enter: 0x0d,
  Pause: 0x13,
  CapsLock: 0x14,
  Escape: 0x1b,
  Space: 0x20,
  PageUp: 0x21,
  PageDown: 0x22,
  End: 0x23,
  Home: 0x24,
  ArrowLeft: 0x25,
  ArrowUp: 0x26,
  ArrowRight: 0x27,
  ArrowDown: 0x28,
  PrintScreen: 0x2c,
  Insert: 0x2d,
  Delete: 0x2e,
  MetaLeft: 0x5b,
  MetaRight: 0x5c,
  ContextMenu: 0x5d,
  NumpadMultiply: 0x6a,
  NumpadAdd: 0x6b,
  NumpadEnter: 0x6c,
  NumpadSubtract: 0x6d,
  NumpadDecimal: 0x6e,
  NumpadDivide: 0x6f,
  NumLock: 0x90,
  ScrollLock: 0x91,
  ShiftLeft: 0xa0,
  ShiftRight: 0xa1,
  ControlLeft: 0xa2,
  ControlRight: 0xa3,
  AltLeft: 0xa4,
  AltRight: 0xa5,
  Semicolon: 0xba,
  Equal: 0xbb,
  Comma: 0xbc,
  Minus: 0xbd,
  Period: 0xbe,
  Slash: 0xbf,
  Backquote: 0xc0,
  BracketLeft: 0xdb,
  Backslash: 0xdc,
  BracketRight: 0xdd,
  Quote: 0xde,
  IntlBackslash: 0xe2,
};

/** Null: a key that does not travel. */
export function virtualKey(code: string): number | null {
  if (Object.hasOwn(named, code)) return named[code] ?? null;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return letter.charCodeAt(0);
  const digit = /^(Digit|Numpad)([0-9])$/.exec(code);
  if (digit) return (digit[1] === "Digit" ? 0x30 : 0x60) + Number(digit[2]);
  const functionKey = /^F([1-9]|1[0-2])$/.exec(code)?.[1];
  return functionKey ? 0x6f + Number(functionKey) : null;
}

/** Gives the keyboard back to the page: Ctrl+Alt+Shift+Q, as in other streaming clients. */
export const isEscape = (event: Pick<KeyboardEvent, "code" | "ctrlKey" | "altKey" | "shiftKey">): boolean =>
  event.code === "KeyQ" && event.ctrlKey && event.altKey && event.shiftKey;
