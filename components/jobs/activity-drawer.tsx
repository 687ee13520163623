'use client';

import { useQuery } from '@tanstack/react-query';
import { Activity } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Drawer } from '../ui/drawer';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { LinkButton } from '../ui/link-button';
import { SkeletonRows } from '../ui/skeleton';
import { JobRow } from './job-row';
import { isActive } from './use-job';

/** What the server works on, from every page: running jobs first, then those that ended lately. */
export function ActivityDrawer({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations('jobs.activity');
  const close = () => onOpenChange(false);
  return (
    <Drawer
      open={open}
      onOpenChange={onOpenChange}
      title={t('title')}
      description={t('description')}
      footer={
        <LinkButton href="/activity" onClick={close}>
          {t('showAll')}
        </LinkButton>
      }
    >
      <DrawerJobs onFollow={close} />
    </Drawer>
  );
}

function DrawerJobs({ onFollow }: { onFollow: () => void }) {
  const t = useTranslations('jobs.activity');
  const trpc = useTRPC();
  const { data: jobs, error, refetch } = useQuery(trpc.jobs.list.queryOptions({ limit: 50 }));
  if (error) return <ErrorState problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (!jobs) return <SkeletonRows rows={4} />;
  if (jobs.length === 0) {
    return (
      <EmptyState icon={<Activity />} title={t('empty')}>
        {t('emptyText')}
      </EmptyState>
    );
  }
  const running = jobs.filter(isActive);
  const recent = jobs.filter((job) => !isActive(job)).slice(0, 20);
  return (
    <div className="flex flex-col gap-6">
      <section>
        <h3 className="text-text-muted text-sm font-semibold">{t('running')}</h3>
        {running.length === 0 ? (
          <p className="text-text-muted py-3 text-sm">{t('noneRunning')}</p>
        ) : (
          <ul>
            {running.map((job) => (
              <JobRow key={job.id} job={job} onFollow={onFollow} />
            ))}
          </ul>
        )}
      </section>
      {recent.length > 0 && (
        <section>
          <h3 className="text-text-muted text-sm font-semibold">{t('recent')}</h3>
          <ul>
            {recent.map((job) => (
              <JobRow key={job.id} job={job} onFollow={onFollow} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
