'use client';

import { useSyncExternalStore } from 'react';

const onMac: Record<string, string> = { mod: '⌘', shift: '⇧', alt: '⌥', enter: '↵', escape: 'Esc' };
const elsewhere: Record<string, string> = {
  mod: 'Ctrl',
  shift: 'Shift',
  alt: 'Alt',
  enter: 'Enter',
  escape: 'Esc',
};

/** Keys to press, as this computer names them. `keys`: joined by `+`, or by a space when one follows the other; `mod` is ⌘ or Ctrl. */
export function Kbd({ keys }: { keys: string }) {
  const mac = useSyncExternalStore(
    () => () => undefined,
    () => /Mac|iPhone|iPad/.test(navigator.userAgent),
    () => false,
  );
  const names = mac ? onMac : elsewhere;
  return (
    <span className="text-text-muted inline-flex items-center gap-0.5 font-sans text-xs">
      {keys.split(/[+ ]/).map((key, index) => (
        <kbd
          key={`${index}${key}`}
          className="border-border bg-surface-sunken grid h-5 min-w-5 place-items-center rounded-sm border px-1 font-sans"
        >
          {names[key] ?? (key.length === 1 ? key.toUpperCase() : key)}
        </kbd>
      ))}
    </span>
  );
}
