'use client';

import type { ComponentProps, ReactNode } from 'react';
import { buttonClasses, type ButtonSize, type ButtonVariant } from './button-classes';
import { classNames } from './class-names';
import { DisabledReason } from './disabled-reason';
import { Spinner } from './spinner';

export interface ButtonProps extends ComponentProps<'button'> {
  variant?: ButtonVariant;
  size?: ButtonSize;
  icon?: ReactNode;
  /** Work is under way: shows a spinner, keeps the width, ignores presses. */
  busy?: boolean | undefined;
  /** Why it cannot be pressed now; it stays reachable by keyboard and tells so. */
  disabledReason?: string | undefined;
  /** The way out, shown with the reason. */
  reasonAction?: ReactNode;
}

/** A button. Prefer `disabledReason` to `disabled`: nobody should have to guess. */
export function Button({
  variant = 'secondary',
  size = 'md',
  icon,
  busy = false,
  disabledReason,
  reasonAction,
  className,
  children,
  type = 'button',
  ...rest
}: ButtonProps) {
  const words = (
    <>
      {busy ? <Spinner /> : icon}
      {children}
    </>
  );
  if (disabledReason !== undefined && !busy) {
    const { onClick: _dropped, ...inert } = rest;
    return (
      <DisabledReason reason={disabledReason} action={reasonAction}>
        <button
          {...inert}
          type="button"
          aria-disabled
          className={classNames(buttonClasses(variant, size, true), className)}
        >
          {words}
        </button>
      </DisabledReason>
    );
  }
  return (
    <button
      {...rest}
      type={busy ? 'button' : type}
      onClick={busy ? undefined : rest.onClick}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      className={classNames(buttonClasses(variant, size, rest.disabled === true), className)}
    >
      {words}
    </button>
  );
}
