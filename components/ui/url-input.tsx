'use client';

import type { ComponentProps } from 'react';
import { Input } from './input';

/** An input for an address: its keyboard, no spelling, nothing that the browser remembers. */
export function UrlInput(props: Omit<ComponentProps<typeof Input>, 'type' | 'mono'>) {
  return <Input mono type="url" inputMode="url" autoComplete="off" spellCheck={false} {...props} />;
}
