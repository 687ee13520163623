'use client';

import { Dialog as RadixDialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { classNames } from './class-names';
import { LayerClose } from './layer-close';
import { useReturnFocus } from './return-focus';

const sides = {
  right: 'animate-slide-left inset-y-0 right-0 h-full border-l w-full',
  left: 'animate-slide-right inset-y-0 left-0 h-full border-r w-[85vw]',
  bottom: 'animate-slide-up inset-x-0 bottom-0 max-h-[90dvh] rounded-t-xl border-t w-full sm:mx-auto',
};
const widths = { sm: 'sm:max-w-sm', md: 'sm:max-w-md', lg: 'sm:max-w-2xl' };

/** A sheet from the edge: more about what is on the page, without leaving it. */
export function Drawer({
  open,
  onOpenChange,
  title,
  description,
  side = 'right',
  size = 'md',
  actions,
  footer,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  side?: keyof typeof sides;
  size?: keyof typeof widths;
  /** Beside the title. */
  actions?: ReactNode;
  footer?: ReactNode;
  children?: ReactNode;
}) {
  const returnFocus = useReturnFocus();
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="animate-appear bg-overlay fixed inset-0 z-50" />
        <RadixDialog.Content
          {...returnFocus}
          {...(description === undefined && { 'aria-describedby': undefined })}
          className={classNames(
            'border-border bg-surface-raised shadow-overlay fixed z-50 flex flex-col outline-none',
            sides[side],
            widths[size],
          )}
        >
          <div className="border-border flex items-start justify-between gap-3 border-b py-3 pr-14 pl-5">
            <div className="min-w-0">
              <RadixDialog.Title className="text-base leading-9 font-semibold">{title}</RadixDialog.Title>
              {description !== undefined && (
                <RadixDialog.Description asChild>
                  <div className="text-text-muted">{description}</div>
                </RadixDialog.Description>
              )}
            </div>
            {actions !== undefined && <div className="flex items-center gap-1">{actions}</div>}
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
          {footer !== undefined && (
            <div className="border-border bg-surface-sunken/60 flex flex-wrap justify-end gap-2 border-t px-5 py-3.5 pb-[max(0.875rem,env(safe-area-inset-bottom))]">
              {footer}
            </div>
          )}
          <LayerClose />
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
