import type { ReactNode } from 'react';
import { classNames } from './class-names';

/** Nothing here yet: says what would be here and offers the first step. */
export function EmptyState({
  icon,
  title,
  children,
  action,
  compact = false,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** For a panel inside a page, not the page itself. */
  compact?: boolean;
}) {
  return (
    <div
      className={classNames(
        'flex flex-col items-center text-center',
        compact ? 'gap-2 px-4 py-8' : 'gap-3 px-6 py-16',
      )}
    >
      {icon !== undefined && (
        <span
          aria-hidden
          className={classNames(
            'bg-accent-soft text-accent-strong ring-accent-soft/40 grid place-items-center rounded-full ring-8',
            compact ? 'mb-2 size-10 [&_svg]:size-5' : 'mb-4 size-14 [&_svg]:size-7',
          )}
        >
          {icon}
        </span>
      )}
      <p className={classNames('font-semibold', compact ? 'text-[0.9375rem]' : 'text-lg')}>{title}</p>
      {children !== undefined && <div className="text-text-muted max-w-lg text-pretty">{children}</div>}
      {action !== undefined && (
        <div className="mt-3 flex flex-wrap items-center justify-center gap-2">{action}</div>
      )}
    </div>
  );
}
