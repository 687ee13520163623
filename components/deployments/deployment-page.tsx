'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { toast } from 'sonner';
import type { Deployment } from '@/server/operations/deployments/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { JobProgress } from '../jobs/job-progress';
import { Card } from '../ui/card';
import { CodeBlock } from '../ui/code-block';
import { KeyValueList } from '../ui/key-value';
import { TextLink } from '../ui/link-button';
import { Notice } from '../ui/notice';
import { PageHeader } from '../ui/page-header';
import { DateTime } from '../ui/relative-time';
import { SkeletonPage } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { DeleteDeployment } from './delete-deployment';
import { DeploymentEvents } from './deployment-events';
import { Outputs, Resources } from './deployment-made';
import { DeploymentStateDot } from './deployment-state';
import { RevisionsCard } from './revisions-card';
import { TemplateCard } from './template-card';
import { UpgradeButton } from './upgrade-button';
import { WorkloadView } from './workload-view';

/** A deployment: how it stands, what the site made of it, and its end. */
export function DeploymentPage({ deploymentId }: { deploymentId: string }) {
  const t = useTranslations('deployments.view');
  const trpc = useTRPC();
  const router = useRouter();
  const query = useQuery(trpc.deployments.get.queryOptions({ id: deploymentId }));
  const name = query.data?.name;
  const gone = query.error !== null && problemOf(query.error).code === 'not_found';
  // Deleted or cancelled while one looks at it, here or elsewhere.
  useEffect(() => {
    if (!gone || name === undefined) return;
    toast.success(t('removed', { name }));
    router.replace('/deployments');
  }, [gone, name, router, t]);
  return (
    <QueryView query={query} pending={<SkeletonPage label={t('loading')} />}>
      {(deployment) => <Loaded deployment={deployment} />}
    </QueryView>
  );
}

function Loaded({ deployment }: { deployment: Deployment }) {
  const t = useTranslations('deployments');
  const { name, state, jobId, runs, releaseId } = deployment;
  const fromRelease = releaseId !== null;
  return (
    <>
      <PageHeader
        title={name}
        crumbs={[{ label: t('list.title'), href: '/deployments' }]}
        description={`${deployment.packageName} ${deployment.packageVersion} · ${deployment.siteName}`}
        status={<DeploymentStateDot state={state} />}
        actions={
          <>
            {fromRelease && <UpgradeButton deployment={deployment} />}
            <DeleteDeployment deployment={deployment} />
          </>
        }
      />
      <div className="flex flex-col gap-6">
        {jobId !== undefined && <JobProgress jobId={jobId} />}
        {state === 'failed' && jobId === undefined && <WhyFailed deployment={deployment} />}
        {state === 'gone' && (
          <Notice tone="warning" title={t('view.goneTitle')}>
            {t('view.goneText')}
          </Notice>
        )}
        <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <div className="flex min-w-0 flex-col gap-6">
            {runs === 'workload' && <WorkloadView deployment={deployment} />}
            {runs === 'stack' && state === 'ready' && <Outputs outputs={deployment.outputs} />}
            {runs === 'stack' && (state === 'creating' || deployment.resources.length > 0) && (
              <Resources deployment={deployment} />
            )}
            <DeploymentEvents deployment={deployment} />
            {deployment.template !== null && <TemplateCard text={deployment.template} fileName={name} sent />}
          </div>
          <div className="flex min-w-0 flex-col gap-6">
            <Facts deployment={deployment} />
            {fromRelease && <RevisionsCard deployment={deployment} />}
            {(runs === 'stack' || Object.keys(deployment.parameters).length > 0) && (
              <Parameters parameters={deployment.parameters} />
            )}
            {deployment.values !== '' && <Values deployment={deployment} />}
          </div>
        </div>
      </div>
    </>
  );
}

function WhyFailed({ deployment: { reason, revisions } }: { deployment: Deployment }) {
  const t = useTranslations('deployments.view');
  if (reason !== '')
    return (
      <Notice tone="danger" title={t('failedTitle')}>
        {reason}
      </Notice>
    );
  const isHidden = revisions.some(({ valuesGiven, values }) => valuesGiven > 0 && values === null);
  return isHidden && <Notice tone="danger">{t('whyHidden')}</Notice>;
}

function Facts({ deployment }: { deployment: Deployment }) {
  const t = useTranslations('deployments.view');
  const own = useTranslations('deploymentPages.view');
  const { releaseId, siteName, siteId } = deployment;
  return (
    <Card title={t('facts')}>
      <KeyValueList
        items={[
          releaseId === null
            ? { label: t('package'), value: <PackageLink deployment={deployment} /> }
            : { label: own('release'), value: `${deployment.packageName} ${deployment.packageVersion}` },
          {
            label: t('site'),
            value:
              releaseId === null ? (
                siteName
              ) : (
                <TextLink href={`/operations/edges/${siteId}`}>{siteName}</TextLink>
              ),
          },
          { label: t('created'), value: <DateTime at={deployment.createdAt} /> },
          { label: t('createdBy'), value: deployment.createdBy },
        ]}
      />
    </Card>
  );
}

function PackageLink({ deployment: { packageId, packageName, packageVersion } }: { deployment: Deployment }) {
  const trpc = useTRPC();
  // A package may be gone, or not the reader's to see: then it is only named.
  const { data: source } = useQuery(trpc.packages.get.queryOptions({ id: packageId }));
  const words = `${packageName} ${packageVersion}`;
  const projectId = source?.projectId ?? undefined;
  if (projectId === undefined) return words;
  return <TextLink href={`/projects/${projectId}/packages/${packageId}`}>{words}</TextLink>;
}

function Values({ deployment: { values, valuesGiven } }: { deployment: Deployment }) {
  const t = useTranslations('deploymentPages.values');
  return (
    <Card title={t('title')}>
      {values === null ? (
        <p className="text-text-muted text-pretty">{t('hidden', { count: valuesGiven })}</p>
      ) : (
        <CodeBlock text={values} label={t('title')} language="yaml" />
      )}
    </Card>
  );
}

function Parameters({ parameters }: { parameters: Deployment['parameters'] }) {
  const t = useTranslations('deployments');
  const entries = Object.entries(parameters);
  const words = (value: string | number | boolean) =>
    typeof value === 'boolean' ? t(value ? 'new.yes' : 'new.no') : String(value);
  return (
    <Card
      title={t('view.parameters')}
      description={t(entries.length === 0 ? 'view.noParameters' : 'view.secretsHidden')}
    >
      {entries.length > 0 && (
        <KeyValueList items={entries.map(([label, value]) => ({ label, value: words(value) }))} />
      )}
    </Card>
  );
}
