'use client';

import { SlidersHorizontal } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import { storeSorts, type SearchResult } from '@/server/store/schemas';
import { Button } from '../ui/button';
import { classNames } from '../ui/class-names';
import { Field } from '../ui/field';
import { Select } from '../ui/select';
import { filterNames, type StoreAddress } from './store-address';
import { useStoreWords } from './store-words';

type FilterName = (typeof filterNames)[number];

/** The types have a row of their own above. */
const selects = filterNames.filter((name) => name !== 'type');

/** The filters of the store, each choice with the number of apps behind it. */
export function StoreFilters({
  address,
  facets,
  onChange,
}: {
  address: StoreAddress;
  facets: SearchResult['facets'] | undefined;
  onChange: (change: Partial<StoreAddress>) => void;
}) {
  const t = useTranslations('store.front');
  const [open, setOpen] = useState(false);
  const panel = useId();
  const chosen = filterNames.filter((name) => address[name] !== undefined);
  const sorts = storeSorts.filter((sort) => sort !== 'relevance' || address.q);
  return (
    <div className="flex flex-col gap-3">
      <div className="sm:hidden">
        <Button
          icon={<SlidersHorizontal />}
          aria-expanded={open}
          aria-controls={panel}
          onClick={() => setOpen(!open)}
        >
          {t('showFilters', { count: chosen.length })}
        </Button>
      </div>
      <div
        id={panel}
        role="group"
        aria-label={t('filters')}
        className={classNames(
          'grid-cols-2 gap-3 sm:grid sm:grid-cols-3 lg:grid-cols-5',
          open ? 'grid' : 'hidden',
        )}
      >
        {selects.map((name) => (
          <FilterSelect
            key={name}
            name={name}
            value={address[name]}
            counts={facets?.[name]}
            onChange={(value) => onChange({ [name]: value })}
          />
        ))}
        <Field label={t('sort')}>
          <Select
            value={address.sort ?? (address.q ? 'relevance' : 'newest')}
            onChange={({ target }) => onChange({ sort: storeSorts.find((sort) => sort === target.value) })}
            options={sorts.map((value) => ({ value, label: t(`sorts.${value}`) }))}
          />
        </Field>
        {chosen.length > 0 && (
          <div className="flex items-end">
            <Button
              variant="ghost"
              onClick={() =>
                onChange({ kind: undefined, type: undefined, industry: undefined, architecture: undefined })
              }
            >
              {t('clear')}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function FilterSelect({
  name,
  value,
  counts,
  onChange,
}: {
  name: FilterName;
  value: string | undefined;
  counts: SearchResult['facets'][FilterName] | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const t = useTranslations('store');
  const words = useStoreWords();
  const say = (each: string) => {
    if (name === 'kind') return t(each === 'vm' ? 'kinds.vm' : 'kinds.container');
    return name === 'type' ? words.type(each) : name === 'industry' ? words.industry(each) : each;
  };
  const known = counts ?? [];
  // A choice that fits nothing any more must still be seen, to be taken back.
  const all =
    value === undefined || known.some((each) => each.value === value)
      ? known
      : [...known, { value, count: 0 }];
  return (
    <Field label={t(`front.${name}`)}>
      <Select
        value={value ?? ''}
        onChange={({ target }) => onChange(target.value || undefined)}
        options={[
          { value: '', label: t('front.any') },
          ...all.map((each) => ({
            value: each.value,
            label: t('front.option', { name: say(each.value), count: each.count }),
          })),
        ]}
      />
    </Field>
  );
}
