'use client';

import { Dialog as RadixDialog } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { classNames } from './class-names';
import { LayerClose } from './layer-close';
import { useReturnFocus } from './return-focus';

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  size?: 'sm' | 'md' | 'lg' | 'xl';
  /** Buttons; the one to press last. */
  footer?: ReactNode;
  children?: ReactNode;
  trigger?: ReactElement;
  /** Cannot be closed: something runs that must not be forgotten. */
  locked?: boolean;
  /** Asked at the close: where the keyboard goes, when what opened it is going; `null` for where it was. */
  returnFocus?: (() => HTMLElement | null) | undefined;
}

const widths = { sm: 'sm:max-w-md', md: 'sm:max-w-lg', lg: 'sm:max-w-2xl', xl: 'sm:max-w-5xl' };

/** A question or a form above the page. On a phone it stands at the bottom edge, near the thumb. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  size = 'md',
  footer,
  children,
  trigger,
  locked = false,
  returnFocus,
}: DialogProps) {
  const focusHandlers = useReturnFocus(returnFocus);
  const change = (next: boolean) => {
    if (next || !locked) onOpenChange(next);
  };
  return (
    <RadixDialog.Root open={open} onOpenChange={change}>
      {trigger !== undefined && <RadixDialog.Trigger asChild>{trigger}</RadixDialog.Trigger>}
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="animate-appear bg-overlay fixed inset-0 z-50" />
        <div className="pointer-events-none fixed inset-0 z-50 flex items-end justify-center sm:items-center sm:p-6">
          <RadixDialog.Content
            {...focusHandlers}
            {...(description === undefined && { 'aria-describedby': undefined })}
            className={classNames(
              'animate-rise border-border bg-surface-raised shadow-overlay pointer-events-auto relative flex max-h-[92dvh] w-full flex-col rounded-t-xl border outline-none sm:rounded-xl',
              widths[size],
            )}
          >
            <div className="min-w-0 py-4 pr-14 pl-5">
              <RadixDialog.Title className="py-1.5 text-base leading-6 font-semibold">
                {title}
              </RadixDialog.Title>
              {description !== undefined && (
                <RadixDialog.Description asChild>
                  <div className="text-text-muted text-pretty">{description}</div>
                </RadixDialog.Description>
              )}
            </div>
            {children !== undefined && (
              <div className="min-h-0 overflow-y-auto px-5 pt-1 pb-5">{children}</div>
            )}
            {footer !== undefined && (
              <div className="border-border bg-surface-sunken/60 flex flex-col-reverse gap-2 rounded-b-xl border-t px-5 py-3.5 pb-[max(0.875rem,env(safe-area-inset-bottom))] sm:flex-row sm:justify-end">
                {footer}
              </div>
            )}
            {!locked && <LayerClose />}
          </RadixDialog.Content>
        </div>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
