import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';

/** The head of the store: what it is, and the search. */
export function StoreHero({ children }: { children: ReactNode }) {
  const t = useTranslations('store.front');
  return (
    <header className="border-accent-line/50 from-accent-soft via-surface to-surface shadow-card relative mb-6 overflow-hidden rounded-xl border bg-linear-to-br px-5 py-7 sm:px-8 sm:py-9">
      <Yard />
      <div className="relative flex max-w-2xl flex-col gap-2">
        <h1
          tabIndex={-1}
          className="text-[1.75rem] leading-tight font-semibold tracking-tight outline-none sm:text-[2rem]"
        >
          {t('title')}
        </h1>
        <p className="text-text-muted text-base">{t('description')}</p>
        <div className="mt-3">{children}</div>
      </div>
    </header>
  );
}

/** Columns of the yard's crates: how high they stand, and which one is about to leave. */
const stacks = [1, 2, 1, 3, 2, 4, 3, 5];
const side = 26;
const step = 34;
const leaving = new Set(['3:2', '5:0', '6:2', '7:4']);

/** A yard with its crates, as in the mark. It says nothing, so nobody reads it out. */
function Yard() {
  return (
    <svg
      aria-hidden
      viewBox="0 0 280 190"
      className="text-accent absolute right-0 bottom-0 hidden h-[92%] lg:block"
    >
      {stacks.flatMap((height, column) =>
        Array.from({ length: height }, (_, row) => (
          <rect
            key={`${column}:${row}`}
            x={8 + column * step}
            y={182 - side - row * step}
            width={side}
            height={side}
            rx={5}
            fill="currentColor"
            opacity={leaving.has(`${column}:${row}`) ? 0.75 : 0.06 + column * 0.022}
          />
        )),
      )}
    </svg>
  );
}
