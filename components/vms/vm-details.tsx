'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import type { CloudWish } from '@/server/sites/site';
import type { VmEvent, VmView } from '@/server/workbench/model';
import { useTRPC } from '../api/trpc-provider';
import { useTextOf } from '../i18n/use-text-of';
import { Badge } from '../ui/badge';
import { useByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { CodeBlock, InlineCode } from '../ui/code-block';
import { CopyButton } from '../ui/copy-button';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { useProblemText } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { DateTime, RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { portName } from './create-ports';
import { ReachPanel } from './reach-panel';

/** What a VM is made of, how it is reached, and what happened to it. */
export function VmDetails({ vm }: { vm: VmView }) {
  const t = useTranslations('workbench');
  return (
    <div className="grid items-start gap-6 xl:grid-cols-2">
      <Card title={t('details.machine')}>
        <KeyValueList
          items={[
            { label: t('create.site'), value: vm.siteName },
            {
              label: t('create.flavor'),
              value: t('vm.sizeWords', { vcpus: vm.vcpus, memory: vm.memoryMiB, disk: vm.diskGiB }),
            },
            { label: t('create.image'), value: vm.imageName },
            { label: t('project.created'), value: <DateTime at={vm.createdAt} /> },
            { label: t('details.id'), value: <Copyable text={vm.id} label={t('details.id')} /> },
          ]}
        />
      </Card>
      <Reach vm={vm} />
      {vm.capabilities.includes('reach') && vm.siteRef !== undefined && (
        <div className="xl:col-span-2">
          <ReachPanel vm={vm} />
        </div>
      )}
      {vm.files.length > 0 && <Files files={vm.files} />}
      {vm.userData !== undefined && (
        <Card title={t('create.userData')} className="xl:col-span-2">
          <CodeBlock text={vm.userData} label={t('create.userData')} />
        </Card>
      )}
      <div className="xl:col-span-2">
        <h2 className="mb-3 text-[0.9375rem] font-semibold">{t('details.timeline')}</h2>
        <Events vmId={vm.id} />
      </div>
    </div>
  );
}

function Reach({ vm }: { vm: VmView }) {
  const t = useTranslations('workbench');
  const ssh =
    vm.ssh && vm.login !== undefined ? `ssh -p ${vm.ssh.port} ${vm.login}@${vm.ssh.host}` : undefined;
  return (
    <Card title={t('create.network')}>
      <KeyValueList
        items={[
          { label: t('create.network'), value: vm.networkName },
          {
            label: t('details.addresses'),
            value:
              vm.addresses.length === 0 ? undefined : (
                <Addresses addresses={vm.addresses} floating={vm.floating} />
              ),
          },
          ...(vm.cloud ? cloudItems(t, vm.cloud) : [forwardsItem(t, vm)]),
          {
            label: 'SSH',
            value: ssh && <Copyable text={ssh} label={t('details.sshCommand')} />,
            hint: ssh && t(vm.ownKeys > 0 ? 'details.sshHint' : 'details.sshNoKeys'),
          },
          { label: t('details.hostKey'), value: vm.hostKey && <InlineCode>{vm.hostKey}</InlineCode> },
        ]}
      />
    </Card>
  );
}

/** What it was created with; the guest wrote them at its first start, and may have changed them since. */
function Files({ files }: { files: VmView['files'] }) {
  const t = useTranslations('workbench');
  const bytes = useByteSize();
  return (
    <Card title={t('create.files')} className="xl:col-span-2">
      <KeyValueList
        items={files.map(({ path, mode, size }) => ({
          label: path,
          value: <span className="tabular">{t('details.fileWords', { size: bytes(size), mode })}</span>,
        }))}
      />
    </Card>
  );
}

function Addresses({ addresses, floating }: Pick<VmView, 'addresses' | 'floating'>) {
  const t = useTranslations('workbench.details');
  return (
    <ul className="flex flex-col gap-1">
      {addresses.map((address) => (
        <li key={address} className="tabular flex flex-wrap items-center gap-2">
          <span className="break-all">{address}</span>
          {floating.includes(address) && <Badge tone="accent">{t('floating')}</Badge>}
        </li>
      ))}
    </ul>
  );
}

type Words = ReturnType<typeof useTranslations<'workbench'>>;

function forwardsItem(t: Words, { forwards }: VmView) {
  const value = forwards.length > 0 && (
    <ul>
      {forwards.map(({ protocol, hostPort, guestPort }) => (
        <li key={`${protocol}/${guestPort}/${hostPort}`} className="tabular">
          {t('details.forward', { protocol: protocol.toUpperCase(), hostPort, guestPort })}
        </li>
      ))}
    </ul>
  );
  return { label: t('create.forwards'), value: value || undefined };
}

/** What was asked of the cloud; what it has now stands among the addresses. */
function cloudItems(t: Words, { zone, openPorts }: CloudWish) {
  return [
    {
      label: t('details.openedPorts'),
      value: openPorts.map(portName).join(', ') || t('create.openPortsNone'),
    },
    { label: t('create.zone'), value: zone ?? t('create.zoneAny') },
  ];
}

function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1">
      <InlineCode className="truncate">{text}</InlineCode>
      <CopyButton text={text} label={label} size="sm" />
    </span>
  );
}

function Events({ vmId }: { vmId: string }) {
  const t = useTranslations('workbench');
  const textOf = useTextOf('workbench');
  const trpc = useTRPC();
  const problemText = useProblemText();
  const query = useQuery(trpc.workbench.vms.events.queryOptions({ vmId }));
  const words = ({ kind, value }: VmEvent): string => {
    if (kind === 'state') return textOf(`states.${value}`) ?? value;
    if (kind === 'action') return t('details.asked', { action: textOf(`power.${value}`) ?? value });
    if (kind === 'boot') return t('details.bootReached', { phase: textOf(`boot.phases.${value}`) ?? value });
    return problemText({ code: 'failed', key: value, params: {} });
  };
  return (
    <QueryView query={query} pending={<SkeletonRows rows={4} />}>
      {(events) => (
        <DataTable
          label={t('details.timeline')}
          dense
          pageSize={25}
          rows={events.toReversed()}
          rowId={(event) => String(event.id)}
          columns={columnsOf(t, words)}
        />
      )}
    </QueryView>
  );
}

function columnsOf(
  t: ReturnType<typeof useTranslations<'workbench'>>,
  words: (event: VmEvent) => string,
): DataColumn<VmEvent>[] {
  return [
    { id: 'what', header: t('details.what'), phone: 'title', cell: words },
    { id: 'who', header: t('details.who'), phone: 'hide', cell: ({ actorName }) => actorName },
    { id: 'when', header: t('details.when'), cell: ({ at }) => <RelativeTime at={at} /> },
  ];
}
