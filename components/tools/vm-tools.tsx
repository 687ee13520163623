'use client';

import { useQuery } from '@tanstack/react-query';
import { PowerOff, Wrench } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Notice } from '../ui/notice';
import { SkeletonRows } from '../ui/skeleton';
import { ReachPanel } from '../vms/reach-panel';
import { MepCard } from './mep-card';
import { VmTool } from './vm-tool';

/** The tools of a VM: what can be installed, how each stands, with its log and another try. */
export function VmTools({ vmId }: { vmId: string }) {
  const t = useTranslations('tools');
  const root = useTranslations();
  const trpc = useTRPC();
  const vm = useQuery(trpc.workbench.vms.get.queryOptions({ vmId }));
  const tools = useQuery(trpc.tools.ofVm.queryOptions({ vmId }));
  const error = vm.error ?? tools.error;
  if (error)
    return <ErrorState problem={problemOf(error)} onRetry={() => void (vm.error ? vm : tools).refetch()} />;
  if (!vm.data || !tools.data) return <SkeletonRows />;
  const gate = vm.data.gates.tools;
  const refusal = gate.allowed ? undefined : root(gate.key as never, { name: vm.data.name } as never);
  return (
    <div className="space-y-4">
      {refusal !== undefined && (
        <Notice tone="neutral" icon={<PowerOff />}>
          {refusal}
        </Notice>
      )}
      {tools.data.length === 0 ? (
        <EmptyState icon={<Wrench />} title={t('emptyTitle')}>
          {t('emptyText')}
        </EmptyState>
      ) : (
        <ul aria-label={t('table')} className="space-y-3">
          {tools.data.map((tool) => (
            <VmTool key={tool.toolId} vmId={vmId} tool={tool} refusal={refusal} />
          ))}
        </ul>
      )}
      {gate.allowed &&
        vm.data.capabilities.includes('reach') &&
        tools.data.some(({ state }) => state === 'failed') && <ReachPanel vm={vm.data} />}
      <p className="text-text-muted text-[0.8125rem]">{t('vmText')}</p>
      <MepCard projectId={vm.data.projectId} />
    </div>
  );
}
