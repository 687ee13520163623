import type { ReactNode } from 'react';
import { classNames } from './class-names';
import { toneClasses, type Tone } from './tone';

/** A word or two about a thing: its kind, its version, its verdict. */
export function Badge({
  tone = 'neutral',
  icon,
  title,
  children,
}: {
  tone?: Tone;
  icon?: ReactNode;
  title?: string;
  children: ReactNode;
}) {
  return (
    <span
      title={title}
      className={classNames(
        'inline-flex max-w-full items-center gap-1 rounded-full border px-2 py-px text-xs font-medium whitespace-nowrap [&_svg]:size-3.5 [&_svg]:shrink-0',
        toneClasses[tone],
      )}
    >
      {icon}
      <span className="truncate">{children}</span>
    </span>
  );
}
