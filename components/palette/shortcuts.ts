/**
 * Keyboard shortcuts as people write them: `mod+k`, `?`, `g p` (two keys after each other). `mod` is ⌘ on a Mac and
 * Ctrl elsewhere.
 */

/** The part of a keyboard event that decides. */
export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** Two keys belong together when the second follows within this time, milliseconds. */
export const sequenceTime = 1200;

/**
 * The name of one key press, in the form shortcuts are written in; undefined for a modifier alone.
 *
 * @param press the keyboard event
 */
export function nameOfPress(press: KeyPress): string | undefined {
  if (['Control', 'Meta', 'Shift', 'Alt', 'Dead', 'Unidentified'].includes(press.key)) return undefined;
  // Shift is already part of the character (`?`), so it is not named.
  const modifiers = `${press.ctrlKey || press.metaKey ? 'mod+' : ''}${press.altKey ? 'alt+' : ''}`;
  return `${modifiers}${press.key.toLowerCase()}`;
}

/**
 * Tells which shortcut a press completes.
 *
 * @param shortcuts those that are registered now
 * @param before name of the press before, when it was recent
 * @param press name of this press
 * @returns the shortcut; `begun` when the press begins one of two keys; undefined otherwise
 */
export function matchShortcut(
  shortcuts: readonly string[],
  before: string | undefined,
  press: string,
): { shortcut: string } | 'begun' | undefined {
  const sequence = before === undefined ? undefined : `${before} ${press}`;
  if (sequence !== undefined && shortcuts.includes(sequence)) return { shortcut: sequence };
  if (shortcuts.includes(press)) return { shortcut: press };
  return shortcuts.some((shortcut) => shortcut.startsWith(`${press} `)) ? 'begun' : undefined;
}

/**
 * Whether a key belongs to what has the focus and not to the page: a text field, a list box, a console that sends
 * every key to its VM.
 *
 * @param target the event's target
 * @param press name of the press
 */
export function isForTheFocus(target: EventTarget | null, press: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('[data-takes-keys]')) return true;
  if (press.startsWith('mod+')) return false;
  return target.closest('input, textarea, select, [contenteditable="true"], [role="listbox"]') !== null;
}
