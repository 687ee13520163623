'use client';

import { Popover as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

/**
 * A small sheet beside what it is about.
 *
 * @param anchor the one element it points at; it must pass on `ref`
 * @param onClosed where the focus goes afterwards; to what was focused before when absent
 */
export function Popover({
  open,
  onOpenChange,
  anchor,
  label,
  onClosed,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  anchor: ReactElement;
  label: string;
  onClosed?: () => void;
  children: ReactNode;
}) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Anchor asChild>{anchor}</Radix.Anchor>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          sideOffset={6}
          collisionPadding={12}
          hideWhenDetached
          onCloseAutoFocus={(event) => {
            if (!onClosed) return;
            event.preventDefault();
            onClosed();
          }}
          className="animate-rise border-border bg-surface-raised text-text shadow-overlay z-50 max-h-[min(30rem,var(--radix-popover-content-available-height))] w-80 max-w-[calc(100vw-1.5rem)] overflow-y-auto rounded-lg border p-4 outline-none data-[hidden]:invisible"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
