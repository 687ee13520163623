'use client';

import { useTranslations } from 'next-intl';
import type { SearchResult } from '@/server/store/schemas';
import { classNames } from '../ui/class-names';
import { useStoreWords } from './store-words';

/**
 * The types of apps as one row to press: the quickest way through the shelves. On a narrow screen it scrolls sideways.
 *
 * @param props `counts`: types that have apps; `value`: the one chosen
 */
export function TypeChips({
  counts,
  value,
  onChange,
}: {
  counts: SearchResult['facets']['type'] | undefined;
  value: string | undefined;
  onChange: (type: string | undefined) => void;
}) {
  const t = useTranslations('store.front');
  const words = useStoreWords();
  if (counts === undefined || (counts.length < 2 && value === undefined)) return null;
  // A choice that fits nothing any more must still be seen, to be taken back.
  const known =
    value === undefined || counts.some((each) => each.value === value)
      ? counts
      : [...counts, { value, count: 0 }];
  const busiest = known.toSorted((a, b) => b.count - a.count);
  return (
    <div role="group" aria-label={t('type')} className="-mx-4 overflow-x-auto px-4 py-1 md:mx-0 md:px-0">
      <div className="flex gap-2 md:flex-wrap">
        <Chip pressed={value === undefined} onPress={() => onChange(undefined)} label={t('any')} />
        {busiest.map((each) => (
          <Chip
            key={each.value}
            pressed={value === each.value}
            onPress={() => onChange(value === each.value ? undefined : each.value)}
            label={words.type(each.value)}
            count={each.count}
          />
        ))}
      </div>
    </div>
  );
}

function Chip({
  label,
  count,
  pressed,
  onPress,
}: {
  label: string;
  count?: number;
  pressed: boolean;
  onPress: () => void;
}) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onPress}
      className={classNames(
        'flex h-8 shrink-0 items-center gap-1.5 rounded-full border px-3.5 text-[0.8125rem] font-medium whitespace-nowrap transition-colors',
        pressed
          ? 'bg-accent border-accent text-accent-contrast'
          : 'bg-surface border-border text-text-muted hover:border-accent-line hover:text-text',
      )}
    >
      {label}
      {count !== undefined && <span className="tabular font-normal">{count}</span>}
    </button>
  );
}
