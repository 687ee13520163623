'use client';

import { useQuery } from '@tanstack/react-query';
import { Boxes } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useTRPC } from '../api/trpc-provider';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { ByteSize } from '../ui/byte-size';
import { LinkButton, TextLink } from '../ui/link-button';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { ImageName } from './image-name';
import { RunStateDot } from './run-state';

/** Images named in the overview; the rest stands in its own tab. */
const shownImages = 6;

/** What a container project holds, in short: its images, and where it runs for a try. */
export function ProjectContents({ projectId }: { projectId: string }) {
  return (
    <>
      <Images projectId={projectId} />
      <Runs projectId={projectId} />
    </>
  );
}

function Images({ projectId }: { projectId: string }) {
  const t = useTranslations('containerPages');
  const trpc = useTRPC();
  const query = useQuery(trpc.containers.list.queryOptions({ projectId }));
  const page = `/projects/${projectId}/images`;
  return (
    <Card title={t('images.title')} actions={<TextLink href={page}>{t('overview.toImages')}</TextLink>}>
      <QueryView query={query} pending={<SkeletonRows rows={2} />}>
        {(images) =>
          images.length === 0 ? (
            <EmptyState
              icon={<Boxes />}
              title={t('images.empty')}
              action={
                <LinkButton href={page} variant="primary">
                  {t('overview.addImages')}
                </LinkButton>
              }
              compact
            >
              {t('overview.noImages')}
            </EmptyState>
          ) : (
            <ul className="divide-border divide-y">
              {images.slice(0, shownImages).map((image) => (
                <li key={image.id} className="flex items-center justify-between gap-3 py-2">
                  <ImageName image={image} />
                  <span className="text-text-muted tabular shrink-0 text-sm">
                    <ByteSize bytes={image.size} />
                  </span>
                </li>
              ))}
              {images.length > shownImages && (
                <li className="pt-2 text-sm">
                  <TextLink href={page}>{t('images.more', { count: images.length - shownImages })}</TextLink>
                </li>
              )}
            </ul>
          )
        }
      </QueryView>
    </Card>
  );
}

function Runs({ projectId }: { projectId: string }) {
  const t = useTranslations('containerPages');
  const trpc = useTRPC();
  const query = useQuery(trpc.containers.deployments.list.queryOptions({ projectId }));
  if (!query.data || query.data.length === 0) return null;
  return (
    <Card title={t('runs.title')}>
      <ul className="divide-border divide-y">
        {query.data.map((run) => (
          <li key={run.id} className="flex flex-wrap items-center justify-between gap-3 py-2">
            <span className="min-w-0">
              <TextLink href={`/projects/${projectId}/runs/${run.id}`} className="font-medium">
                {run.name}
              </TextLink>{' '}
              <span className="text-text-muted text-sm">{run.siteName}</span>
            </span>
            <RunStateDot state={run.state} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
