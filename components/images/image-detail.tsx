'use client';

import { useQuery } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { DiskImage } from '@/server/images/schemas';
import { useTRPC } from '../api/trpc-provider';
import { JobActions } from '../jobs/job-actions';
import { useJobWords } from '../jobs/job-words';
import { useSubjectJobs } from '../jobs/use-job';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { LinkButton, TextLink } from '../ui/link-button';
import { Notice } from '../ui/notice';
import { PageHeader } from '../ui/page-header';
import { Progress } from '../ui/progress';
import { SkeletonPage } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { ImageActions } from './image-actions';
import { ImageFactList } from './image-fact-list';
import { ImageProofs } from './image-proofs';
import { ImageStateDot } from './image-state';

/** One image: what it is, what was seen of it, what uses it. */
export function ImageDetail({ imageId }: { imageId: string }) {
  const t = useTranslations('images.detail');
  const trpc = useTRPC();
  const query = useQuery(trpc.images.get.queryOptions({ imageId }));
  return (
    <QueryView query={query} pending={<SkeletonPage label={t('loading')} />}>
      {(image) => <Detail image={image} />}
    </QueryView>
  );
}

function Detail({ image }: { image: DiskImage }) {
  const t = useTranslations('images.detail');
  return (
    <>
      <PageHeader
        title={image.name}
        crumbs={[{ label: t('crumb'), href: '/images' }]}
        status={<ImageStateDot state={image.state} />}
        {...(image.description !== '' && { description: image.description })}
        actions={<ImageActions image={image} />}
      />
      <div className="flex flex-col gap-6">
        <Waiting image={image} />
        <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <Card title={t('facts')}>
            <ImageFactList image={image} />
          </Card>
          <div className="flex flex-col gap-6">
            <ImageProofs image={image} />
            <Uses image={image} />
          </div>
        </div>
      </div>
    </>
  );
}

/** What still has to happen, or why it did not. */
function Waiting({ image }: { image: DiskImage }) {
  const t = useTranslations('images.detail');
  const jobs = useSubjectJobs({ type: 'image', id: image.id });
  return (
    <>
      {image.state === 'failed' && image.error && (
        <ErrorState title={t('failedTitle')} problem={image.error} compact />
      )}
      {image.state === 'uploading' && (
        <Notice
          action={
            <LinkButton href="/images/new" icon={<Upload />} size="sm">
              {t('resumeLink')}
            </LinkButton>
          }
        >
          {t('resumeUpload')}
        </Notice>
      )}
      {jobs.active.map((job) => (
        <ActiveJob key={job.id} job={job} />
      ))}
    </>
  );
}

function ActiveJob({ job }: { job: ReturnType<typeof useSubjectJobs>['active'][number] }) {
  const words = useJobWords();
  const progress = job.steps.findLast(({ state }) => state === 'running')?.progress;
  return (
    <Card title={words.kind(job.kind)} actions={<JobActions job={job} />}>
      <Progress
        label={words.now(job)}
        {...(progress && {
          value: progress.done,
          max: Math.max(1, progress.total),
          bytes: progress.unit === 'bytes',
        })}
      />
    </Card>
  );
}

function Uses({ image }: { image: DiskImage }) {
  const t = useTranslations('images.detail');
  return (
    <Card title={t('usedBy')}>
      {image.usedBy.length === 0 ? (
        <p className="text-text-muted">{t('notUsed')}</p>
      ) : (
        <ul className="flex flex-col gap-2">
          {image.usedBy.map(({ kind, id, name, projectId }) => (
            <li key={id} className="flex min-w-0 items-baseline gap-2">
              <span className="text-text-muted text-sm">{t(`use.${kind}`)}</span>
              {kind === 'stack' ? (
                <span className="break-words">{name}</span>
              ) : (
                <TextLink href={`/projects/${projectId}/${kind}s/${id}`} className="break-words">
                  {name}
                </TextLink>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
