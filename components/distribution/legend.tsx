'use client';

import { useFormatter } from 'next-intl';
import { MatrixSwatch } from '../ui/matrix-cell';
import type { MatrixLook } from '../ui/matrix-model';

/** What the shapes and colours of a matrix mean, and how many there are of each. Those of which there are none are left out. */
export function Legend({
  label,
  entries,
}: {
  label: string;
  entries: readonly { name: string; look: MatrixLook; words: string; count: number }[];
}) {
  const format = useFormatter();
  return (
    <ul aria-label={label} className="flex flex-wrap gap-x-4 gap-y-1.5 text-[0.8125rem]">
      {entries
        .filter(({ count }) => count > 0)
        .map(({ name, look, words, count }) => (
          <li key={name} className="flex items-center gap-1.5">
            <MatrixSwatch look={look} />
            {words} <span className="text-text-muted tabular">{format.number(count)}</span>
          </li>
        ))}
    </ul>
  );
}
