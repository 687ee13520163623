'use client';

import { useTranslations } from 'next-intl';
import type { Deployment } from '@/server/operations/deployments/schemas';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { InlineCode } from '../ui/code-block';
import { CopyButton } from '../ui/copy-button';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { KeyValueList } from '../ui/key-value';
import type { Tone } from '../ui/tone';
import { useResourceType } from './use-resource-type';

type Resource = Deployment['resources'][number];

/** What the stack tells of itself: the addresses of its VMs. */
export function Outputs({ outputs }: { outputs: Deployment['outputs'] }) {
  const t = useTranslations('deployments.view');
  return (
    <Card title={t('outputs')} {...(outputs.length === 0 && { description: t('noOutputs') })}>
      {outputs.length > 0 && (
        <KeyValueList
          items={outputs.map(({ name, value }) => ({
            label: name,
            value: (
              <span className="inline-flex max-w-full items-center gap-1">
                <InlineCode>{value}</InlineCode>
                <CopyButton text={value} label={t('copyOutput', { name })} size="sm" />
              </span>
            ),
          }))}
        />
      )}
    </Card>
  );
}

/** What the site made. */
export function Resources({ resources }: { resources: readonly Resource[] }) {
  const t = useTranslations('deployments.view');
  const columns = useColumns();
  return (
    <Card title={t('resources')} {...(resources.length === 0 && { description: t('noResources') })}>
      {resources.length > 0 && (
        <DataTable
          label={t('resources')}
          rows={resources}
          columns={columns}
          rowId={({ name }) => name}
          dense
        />
      )}
    </Card>
  );
}

function useColumns(): DataColumn<Resource>[] {
  const t = useTranslations('deployments.view');
  const typeWords = useResourceType();
  return [
    {
      id: 'name',
      header: t('resource'),
      phone: 'title',
      sort: ({ name }) => name,
      cell: ({ name }) => <span className="font-mono text-[0.8125rem] break-all">{name}</span>,
    },
    {
      id: 'type',
      header: t('type'),
      sort: ({ type }) => type,
      cell: ({ type }) => <span title={type}>{typeWords(type)}</span>,
    },
    {
      id: 'status',
      header: t('status'),
      sort: ({ status }) => status,
      cell: ({ status }) => <Badge tone={statusTone(status)}>{status}</Badge>,
    },
  ];
}

/** Colour of Heat's own words for a resource, which end in how its last action went. */
export function statusTone(status: string): Tone {
  if (status.endsWith('_COMPLETE')) return 'success';
  if (status.endsWith('_FAILED')) return 'danger';
  return status.endsWith('_IN_PROGRESS') ? 'info' : 'neutral';
}
