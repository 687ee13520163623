'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleDashed, Download } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { NamedImage } from '@/server/containers/schemas';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { JobProgress } from '../jobs/job-progress';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Digest } from '../ui/digest';
import { useProblemText } from '../ui/error-state';
import { PullDialog } from './pull-dialog';

/**
 * The images that a deployment text names: those the project holds, and those it has to fetch.
 *
 * @param unsaved whether the editor holds what is not saved: only the stored text's images are fetched all at once
 */
export function NamedImages({
  projectId,
  images,
  unsaved,
}: {
  projectId: string;
  images: readonly NamedImage[];
  unsaved: boolean;
}) {
  const t = useTranslations('containerPages.deployment');
  const [fetching, setFetching] = useState<string>();
  const missing = images.filter(({ image, jobId }) => image === null && jobId === null);
  return (
    <Card
      title={t('images')}
      description={t('imagesText')}
      actions={
        missing.length > 0 && <FetchAll projectId={projectId} count={missing.length} unsaved={unsaved} />
      }
    >
      {images.length === 0 ? (
        <p className="text-text-muted">{t('noImages')}</p>
      ) : (
        <ul className="divide-border -my-2 divide-y">
          {images.map((image) => (
            <li key={image.reference} className="flex flex-col gap-2 py-3">
              <Named image={image} onFetch={() => setFetching(image.reference)} />
              {image.jobId !== null && <JobProgress jobId={image.jobId} hideDone />}
            </li>
          ))}
        </ul>
      )}
      <PullDialog
        projectId={projectId}
        reference={fetching ?? ''}
        open={fetching !== undefined}
        onOpenChange={(open) => {
          if (!open) setFetching(undefined);
        }}
      />
    </Card>
  );
}

function Named({
  image: { reference, usedIn, image, jobId },
  onFetch,
}: {
  image: NamedImage;
  onFetch: () => void;
}) {
  const t = useTranslations('containerPages.deployment');
  const held = image !== null;
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <div className="flex min-w-0 flex-1 basis-64 gap-2.5">
        {held ? (
          <CircleCheck aria-hidden className="text-success mt-0.5 size-4 shrink-0" />
        ) : (
          <CircleDashed aria-hidden className="text-warning mt-0.5 size-4 shrink-0" />
        )}
        <span className="min-w-0">
          <span className="font-mono text-[0.8125rem] break-all">{reference}</span>
          <span className="text-text-muted block text-sm">{usedIn.join(', ')}</span>
        </span>
      </div>
      {held ? (
        <span className="flex items-center gap-2 text-sm">
          <span className="text-success">{t('held')}</span>
          <Digest value={image.digest} />
        </span>
      ) : (
        <span className="flex items-center gap-3 text-sm">
          <span className="text-warning">{t(jobId === null ? 'missing' : 'coming')}</span>
          {jobId === null && (
            <Button size="sm" icon={<Download />} onClick={onFetch}>
              {t('fetch')}
            </Button>
          )}
        </span>
      )}
    </div>
  );
}

function FetchAll({ projectId, count, unsaved }: { projectId: string; count: number; unsaved: boolean }) {
  const t = useTranslations('containerPages.deployment');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const say = useProblemText();
  const fetchAll = useMutation(
    trpc.containers.text.fetchMissing.mutationOptions({
      onSuccess: async (jobs) => {
        toast.success(t('fetching', { count: jobs.length }));
        await queries.invalidateQueries(trpc.containers.pathFilter());
      },
      onError: (error) => toast.error(say(problemOf(error))),
    }),
  );
  return (
    <Button
      size="sm"
      variant="primary"
      icon={<Download />}
      busy={fetchAll.isPending}
      onClick={() => fetchAll.mutate({ projectId, requestKey: newRequestKey() })}
      {...(unsaved && { disabledReason: t('saveFirst') })}
    >
      {t('fetchAll', { count })}
    </Button>
  );
}
