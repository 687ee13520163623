import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { classNames } from './class-names';

/** A quiet bar where something will be. Give it the size of what comes. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span aria-hidden className={classNames('bg-hover block animate-pulse rounded-md', className ?? 'h-4')} />
  );
}

/** Rows of a table or list to come. */
export function SkeletonRows({ rows = 5, label }: { rows?: number; label?: string }) {
  return (
    <Waiting label={label}>
      <div className="border-border bg-surface divide-border divide-y rounded-xl border">
        {Array.from({ length: rows }, (_, row) => (
          <div key={row} className="flex items-center gap-4 px-5 py-3.5">
            <Skeleton className="h-4 w-1/4" />
            <Skeleton className="h-4 w-1/6" />
            <Skeleton className="ml-auto h-4 w-16" />
          </div>
        ))}
      </div>
    </Waiting>
  );
}

/** Cards to come. */
export function SkeletonCards({ cards = 6, label }: { cards?: number; label?: string }) {
  return (
    <Waiting label={label}>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(18rem,100%),1fr))] gap-4">
        {Array.from({ length: cards }, (_, card) => (
          <div key={card} className="border-border bg-surface flex flex-col gap-3 rounded-xl border p-5">
            <Skeleton className="h-5 w-1/2" />
            <Skeleton className="h-4 w-full" />
            <Skeleton className="h-4 w-2/3" />
          </div>
        ))}
      </div>
    </Waiting>
  );
}

/** A whole page to come, for `loading.tsx`. */
export function SkeletonPage({ label }: { label?: string }) {
  return (
    <div>
      <div className="mb-6 flex flex-col gap-3" aria-hidden>
        <Skeleton className="h-8 w-56" />
        <Skeleton className="h-4 w-80 max-w-full" />
      </div>
      <SkeletonRows label={label} />
    </div>
  );
}

function Waiting({ label, children }: { label: string | undefined; children: ReactNode }) {
  const t = useTranslations('ui');
  return (
    <div aria-busy>
      <output className="sr-only">{label ?? t('loading')}</output>
      {children}
    </div>
  );
}
