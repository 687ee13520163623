'use client';

import { useQuery } from '@tanstack/react-query';
import { PowerOff, Wrench } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useId } from 'react';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Notice } from '../ui/notice';
import { SkeletonRows } from '../ui/skeleton';
import { ReachPanel, reachOptions } from '../vms/reach-panel';
import { MepCard } from './mep-card';
import { VmTool } from './vm-tool';

/** The tools of a VM: what can be installed, how each stands, with its log and another try. */
export function VmTools({ vmId }: { vmId: string }) {
  const t = useTranslations('tools');
  const root = useTranslations();
  const wayId = useId();
  const trpc = useTRPC();
  const vm = useQuery(trpc.workbench.vms.get.queryOptions({ vmId }));
  const tools = useQuery(trpc.tools.ofVm.queryOptions({ vmId }));
  const gate = vm.data?.gates.tools;
  const looks = gate?.allowed === true && vm.data?.capabilities.includes('reach') === true;
  // Asked once: an installation would wait long for a port that answers nothing, and fail.
  const way = useQuery({ ...reachOptions(trpc, vmId), enabled: looks });
  const error = vm.error ?? tools.error;
  if (error)
    return <ErrorState problem={problemOf(error)} onRetry={() => void (vm.error ? vm : tools).refetch()} />;
  if (!vm.data || !tools.data || !gate) return <SkeletonRows />;
  const broken = looks ? way.data?.hops.find(({ ok }) => !ok) : undefined;
  const off = gate.allowed ? undefined : root(gate.key, { name: vm.data.name });
  const refusal = off ?? (broken && t('noWay', { why: root(`sites.hops.${broken.says}`, broken.params) }));
  return (
    <div className="space-y-4">
      {off !== undefined && (
        <Notice tone="neutral" icon={<PowerOff />}>
          {off}
        </Notice>
      )}
      {looks && (broken || tools.data.some(({ state }) => state === 'failed')) && (
        <div id={wayId} tabIndex={-1}>
          <ReachPanel vm={vm.data} />
        </div>
      )}
      {tools.data.length === 0 ? (
        <EmptyState icon={<Wrench />} title={t('emptyTitle')}>
          {t('emptyText')}
        </EmptyState>
      ) : (
        <ul aria-label={t('table')} className="space-y-3">
          {tools.data.map((tool) => (
            <VmTool key={tool.toolId} vmId={vmId} tool={tool} refusal={refusal} wayId={broken && wayId} />
          ))}
        </ul>
      )}
      <p className="text-text-muted text-[0.8125rem]">{t('vmText')}</p>
      <MepCard projectId={vm.data.projectId} />
    </div>
  );
}
