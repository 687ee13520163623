'use client';

import { Popover as RadixPopover } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

/** A small panel beside what opened it. */
export function Popover({
  trigger,
  label,
  align = 'center',
  open,
  onOpenChange,
  children,
}: {
  trigger: ReactElement;
  /** The panel's name for screen readers. */
  label: string;
  align?: 'start' | 'center' | 'end';
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}) {
  return (
    <RadixPopover.Root
      {...(open !== undefined && { open })}
      {...(onOpenChange !== undefined && { onOpenChange })}
    >
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content
          align={align}
          sideOffset={6}
          collisionPadding={12}
          aria-label={label}
          className="animate-rise border-border bg-surface-raised text-text shadow-overlay z-50 max-h-[var(--radix-popover-content-available-height)] w-max max-w-[min(26rem,calc(100vw-1.5rem))] overflow-y-auto rounded-xl border p-4 outline-none"
        >
          {children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
