'use client';

import { useTranslations } from 'next-intl';
import { SearchInput } from '../ui/input';
import { Select } from '../ui/select';
import { edgeKinds, type EdgeFilter } from './edge-filter';
import { stands } from './stand';

/**
 * Asks for some of the edges: text, kind, health, label.
 *
 * @param labels those to choose from
 */
export function EdgeFilterBar({
  filter,
  labels,
  onChange,
}: {
  filter: EdgeFilter;
  labels: readonly string[];
  onChange: (change: Partial<EdgeFilter>) => void;
}) {
  const t = useTranslations('edgePages.filter');
  const health = useTranslations('edgePages.health');
  const kinds = useTranslations('adminSites.kinds');
  return (
    <div role="search" aria-label={t('title')} className="flex flex-wrap gap-2">
      <SearchInput
        value={filter.q}
        onValueChange={(q) => onChange({ q })}
        label={t('text')}
        placeholder={t('text')}
        className="min-w-48 flex-1 basis-48"
      />
      <Select
        className="min-w-28 flex-1 basis-28"
        aria-label={t('health')}
        value={filter.health ?? ''}
        options={[
          { value: '', label: t('anyHealth') },
          ...stands.map((value) => ({ value, label: health(value) })),
        ]}
        onChange={({ target }) => onChange({ health: stands.find((each) => each === target.value) })}
      />
      <Select
        className="min-w-28 flex-1 basis-28"
        aria-label={t('kind')}
        value={filter.kind ?? ''}
        options={[
          { value: '', label: t('anyKind') },
          ...edgeKinds.map((value) => ({ value, label: kinds(value) })),
        ]}
        onChange={({ target }) => onChange({ kind: edgeKinds.find((each) => each === target.value) })}
      />
      {labels.length > 0 && (
        <Select
          className="min-w-28 flex-1 basis-28"
          aria-label={t('label')}
          value={filter.label ?? ''}
          options={[
            { value: '', label: t('anyLabel') },
            ...labelOptions(labels, filter.label).map((value) => ({ value, label: value })),
          ]}
          onChange={({ target }) => onChange({ label: target.value || undefined })}
        />
      )}
    </div>
  );
}

/** The one that is asked for is among them, also when a link named one that no edge has. */
function labelOptions(labels: readonly string[], asked: string | undefined): readonly string[] {
  return asked === undefined || labels.includes(asked) ? labels : [asked, ...labels];
}
