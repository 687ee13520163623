'use client';

import type { ComponentProps } from 'react';
import { Input } from './input';

/** A password or token for somewhere else: it is sent, and never shown again. */
export function SecretInput(props: Omit<ComponentProps<typeof Input>, 'type'>) {
  // The browser's own passwords are for this page's users, not for other systems.
  return <Input type="password" autoComplete="new-password" {...props} />;
}
