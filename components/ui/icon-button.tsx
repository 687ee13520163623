'use client';

import type { ComponentProps, ReactNode } from 'react';
import { iconButtonClasses } from './button-classes';
import { classNames } from './class-names';
import { DisabledReason } from './disabled-reason';
import { Spinner } from './spinner';
import { Tooltip } from './tooltip';

export interface IconButtonProps extends ComponentProps<'button'> {
  /** Its name for everybody: tooltip and screen reader. */
  label: string;
  icon: ReactNode;
  variant?: 'secondary' | 'ghost' | 'danger';
  size?: 'sm' | 'md';
  busy?: boolean | undefined;
  disabledReason?: string | undefined;
  /** For a button that is on or off. */
  pressed?: boolean | undefined;
}

/** A square button with an icon; its label is shown on hover and focus. */
export function IconButton({
  label,
  icon,
  variant = 'ghost',
  size = 'md',
  busy = false,
  disabledReason,
  pressed,
  className,
  type = 'button',
  ...rest
}: IconButtonProps) {
  const disabled = (disabledReason !== undefined && !busy) || rest.disabled === true;
  const look = iconButtonClasses(variant, size, { disabled, pressed: pressed === true });
  if (disabledReason !== undefined && !busy) {
    const { onClick: _dropped, ...inert } = rest;
    return (
      <DisabledReason reason={`${label}: ${disabledReason}`}>
        <button
          {...inert}
          type="button"
          aria-label={label}
          aria-disabled
          className={classNames(look, className)}
        >
          {icon}
        </button>
      </DisabledReason>
    );
  }
  return (
    <Tooltip text={label}>
      <button
        {...rest}
        type={type}
        onClick={busy ? undefined : rest.onClick}
        aria-label={label}
        aria-pressed={pressed}
        aria-disabled={busy || undefined}
        aria-busy={busy || undefined}
        className={classNames(look, className)}
      >
        {busy ? <Spinner /> : icon}
      </button>
    </Tooltip>
  );
}
