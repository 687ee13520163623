'use client';

import { useTranslations } from 'next-intl';
import type { EdgeView } from '@/server/operations/edges/schemas';
import type { DataColumn } from '../ui/data-table-model';
import { useProblemText } from '../ui/error-state';
import { RelativeTime } from '../ui/relative-time';
import { CapacityGlance } from './capacity';
import { HealthDot } from './health';
import { EdgeLabels } from './labels';
import { standOf, stands } from './stand';

/** The columns of the table of edges. */
export function useEdgeColumns(): DataColumn<EdgeView>[] {
  const t = useTranslations('edgePages.edges');
  return [
    {
      id: 'name',
      header: t('name'),
      phone: 'title',
      sort: ({ name }) => name,
      cell: (edge) => <Name edge={edge} />,
    },
    {
      id: 'health',
      header: t('health'),
      sort: (edge) => stands.indexOf(standOf(edge)),
      cell: (edge) => <Health edge={edge} />,
    },
    {
      id: 'labels',
      header: t('labels'),
      phone: 'hide',
      cell: (edge) => <EdgeLabels edge={edge} />,
    },
    {
      id: 'capacity',
      header: t('capacity'),
      phone: 'hide',
      cell: ({ capacity }) => <CapacityGlance capacity={capacity} />,
    },
    {
      id: 'checked',
      header: t('checked'),
      sort: ({ health }) => health.checkedAt,
      cell: ({ health }) => <RelativeTime at={health.checkedAt} />,
    },
  ];
}

function Name({ edge }: { edge: EdgeView }) {
  const kinds = useTranslations('adminSites.kinds');
  const address = edge.place?.address;
  return (
    <span className="block min-w-0">
      <span className="block font-medium break-words">{edge.name}</span>
      <span className="text-text-muted block text-[0.8125rem] font-normal">
        {[kinds(edge.kind), address].filter((part) => part !== undefined && part !== '').join(' · ')}
      </span>
    </span>
  );
}

function Health({ edge }: { edge: EdgeView }) {
  const say = useProblemText();
  return (
    <span className="block max-w-80 min-w-0">
      <HealthDot stand={standOf(edge)} />
      {edge.enabled && edge.health.problem && (
        <span className="text-text-muted mt-0.5 line-clamp-2 text-[0.8125rem] text-pretty">
          {say(edge.health.problem)}
        </span>
      )}
    </span>
  );
}
