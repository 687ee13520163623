'use client';

import { useQuery } from '@tanstack/react-query';
import { Activity } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { toast } from 'sonner';
import type { JobView } from '@/server/api/job-view';
import { useTRPC } from '../api/trpc-provider';
import { usePaletteActions, type PaletteAction } from '../palette/actions';
import { IconButton } from '../ui/icon-button';
import { ActivityDrawer } from './activity-drawer';
import { useJobWords } from './job-words';
import { isActive } from './use-job';
import { useJobEnds, useTitleBadge } from './use-job-ends';

const endTexts = { done: 'endedDone', failed: 'endedFailed', cancelled: 'endedCancelled' } as const;

/**
 * The way to everything the server works on, for signed-in users: how many jobs run, the drawer that shows them, and
 * word of each that ends.
 */
export function ActivityButton() {
  const t = useTranslations('jobs');
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const { data: jobs } = useQuery(trpc.jobs.list.queryOptions({ limit: 50 }));
  const count = jobs?.filter(isActive).length ?? 0;
  const { data: me } = useQuery(trpc.access.me.queryOptions());
  const sayEnd = useEndToast();
  useJobEnds(jobs, (job) => {
    // Administrators see everybody's jobs; only one's own are news.
    if (job.actorId === me?.userId) sayEnd(job);
  });
  useTitleBadge(count, (title) => t('activity.titleCount', { count, title }));
  const label = count === 0 ? t('activity.button') : t('activity.buttonRunning', { count });
  const actions = useMemo<PaletteAction[]>(
    () => [
      {
        id: 'activity',
        label: t('activity.title'),
        group: t('activity.title'),
        run: () => setOpen(true),
      },
    ],
    [t],
  );
  usePaletteActions(actions);
  return (
    <>
      <span className="relative">
        <IconButton label={label} icon={<Activity />} onClick={() => setOpen(true)} aria-haspopup="dialog" />
        {count > 0 && (
          <span
            aria-hidden
            className="bg-accent text-accent-contrast tabular pointer-events-none absolute -top-1 -right-1 min-w-4.5 rounded-full px-1 text-center text-[0.6875rem] leading-4.5 font-semibold"
          >
            {count > 99 ? '99+' : count}
          </span>
        )}
      </span>
      <ActivityDrawer open={open} onOpenChange={setOpen} />
    </>
  );
}

/** Says how a job ended, with the way to it. */
function useEndToast(): (job: JobView) => void {
  const t = useTranslations('jobs.job');
  const words = useJobWords();
  const router = useRouter();
  return (job) => {
    if (job.state !== 'done' && job.state !== 'failed' && job.state !== 'cancelled') return;
    const name = [words.kind(job.kind), job.subjectName].filter(Boolean).join(' · ');
    const say = { done: toast.success, failed: toast.error, cancelled: toast }[job.state];
    say(t(endTexts[job.state], { name }), {
      id: job.id,
      action: { label: t('open'), onClick: () => router.push(`/activity/${job.id}`) },
    });
  };
}
