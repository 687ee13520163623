'use client';

import { useQuery } from '@tanstack/react-query';
import { FileText, FolderUp, Info, Monitor, Wrench } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { usePathname, useSearchParams } from 'next/navigation';
import type { VmView } from '@/server/workbench/model';
import { useTRPC } from '../api/trpc-provider';
import { SerialLog } from '../console/serial-log';
import { VmConsole } from '../console/vm-console';
import { VmDropTarget } from '../files/vm-drop-target';
import { VmFiles } from '../files/vm-files';
import { JobProgress } from '../jobs/job-progress';
import { VmTools } from '../tools/vm-tools';
import { Notice } from '../ui/notice';
import { PageHeader } from '../ui/page-header';
import { SkeletonPage } from '../ui/skeleton';
import { Tabs } from '../ui/tabs';
import { QueryView } from '../workbench/query-view';
import { BootTimeline } from './boot-timeline';
import { CaptureButton } from './capture-button';
import { PowerButtons } from './power-buttons';
import { SiteNotice } from './site-notice';
import { useVmActions } from './use-vm-actions';
import { useVmPalette } from './use-vm-palette';
import { VmDetails } from './vm-details';
import { useVmReason } from './vm-reason';
import { VmStateDot } from './vm-state';

/** One VM: its state and power, how it starts, its screen, and all that can be done with it. */
export function VmPage({ vmId }: { vmId: string }) {
  const t = useTranslations('workbench');
  const trpc = useTRPC();
  const query = useQuery(trpc.workbench.vms.get.queryOptions({ vmId }));
  return (
    <QueryView query={query} pending={<SkeletonPage label={t('vm.loading')} />}>
      {(vm) => (
        <>
          <PageHeader
            title={vm.name}
            crumbs={[
              { label: t('list.title'), href: '/projects' },
              { label: vm.projectName, href: `/projects/${vm.projectId}` },
              { label: t('project.vms'), href: `/projects/${vm.projectId}/vms` },
            ]}
            status={
              <span role="status">
                <VmStateDot state={vm.state} />
              </span>
            }
            description={t('vm.about', {
              image: vm.imageName,
              size: t('vm.sizeWords', { vcpus: vm.vcpus, memory: vm.memoryMiB, disk: vm.diskGiB }),
              site: vm.siteName,
            })}
            actions={
              <>
                <CaptureButton vm={vm} />
                <PowerButtons vm={vm} />
              </>
            }
          />
          <div className="mb-5 flex flex-col gap-3 empty:hidden">
            <SiteNotice siteId={vm.siteId} />
            <Why vm={vm} />
            {vm.jobId !== undefined && <JobProgress jobId={vm.jobId} hideDone />}
            <BootTimeline boot={vm.boot} />
          </div>
          <Parts vm={vm} />
        </>
      )}
    </QueryView>
  );
}

/** Why it is stopped or failed, when there is something to say. */
function Why({ vm }: { vm: VmView }) {
  const t = useTranslations('workbench');
  const reason = useVmReason()(vm);
  // A failed creation is told by its job, with "try again" beside it.
  if (reason === '' || (vm.siteRef === undefined && vm.jobId !== undefined)) return null;
  const detail = vm.problem?.detail ?? vm.reasonDetail;
  return (
    <Notice
      tone={vm.state === 'failed' || vm.problem !== undefined ? 'danger' : 'info'}
      title={t(`states.${vm.state}`)}
    >
      <p>{reason}</p>
      {detail !== undefined && <pre className="mt-1 font-mono text-xs whitespace-pre-wrap">{detail}</pre>}
    </Notice>
  );
}

function Parts({ vm }: { vm: VmView }) {
  const t = useTranslations('workbench.vm');
  const path = usePathname();
  const actions = useVmActions(vm);
  useVmPalette(vm, actions.act);
  const asked = useSearchParams().get('tab');
  const serial = vm.capabilities.includes('serial');
  const tabs = [
    {
      value: 'console',
      label: t('console'),
      icon: <Monitor />,
      content: (
        <VmConsole vmId={vm.id} vmName={vm.name} state={vm.state} power={<PowerButtons vm={vm} compact />} />
      ),
    },
    { value: 'files', label: t('files'), icon: <FolderUp />, content: <VmFiles vmId={vm.id} /> },
    { value: 'tools', label: t('tools'), icon: <Wrench />, content: <VmTools vmId={vm.id} /> },
    ...(serial && vm.siteRef !== undefined
      ? [{ value: 'serial', label: t('serial'), icon: <FileText />, content: <SerialLog vmId={vm.id} /> }]
      : []),
    { value: 'details', label: t('details'), icon: <Info />, content: <VmDetails vm={vm} /> },
  ];
  const tab = tabs.find(({ value }) => value === asked)?.value ?? 'console';
  const parts = (
    <Tabs
      label={t('parts')}
      value={tab}
      onValueChange={(value) => {
        // Only the address changes: the server has nothing to add, so nobody waits for it.
        window.history.replaceState(null, '', value === 'console' ? path : `${path}?tab=${value}`);
      }}
      tabs={tabs}
    />
  );
  // The files' own tab knows the folder that things are dropped into.
  if (tab === 'files') return parts;
  return (
    <VmDropTarget vmId={vm.id} vmName={vm.name} disabledReason={actions.reason('files')}>
      {parts}
    </VmDropTarget>
  );
}
