'use client';

import { Popover } from 'radix-ui';
import { cloneElement, useId, type ReactElement, type ReactNode } from 'react';
import { Tooltip } from './tooltip';

/**
 * Tells why something cannot be pressed: on hover and focus as a tooltip, on press as a small panel, which also works
 * by touch and can hold the way out.
 *
 * @param reason the reason, a sentence
 * @param action a link or button that leads out
 * @param children the element, already `aria-disabled` and without its own action
 */
export function DisabledReason({
  reason,
  action,
  children,
}: {
  reason: string;
  action?: ReactNode;
  children: ReactElement<{ 'aria-describedby'?: string }>;
}) {
  const id = useId();
  return (
    <Popover.Root>
      <Tooltip text={reason}>
        <Popover.Trigger asChild>{cloneElement(children, { 'aria-describedby': id })}</Popover.Trigger>
      </Tooltip>
      <span id={id} className="sr-only">
        {reason}
      </span>
      <Popover.Portal>
        <Popover.Content
          sideOffset={6}
          collisionPadding={8}
          aria-label={reason}
          className="animate-rise border-border bg-surface-raised text-text shadow-overlay z-60 flex max-w-80 flex-col items-start gap-2.5 rounded-lg border p-3 text-sm"
        >
          <p>{reason}</p>
          {action}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
