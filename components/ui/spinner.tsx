import { LoaderCircle } from 'lucide-react';
import { classNames } from './class-names';

/** A turning ring. With `label` it is a status that screen readers tell; without, an ornament beside words. */
export function Spinner({ label, className }: { label?: string; className?: string }) {
  const ring = <LoaderCircle aria-hidden className={classNames('size-4 shrink-0 animate-spin', className)} />;
  if (label === undefined) return ring;
  return (
    <output className="text-text-muted inline-flex items-center gap-2">
      {ring}
      {label}
    </output>
  );
}
