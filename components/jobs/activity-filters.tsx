'use client';

import { useMessages, useTranslations } from 'next-intl';
import { jobStateSchema } from '@/server/jobs/schemas';
import { Field } from '../ui/field';
import { Select } from '../ui/select';
import { Switch } from '../ui/switch';
import { useJobWords } from './job-words';
import type { ActivityFilter } from './use-activity-filter';

/** Which jobs to show. */
export function ActivityFilters({
  filter,
  onChange,
}: {
  filter: ActivityFilter;
  onChange: (name: 'state' | 'kind' | 'mine', value: string) => void;
}) {
  const t = useTranslations('jobs.activity');
  const words = useJobWords();
  const kinds = useKinds();
  return (
    <search aria-label={t('filters')} className="flex flex-wrap items-end gap-4">
      <Field label={t('state')} className="w-52">
        <Select
          value={filter.state ?? ''}
          onChange={(event) => onChange('state', event.currentTarget.value)}
          options={[
            { value: '', label: t('anyState') },
            { value: 'active', label: t('activeOnly') },
            ...jobStateSchema.options.map((state) => ({ value: state, label: words.state(state) })),
          ]}
        />
      </Field>
      <Field label={t('kind')} className="w-52">
        <Select
          value={filter.kind ?? ''}
          onChange={(event) => onChange('kind', event.currentTarget.value)}
          options={[
            { value: '', label: t('anyKind') },
            ...kinds.map((kind) => ({ value: kind, label: words.kind(kind) })),
          ]}
        />
      </Field>
      <div className="pb-1.5">
        <Switch
          label={t('mine')}
          checked={filter.mine}
          onCheckedChange={(on) => onChange('mine', on ? '1' : '')}
        />
      </div>
    </search>
  );
}

/** The kinds of jobs that have a name, for example `vm.create`. */
function useKinds(): string[] {
  const messages = useMessages() as { jobs?: { kinds?: Record<string, Record<string, string>> } };
  return Object.entries(messages.jobs?.kinds ?? {}).flatMap(([room, names]) =>
    Object.keys(names).map((name) => `${room}.${name}`),
  );
}
