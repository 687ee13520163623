'use client';

import { useTranslations } from 'next-intl';
import type { JobView } from '@/server/api/job-view';
import { problemOf } from '../api/problem-of';
import { Card } from '../ui/card';
import { InlineCode } from '../ui/code-block';
import { Elapsed } from '../ui/duration';
import { ErrorState } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { TextLink } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { DateTime, RelativeTime } from '../ui/relative-time';
import { SkeletonPage } from '../ui/skeleton';
import { StatusDot } from '../ui/status-dot';
import { Timeline, type TimelineStep } from '../ui/timeline';
import { JobActions } from './job-actions';
import { JobLog } from './job-log';
import { JobState } from './job-progress';
import { stateTones, useJobWords } from './job-words';
import { SubjectLink } from './subject-link';
import { isActive, useJob } from './use-job';

/** All there is to know about a job: its steps, why it failed, its log. */
export function JobDetail({ jobId }: { jobId: string }) {
  const { data: job, error, refetch } = useJob(jobId);
  if (error) return <ErrorState problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (!job) return <SkeletonPage />;
  return <Detail job={job} />;
}

function Detail({ job }: { job: JobView }) {
  const t = useTranslations('jobs.job');
  const words = useJobWords();
  const name = [words.kind(job.kind), job.subjectName].filter(Boolean).join(' · ');
  return (
    <div className="flex flex-col gap-5">
      <PageHeader
        title={name}
        crumbs={[{ label: t('back'), href: '/activity' }]}
        status={
          <StatusDot tone={stateTones[job.state]} busy={isActive(job)} label={words.state(job.state)} />
        }
        actions={<JobActions job={job} size="md" />}
      />
      <JobState job={job} />
      <div className="grid gap-5 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="flex flex-col gap-5">
          <Card title={t('steps')}>
            <Timeline label={t('steps')} steps={useSteps(job)} />
          </Card>
          <Card title={t('log')}>
            <JobLog jobId={job.id} over={!isActive(job)} />
          </Card>
        </div>
        <Card title={t('details')} className="self-start">
          <Facts job={job} />
        </Card>
      </div>
    </div>
  );
}

function useSteps(job: JobView): TimelineStep[] {
  const words = useJobWords();
  return job.steps.map((step) => ({
    id: step.name,
    title: words.step(job.kind, step.name),
    state: step.state,
    ...(step.startedAt !== undefined && {
      time: <Elapsed since={step.startedAt} until={step.endedAt ?? job.endedAt ?? null} />,
    }),
    ...(step.state === 'running' &&
      step.progress !== undefined && {
        progress: {
          value: step.progress.done,
          max: step.progress.total,
          bytes: step.progress.unit === 'bytes',
        },
      }),
  }));
}

function Facts({ job }: { job: JobView }) {
  const t = useTranslations('jobs.job');
  const took =
    job.startedAt === undefined ? undefined : <Elapsed since={job.startedAt} until={job.endedAt ?? null} />;
  return (
    <KeyValueList
      items={[
        { label: t('subject'), value: <SubjectLink job={job} /> },
        { label: t('actor'), value: job.actorName },
        { label: t('started'), value: <DateTime at={job.createdAt} /> },
        { label: t('took'), value: took },
        ...(isActive(job) && job.heartbeatAt !== undefined
          ? [{ label: t('lastSign'), value: <RelativeTime at={job.heartbeatAt} /> }]
          : []),
        { label: t('attempt'), value: String(job.attempt) },
        ...(job.parentId === undefined
          ? []
          : [
              {
                label: t('parent'),
                value: <TextLink href={`/activity/${job.parentId}`}>{job.parentId}</TextLink>,
              },
            ]),
        { label: t('id'), value: <InlineCode>{job.id}</InlineCode> },
      ]}
    />
  );
}
