'use client';

import { Switch as RadixSwitch } from 'radix-ui';
import { useId, type ReactNode } from 'react';
import { classNames } from './class-names';

/** On or off, at once: for what takes effect without a form being sent. */
export function Switch({
  label,
  hint,
  checked,
  onCheckedChange,
  disabledReason,
  hideLabel = false,
  id: givenId,
}: {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  onCheckedChange: (on: boolean) => void;
  disabledReason?: string | undefined;
  hideLabel?: boolean;
  id?: string;
}) {
  const ownId = useId();
  const id = givenId ?? ownId;
  const below = disabledReason ?? hint;
  return (
    <div className="flex items-start gap-3">
      <RadixSwitch.Root
        id={id}
        checked={checked}
        onCheckedChange={onCheckedChange}
        disabled={disabledReason !== undefined}
        aria-describedby={below === undefined ? undefined : `${id}-hint`}
        className="border-border-strong bg-surface-sunken data-[state=checked]:border-accent data-[state=checked]:bg-accent group relative h-5.5 w-10 shrink-0 rounded-full border transition-colors disabled:cursor-not-allowed disabled:opacity-55"
      >
        <RadixSwitch.Thumb className="bg-border-strong data-[state=checked]:bg-accent-contrast block size-4 translate-x-0.5 rounded-full transition-transform data-[state=checked]:translate-x-[1.25rem]" />
      </RadixSwitch.Root>
      <div className={classNames('min-w-0', hideLabel && 'sr-only')}>
        <label htmlFor={id}>{label}</label>
        {below !== undefined && (
          <div id={`${id}-hint`} className="text-text-muted text-[0.8125rem] leading-snug">
            {below}
          </div>
        )}
      </div>
    </div>
  );
}
