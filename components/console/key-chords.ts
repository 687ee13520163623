import { functionKeysym, keysyms } from './type-text';

export interface KeyChord {
  /** As it stands on keyboards; the same in every language. */
  label: string;
  keys: readonly (readonly [keysym: number, code: string])[];
}

const control = [keysyms.ControlLeft, 'ControlLeft'] as const;
const alt = [keysyms.AltLeft, 'AltLeft'] as const;

const functionKeys = Array.from({ length: 12 }, (_, index) => {
  const number = index + 1;
  return { label: `F${number}`, key: [functionKeysym(number), `F${number}`] as const };
});

/** Keys that the browser or the system keeps for itself, or that a phone does not have. */
export const keyChords: readonly KeyChord[] = [
  { label: 'Alt-Tab', keys: [alt, [keysyms.Tab, 'Tab']] },
  { label: 'Ctrl-C', keys: [control, [0x63, 'KeyC']] },
  { label: 'Ctrl-D', keys: [control, [0x64, 'KeyD']] },
  { label: 'Ctrl-Alt-Backspace', keys: [control, alt, [keysyms.Backspace, 'Backspace']] },
  ...functionKeys
    .slice(0, 6)
    .map(({ label, key }) => ({ label: `Ctrl-Alt-${label}`, keys: [control, alt, key] })),
  ...functionKeys.map(({ label, key }) => ({ label, keys: [key] })),
];

/** What a touch keyboard lacks and a shell cannot do without. */
export const touchKeys: readonly KeyChord[] = [
  { label: 'Esc', keys: [[keysyms.Escape, 'Escape']] },
  { label: 'Tab', keys: [[keysyms.Tab, 'Tab']] },
  { label: 'Ctrl-C', keys: [control, [0x63, 'KeyC']] },
  { label: '↑', keys: [[keysyms.ArrowUp, 'ArrowUp']] },
  { label: '↓', keys: [[keysyms.ArrowDown, 'ArrowDown']] },
  { label: '←', keys: [[keysyms.ArrowLeft, 'ArrowLeft']] },
  { label: '→', keys: [[keysyms.ArrowRight, 'ArrowRight']] },
  { label: '⏎', keys: [[keysyms.Enter, 'Enter']] },
];
