import type { KeyPress } from './key-layouts';

/** What typing needs of a connection; noVNC's RFB has it. */
export interface Keyboard {
  sendKey(keysym: number, code: string | null, down?: boolean): void;
}

/** X11 keysyms (keysymdef.h) of the keys that have no character of their own. */
export const keysyms = {
  Enter: 0xff0d,
  Tab: 0xff09,
  Escape: 0xff1b,
  ShiftLeft: 0xffe1,
  ControlLeft: 0xffe3,
  AltLeft: 0xffe9,
  AltRight: 0xffea,
  MetaLeft: 0xffeb,
  Delete: 0xffff,
  Backspace: 0xff08,
  ArrowLeft: 0xff51,
  ArrowUp: 0xff52,
  ArrowRight: 0xff53,
  ArrowDown: 0xff54,
  F1: 0xffbe,
} as const;

/** Keysym of a function key, 1 to 12. */
export function functionKeysym(number: number): number {
  return keysyms.F1 + number - 1;
}

/**
 * Presses keys one after the other.
 *
 * @param keyboard where to
 * @param presses the keys
 * @param millisecondsPerKey pause after each key: boot loaders lose keys that come too fast
 * @param signal stops between two keys
 * @param progress called with the number of keys pressed so far
 * @throws the signal's reason when aborted
 */
export async function typeKeys(
  keyboard: Keyboard,
  presses: readonly KeyPress[],
  millisecondsPerKey: number,
  signal: AbortSignal,
  progress: (done: number) => void,
): Promise<void> {
  for (const [index, press] of presses.entries()) {
    signal.throwIfAborted();
    pressKey(keyboard, press);
    progress(index + 1);
    await pause(millisecondsPerKey, signal);
  }
}

function pressKey(keyboard: Keyboard, press: KeyPress): void {
  const held: [number, string][] = [];
  if (press.shift) held.push([keysyms.ShiftLeft, 'ShiftLeft']);
  if (press.altGr) held.push([keysyms.AltRight, 'AltRight']);
  for (const [keysym, code] of held) keyboard.sendKey(keysym, code, true);
  // The server takes the physical key; the keysym is for servers that know keysyms only.
  const keysym = keysymOf(press.code);
  keyboard.sendKey(keysym, press.code, true);
  keyboard.sendKey(keysym, press.code, false);
  for (const [held_, code] of held.toReversed()) keyboard.sendKey(held_, code, false);
}

const punctuation: Record<string, string> = {
  Space: ' ',
  Minus: '-',
  Equal: '=',
  BracketLeft: '[',
  BracketRight: ']',
  Backslash: '\\',
  IntlBackslash: '<',
  Semicolon: ';',
  Quote: "'",
  Comma: ',',
  Period: '.',
  Slash: '/',
  Backquote: '`',
};

function keysymOf(code: string): number {
  if (code === 'Enter' || code === 'Tab') return keysyms[code];
  const character = punctuation[code] ?? code.slice(-1).toLowerCase();
  return character.charCodeAt(0);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
