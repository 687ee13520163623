'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { PackageDetail } from '@/server/packages/schemas';
import { useTRPC } from '../api/trpc-provider';
import { JobProgress } from '../jobs/job-progress';
import { ByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { Digest } from '../ui/digest';
import { ErrorState } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { Notice } from '../ui/notice';
import { PageHeader } from '../ui/page-header';
import { DateTime } from '../ui/relative-time';
import { SkeletonPage } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { PackageActions } from './package-actions';
import { PackageFiles } from './package-files';
import { PackageImages } from './package-images';
import { PackageLint } from './package-lint';
import { PackageStateDot, VerificationBadge } from './package-state';

/** A place in a file that is shown. */
export interface Shown {
  path: string;
  line: number | undefined;
}

/** A package: what it is, what the lint says, and what is in it. */
export function PackageView({ packageId, projectName }: { packageId: string; projectName: string }) {
  const t = useTranslations('packages.view');
  const trpc = useTRPC();
  const query = useQuery(trpc.packages.get.queryOptions({ id: packageId }));
  return (
    <QueryView query={query} pending={<SkeletonPage label={t('loading')} />}>
      {(item) => <Loaded item={item} projectName={projectName} />}
    </QueryView>
  );
}

function Loaded({ item, projectName }: { item: PackageDetail; projectName: string }) {
  const t = useTranslations('packages');
  const router = useRouter();
  const [shown, setShown] = useState<Shown>();
  const list = `/projects/${item.projectId ?? ''}/packages`;
  const ready = item.state === 'ready';
  return (
    <>
      <PageHeader
        title={`${item.name} ${item.version}`}
        crumbs={[
          { label: projectName, href: `/projects/${item.projectId ?? ''}` },
          { label: t('view.back'), href: list },
        ]}
        status={
          <span className="flex flex-wrap items-center gap-2">
            <PackageStateDot state={item.state} />
            <VerificationBadge verification={item.verification} />
          </span>
        }
        actions={<PackageActions item={item} onRemoved={() => router.push(list)} />}
      />
      <div className="flex flex-col gap-6">
        {!ready && item.state !== 'failed' && item.jobId !== null && <JobProgress jobId={item.jobId} />}
        {item.error && (
          <ErrorState compact title={t('view.failed')} problem={{ ...item.error, code: 'failed' }} />
        )}
        {ready && item.verification === 'unverified' && (
          <Notice tone="warning" title={t('verification.unverified')}>
            {t('verification.unverifiedText')}
          </Notice>
        )}
        <Facts item={item} />
        {ready && (
          <>
            <PackageImages images={item.images} />
            <PackageLint remarks={item.remarks} onShow={setShown} files={item.files} />
            <PackageFiles packageId={item.id} files={item.files} shown={shown} onShow={setShown} />
          </>
        )}
      </div>
    </>
  );
}

function Facts({ item }: { item: PackageDetail }) {
  const t = useTranslations('packages');
  return (
    <Card title={t('view.facts')}>
      <KeyValueList
        columns={3}
        items={[
          { label: t('view.file'), value: item.fileName },
          { label: t('view.size'), value: item.size === null ? null : <ByteSize bytes={item.size} exact /> },
          {
            label: t('view.digest'),
            value: item.digest === null ? null : <Digest value={item.digest} label={t('view.digest')} />,
          },
          { label: t('view.provider'), value: item.provider || null },
          { label: t('view.kind'), value: t(`view.kinds.${item.kind}`) },
          { label: t('view.origin'), value: t(`origins.${item.origin}`) },
          { label: t('view.createdBy'), value: item.createdBy },
          { label: t('view.created'), value: <DateTime at={item.createdAt} /> },
        ]}
      />
    </Card>
  );
}
