'use client';

import { useQuery } from '@tanstack/react-query';
import { Monitor } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { isVm, vmStateOf } from '@/server/operations/deployments/deployment-gates';
import type { Deployment } from '@/server/operations/deployments/schemas';
import { gate } from '@/server/workbench/vm-gates';
import { useTRPC } from '../api/trpc-provider';
import { VmConsole } from '../console/vm-console';
import { useMayOperate } from '../distribution/use-may-operate';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
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

/** What the site made, and the console of the VM that one chooses of it. */
export function Resources({ deployment }: { deployment: Deployment }) {
  const { siteId, releaseId, resources, state } = deployment;
  const t = useTranslations('deployments.view');
  const trpc = useTRPC();
  const [chosen, setChosen] = useState<string>();
  const { data: sites } = useQuery(trpc.sites.list.queryOptions());
  const columns = useColumns();
  const mayOperate = useMayOperate();
  const mayOpen = releaseId === null || mayOperate;
  const site = sites?.find((each) => each.id === siteId);
  const consoles = state !== 'deleting' && site?.capabilities.includes('console') === true;
  const shown = consoles ? resources.find((each) => isVm(each) && each.name === chosen) : undefined;
  // One that comes again later is another VM: it does not open by itself.
  if (chosen !== undefined && !shown) setChosen(undefined);
  // One that stopped while it is looked at says so, until it is put away.
  const canBeSeen = (resource: Resource) =>
    isVm(resource) && (resource === shown || gate('console', vmStateOf(state, resource)).allowed);
  const consoleOf = (resource: Resource) =>
    canBeSeen(resource) && (
      <ConsoleButton
        name={resource.name}
        shown={resource === shown}
        mayOpen={mayOpen}
        onToggle={() => setChosen(resource === shown ? undefined : resource.name)}
      />
    );
  return (
    <>
      <Card title={t('resources')} {...(resources.length === 0 && { description: t('noResources') })}>
        {resources.length > 0 && (
          <DataTable
            label={t('resources')}
            rows={resources}
            columns={columns}
            rowId={({ name }) => name}
            {...(consoles && { rowActions: consoleOf })}
            dense
          />
        )}
      </Card>
      {shown && <ResourceConsole key={shown.name} deployment={deployment} resource={shown} />}
    </>
  );
}

function ConsoleButton({
  name,
  shown,
  mayOpen,
  onToggle,
}: {
  name: string;
  shown: boolean;
  mayOpen: boolean;
  onToggle: () => void;
}) {
  const t = useTranslations('deploymentPages.view');
  return (
    <Button
      size="sm"
      variant="ghost"
      icon={<Monitor />}
      aria-label={t(shown ? 'hideConsoleOf' : 'consoleOf', { name })}
      onClick={onToggle}
      {...(!mayOpen && { disabledReason: t('operatorsLook') })}
    >
      {t(shown ? 'hideConsole' : 'console')}
    </Button>
  );
}

/** The console of one VM, brought into sight when it comes. */
function ResourceConsole({ deployment, resource }: { deployment: Deployment; resource: Resource }) {
  const t = useTranslations('deploymentPages.view');
  const place = useRef<HTMLElement>(null);
  const { name } = resource;
  useEffect(() => place.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <section ref={place} aria-label={t('consoleOf', { name })} className="scroll-mt-20">
      <VmConsole
        vmId={`${deployment.id}.${name}`}
        vmName={`${deployment.name} · ${name}`}
        state={vmStateOf(deployment.state, resource)}
      />
    </section>
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

/** Colour of Heat's own words for a resource, which end in how its last action went, and of states of VMs. */
export function statusTone(status: string): Tone {
  if (status === 'RUNNING') return 'success';
  if (status === 'FAILED' || status === 'MISSING') return 'danger';
  if (status.endsWith('_COMPLETE')) return 'success';
  if (status.endsWith('_FAILED')) return 'danger';
  return status.endsWith('_IN_PROGRESS') ? 'info' : 'neutral';
}
