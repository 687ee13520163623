'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, Disc3, DoorOpen, Globe, RefreshCw } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { toast } from 'sonner';
import type { Hop, ReachMend } from '@/server/sites/reaching';
import type { VmView } from '@/server/workbench/model';
import { inItsOwnTime } from '../api/own-time';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { classNames } from '../ui/class-names';
import { ErrorState } from '../ui/error-state';
import { LinkButton } from '../ui/link-button';
import { Notice } from '../ui/notice';
import { Spinner } from '../ui/spinner';

/** How the way to a VM is asked for; a look costs the cloud several questions, so it is repeated only on wish. */
export function reachOptions(trpc: ReturnType<typeof useTRPC>, vmId: string) {
  return trpc.workbench.vms.reach.queryOptions(
    { vmId },
    { ...inItsOwnTime, retry: false, refetchOnWindowFocus: false },
  );
}

/**
 * The way from the server to a VM's SSH port, which files and tools go by: every hop, the one that fails, and the
 * buttons that mend it.
 *
 * @param anew whether a new VM, with its files, would do as well
 * @param otherwise what stands here instead as long as no hop is known to fail
 */
export function ReachPanel({
  vm,
  anew = true,
  otherwise,
}: {
  vm: Pick<VmView, 'id' | 'name' | 'projectId'>;
  anew?: boolean;
  otherwise?: ReactNode;
}) {
  const t = useTranslations('workbench.reach');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const asked = reachOptions(trpc, vm.id);
  const query = useQuery(asked);
  const mend = useMutation(
    trpc.workbench.vms.mend.mutationOptions({
      onSuccess: async (reach) => {
        queries.setQueryData(asked.queryKey, reach);
        if (reach.hops.every(({ ok }) => ok)) toast.success(t('mended', { name: vm.name }));
        await Promise.all([
          queries.invalidateQueries(trpc.workbench.vms.get.queryFilter({ vmId: vm.id })),
          queries.invalidateQueries(trpc.files.pathFilter()),
          queries.invalidateQueries(trpc.tools.pathFilter()),
          queries.invalidateQueries(trpc.images.capture.examine.queryFilter({ vmId: vm.id })),
        ]);
      },
    }),
  );
  const fixes = query.data?.fixes ?? [];
  const mends = fixes.filter((fix) => fix.kind !== 'configDrive');
  const drive = anew ? fixes.find((fix) => fix.kind === 'configDrive') : undefined;
  const broken = query.data?.hops.find(({ ok }) => !ok);
  if (otherwise !== undefined && !broken) return otherwise;
  return (
    <Card
      title={t('title')}
      description={t('text')}
      actions={
        <Button size="sm" icon={<RefreshCw />} busy={query.isFetching} onClick={() => void query.refetch()}>
          {t('again')}
        </Button>
      }
    >
      <div aria-live="polite" className="flex flex-col gap-4">
        {query.error && !query.data && <ErrorState compact problem={problemOf(query.error)} />}
        {query.isPending && <Spinner label={t('looking')} />}
        {query.data && <Hops hops={query.data.hops} />}
        {mend.error && <ErrorState compact problem={problemOf(mend.error)} />}
        {mends.length > 0 && (
          <div className="flex flex-wrap gap-2">
            {mends.map((fix) => (
              <FixButton
                key={fix.kind}
                fix={fix}
                busy={mend.isPending && mend.variables.fix === fix.kind}
                onClick={() => mend.mutate({ vmId: vm.id, fix: fix.kind })}
              />
            ))}
          </div>
        )}
        {drive && (
          <Notice
            icon={<Disc3 />}
            title={t('configDrive')}
            action={
              <LinkButton size="sm" href={`/projects/${vm.projectId}/vms/new`}>
                {t('configDriveNew')}
              </LinkButton>
            }
          >
            {t('configDriveText', { kib: drive.kib })}
          </Notice>
        )}
        {broken && fixes.length === 0 && <p className="text-text-muted text-sm text-pretty">{t('noFix')}</p>}
      </div>
    </Card>
  );
}

function Hops({ hops }: { hops: readonly Hop[] }) {
  const t = useTranslations('workbench.reach');
  const tHops = useTranslations('sites.hops');
  return (
    <ol aria-label={t('title')} className="border-border divide-border divide-y rounded-lg border">
      {hops.map(({ hop, ok, says, params }) => (
        <li key={hop} className="flex gap-3 px-4 py-3">
          <span
            aria-hidden
            className={classNames('pt-0.5 [&_svg]:size-4.5', ok ? 'text-success' : 'text-danger')}
          >
            {ok ? <CircleCheck /> : <CircleAlert />}
          </span>
          <div className="min-w-0">
            <p className="font-medium">
              {t(`hops.${hop}`)} <span className="sr-only">{ok ? t('ok') : t('failed')}</span>
            </p>
            <p className={classNames('tabular text-sm text-pretty break-words', ok && 'text-text-muted')}>
              {tHops(says, params)}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}

function FixButton({ fix, busy, onClick }: { fix: ReachMend; busy: boolean; onClick: () => void }) {
  const t = useTranslations('workbench.reach');
  return (
    <Button
      variant="primary"
      icon={fix.kind === 'openPort' ? <DoorOpen /> : <Globe />}
      busy={busy}
      onClick={onClick}
    >
      {fix.kind === 'openPort' ? t('openPort', { port: fix.port }) : t('floatingIp', { name: fix.name })}
    </Button>
  );
}
