'use client';

import { useQuery } from '@tanstack/react-query';
import { Monitor } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { Deployment } from '@/server/operations/deployments/schemas';
import { useTRPC } from '../api/trpc-provider';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { InlineCode } from '../ui/code-block';
import { CopyButton } from '../ui/copy-button';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { IconButton } from '../ui/icon-button';
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

/** What the site made, with the way to the console of each VM. */
export function Resources({ deployment: { id, siteId, resources, state } }: { deployment: Deployment }) {
  const t = useTranslations('deployments.view');
  const trpc = useTRPC();
  const { data: sites } = useQuery(trpc.sites.list.queryOptions());
  const columns = useColumns();
  const site = sites?.find((each) => each.id === siteId);
  const consoles = state !== 'deleting' && site?.capabilities.includes('console') === true;
  return (
    <Card title={t('resources')} {...(resources.length === 0 && { description: t('noResources') })}>
      {resources.length > 0 && (
        <DataTable
          label={t('resources')}
          rows={resources}
          columns={columns}
          rowId={({ name }) => name}
          {...(consoles && { rowActions: consoleOf(id) })}
          dense
        />
      )}
    </Card>
  );
}

const isVm = ({ type }: Resource) => type === 'VM' || type === 'OS::Nova::Server';

const consoleOf = (id: string) => (resource: Resource) =>
  isVm(resource) && <ConsoleButton id={id} name={resource.name} />;

/** Opens the console in a window of its own, as that of a VM of the workbench. */
function ConsoleButton({ id, name }: { id: string; name: string }) {
  const t = useTranslations('deploymentPages.view');
  const vm = `${id}.${encodeURIComponent(name)}`;
  return (
    <IconButton
      size="sm"
      label={t('consoleOf', { name })}
      icon={<Monitor />}
      onClick={() => window.open(`/console/${vm}`, `console-${vm}`, 'popup,width=1100,height=860')}
    />
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
