'use client';

import { useTranslations } from 'next-intl';
import { syncStates, type StoreView } from '@/server/operations/sync/schemas';
import { SearchInput } from '../ui/input';
import { Select } from '../ui/select';
import type { ReleaseAddress } from './release-filter';
import { useStoreName } from './store-words';

/** Asks for some of the releases: text, store, kind, state. */
export function ReleaseFilterBar({
  address,
  stores,
  onChange,
}: {
  address: ReleaseAddress;
  stores: readonly StoreView[];
  onChange: (change: Partial<ReleaseAddress>) => void;
}) {
  const t = useTranslations('syncPages.releases');
  const states = useTranslations('syncPages.states');
  const kinds = useTranslations('syncPages.kinds');
  const nameOf = useStoreName();
  return (
    <div role="search" aria-label={t('filter')} className="flex flex-wrap gap-2">
      <SearchInput
        value={address.q}
        onValueChange={(q) => onChange({ q })}
        label={t('search')}
        placeholder={t('search')}
        className="min-w-48 flex-1 basis-48"
      />
      {stores.length > 1 && (
        <Select
          className="min-w-32 flex-1 basis-32"
          aria-label={t('store')}
          value={address.store ?? ''}
          options={[
            { value: '', label: t('anyStore') },
            ...stores.map((store) => ({ value: store.id, label: nameOf(store) })),
          ]}
          onChange={({ target }) => onChange({ store: target.value || undefined })}
        />
      )}
      <Select
        className="min-w-32 flex-1 basis-32"
        aria-label={t('kind')}
        value={address.kind ?? ''}
        options={[
          { value: '', label: t('anyKind') },
          { value: 'container', label: kinds('container') },
          { value: 'vm', label: kinds('vm') },
        ]}
        onChange={({ target }) =>
          onChange({ kind: (['vm', 'container'] as const).find((each) => each === target.value) })
        }
      />
      <Select
        className="min-w-32 flex-1 basis-32"
        aria-label={t('state')}
        value={address.state ?? ''}
        options={[
          { value: '', label: t('anyState') },
          ...syncStates.map((value) => ({ value, label: states(value) })),
        ]}
        onChange={({ target }) => onChange({ state: syncStates.find((each) => each === target.value) })}
      />
    </div>
  );
}
