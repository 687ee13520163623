import { classNames } from './class-names';

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';
export type ButtonSize = 'sm' | 'md' | 'lg';

const base =
  'inline-flex shrink-0 select-none items-center justify-center rounded-md font-medium whitespace-nowrap transition-colors ' +
  '[&_svg]:shrink-0 aria-disabled:cursor-not-allowed disabled:cursor-not-allowed';

const variants: Record<ButtonVariant, string> = {
  primary: 'bg-accent text-accent-contrast shadow-card hover:bg-accent-hover',
  secondary: 'border border-border-strong/45 bg-surface text-text shadow-card hover:bg-hover',
  ghost: 'text-text hover:bg-hover',
  danger: 'bg-danger-solid text-danger-contrast shadow-card hover:bg-danger-solid-hover',
};

/** A button that cannot act keeps its place and its words, readable, and loses its colour. */
const idle = 'border border-border bg-surface-sunken text-text-subtle';

const sizes: Record<ButtonSize, string> = {
  sm: 'h-8 gap-1.5 px-2.5 text-[0.8125rem] [&_svg]:size-3.5',
  md: 'h-9 gap-2 px-3.5 text-sm [&_svg]:size-4',
  lg: 'h-11 gap-2 px-5 text-[0.9375rem] [&_svg]:size-[1.125rem]',
};

const squares: Record<'sm' | 'md', string> = {
  sm: 'size-8 [&_svg]:size-4',
  md: 'size-9 [&_svg]:size-[1.125rem]',
};

/** Classes of a button with words. */
export function buttonClasses(variant: ButtonVariant, size: ButtonSize, disabled: boolean): string {
  return classNames(base, sizes[size], disabled ? idle : variants[variant]);
}

/** Classes of a square button with an icon alone. */
export function iconButtonClasses(
  variant: 'secondary' | 'ghost' | 'danger',
  size: 'sm' | 'md',
  state: { disabled: boolean; pressed: boolean },
): string {
  if (state.disabled) return classNames(base, squares[size], 'text-text-subtle opacity-70');
  if (state.pressed) return classNames(base, squares[size], 'bg-accent-soft text-accent-strong');
  const look = variant === 'danger' ? 'text-danger hover:bg-danger-soft' : variants[variant];
  return classNames(base, squares[size], look, variant === 'ghost' && 'text-text-muted hover:text-text');
}
