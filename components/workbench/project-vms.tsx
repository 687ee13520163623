'use client';

import { useQuery } from '@tanstack/react-query';
import { Server } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { VmView } from '@/server/workbench/model';
import { useTRPC } from '../api/trpc-provider';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { EmptyState } from '../ui/empty-state';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { PowerButtons } from '../vms/power-buttons';
import { useVmReason } from '../vms/vm-reason';
import { VmScreen } from '../vms/vm-screen';
import { VmStateDot } from '../vms/vm-state';
import { NewVmButton } from './new-vm-button';
import { QueryView } from './query-view';

/** The VMs of a project, each with the picture of its screen and its power buttons. */
export function ProjectVms({ projectId }: { projectId: string }) {
  const t = useTranslations('workbench');
  const trpc = useTRPC();
  const reasonOf = useVmReason();
  const project = useQuery(trpc.workbench.projects.get.queryOptions({ projectId }));
  const query = useQuery(trpc.workbench.vms.list.queryOptions({ projectId }));

  const columns = columnsOf(t, reasonOf);

  return (
    <QueryView query={query} pending={<SkeletonRows />}>
      {(vms) => (
        <DataTable
          label={t('project.vms')}
          rows={vms}
          columns={columns}
          rowId={(vm) => vm.id}
          rowHref={pageOf}
          rowActions={powerOf}
          empty={
            <EmptyState
              icon={<Server />}
              title={t('project.noVms')}
              action={project.data && <NewVmButton project={project.data} />}
            >
              {t('project.noVmsText')}
            </EmptyState>
          }
        />
      )}
    </QueryView>
  );
}

const pageOf = (vm: VmView) => `/projects/${vm.projectId}/vms/${vm.id}`;
const powerOf = (vm: VmView) => <PowerButtons vm={vm} compact />;

function columnsOf(
  t: ReturnType<typeof useTranslations<'workbench'>>,
  reasonOf: ReturnType<typeof useVmReason>,
): DataColumn<VmView>[] {
  return [
    {
      id: 'screen',
      header: t('vm.screen'),
      hideHeader: true,
      phone: 'show',
      className: 'w-32',
      cell: (vm) => (
        <VmScreen vmId={vm.id} name={vm.name} state={vm.state} available={vm.gates.screen.allowed} />
      ),
    },
    {
      id: 'name',
      header: t('vm.name'),
      phone: 'title',
      sort: (vm) => vm.name,
      cell: (vm) => (
        <span className="flex flex-col gap-0.5">
          <span>{vm.name}</span>
          <span className="text-text-muted text-[0.8125rem] font-normal">{vm.siteName}</span>
        </span>
      ),
    },
    {
      id: 'state',
      header: t('vm.state'),
      sort: (vm) => vm.state,
      cell: (vm) => (
        <span className="flex flex-col gap-0.5">
          <VmStateDot state={vm.state} />
          <span className="text-text-muted text-[0.8125rem]">{reasonOf(vm)}</span>
        </span>
      ),
    },
    {
      id: 'size',
      header: t('vm.size'),
      sort: (vm) => vm.memoryMiB,
      cell: (vm) => (
        <span className="tabular max-sm:text-right">
          {t('vm.sizeWords', { vcpus: vm.vcpus, memory: vm.memoryMiB, disk: vm.diskGiB })}
        </span>
      ),
    },
    { id: 'image', header: t('vm.image'), sort: (vm) => vm.imageName, cell: (vm) => vm.imageName },
    {
      id: 'created',
      header: t('project.created'),
      phone: 'hide',
      sort: (vm) => vm.createdAt,
      cell: (vm) => <RelativeTime at={vm.createdAt} />,
    },
  ];
}
