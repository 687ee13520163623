import { classNames } from './class-names';

/** The look that text inputs, selects and text areas share. 16 px on touch screens keeps phones from zooming in. */
export function inputClasses(invalid: boolean, mono: boolean): string {
  return classNames(
    'w-full min-w-0 rounded-md border bg-surface text-text text-base transition-colors sm:text-sm',
    'focus-visible:outline-offset-0 disabled:cursor-not-allowed disabled:bg-surface-sunken disabled:text-text-muted',
    '[&[readonly]]:bg-surface-sunken',
    invalid ? 'border-danger' : 'border-border-strong hover:border-text-muted',
    mono && 'font-mono',
  );
}
