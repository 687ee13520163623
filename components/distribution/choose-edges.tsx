'use client';

import { MapPinned } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { EdgeView, HealthState } from '@/server/operations/edges/schemas';
import { EmptyState } from '../ui/empty-state';
import { LinkButton } from '../ui/link-button';
import { Select } from '../ui/select';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';
import { ChooseList } from './choose-list';

const tones: Record<HealthState, Tone> = { well: 'success', unwell: 'warning', unknown: 'neutral' };

/** Chooses edges, by name, place or label. An edge that is not well can be chosen: it may be by then. */
export function ChooseEdges({
  edges,
  selected,
  onChange,
}: {
  edges: readonly EdgeView[];
  selected: ReadonlySet<string>;
  onChange: (selected: Set<string>) => void;
}) {
  const t = useTranslations('distributionPages.choose');
  const kinds = useTranslations('adminSites.kinds');
  const [label, setLabel] = useState('');
  const labels = [...new Set(edges.flatMap((edge) => labelsOf(edge)))].toSorted();
  const chosen = label === '' ? edges : edges.filter((edge) => labelsOf(edge).includes(label));
  return (
    <ChooseList
      title={t('edges')}
      searchLabel={t('searchEdges')}
      selected={selected}
      onChange={onChange}
      filter={
        labels.length > 0 && (
          <Select
            aria-label={t('label')}
            className="w-48"
            value={label}
            onChange={(event) => setLabel(event.target.value)}
            options={[
              { value: '', label: t('anyLabel') },
              ...labels.map((value) => ({ value, label: value })),
            ]}
          />
        )
      }
      choices={chosen.map((edge) => ({
        id: edge.id,
        title: edge.name,
        note: kinds(edge.kind),
        words: [edge.kind, edge.place?.address, ...labelsOf(edge)].join(' '),
        aside: <StatusDot tone={tones[edge.health.state]} label={t(`health.${edge.health.state}`)} />,
        disabledReason: edge.enabled ? undefined : t('disabled'),
      }))}
      empty={
        <EmptyState
          icon={<MapPinned />}
          title={t('noEdges')}
          action={<LinkButton href="/operations/edges">{t('toEdges')}</LinkButton>}
          compact
        >
          {t('noEdgesText')}
        </EmptyState>
      }
    />
  );
}

const labelsOf = ({ labels }: EdgeView) =>
  Object.entries(labels).map(([key, value]) => (value === '' ? key : `${key}=${value}`));
