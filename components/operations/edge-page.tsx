'use client';

import { useQuery } from '@tanstack/react-query';
import { PackagePlus, RefreshCw, Settings } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { EdgeView } from '@/server/operations/edges/schemas';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { useProblemText } from '../ui/error-state';
import { LinkButton } from '../ui/link-button';
import { Notice } from '../ui/notice';
import { PageHeader } from '../ui/page-header';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonPage } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { CapacityBars } from './capacity';
import { EdgeFacts } from './edge-facts';
import { EdgeHolds } from './edge-holds';
import { EdgeNodes } from './edge-nodes';
import { EdgePlace } from './edge-place';
import { EdgeRegistryCard } from './edge-registry';
import { EdgeRuns } from './edge-runs';
import { HealthDot } from './health';
import { standOf } from './stand';
import { useCheck } from './use-check';

/** An edge: how it is, what it has, what it holds and what runs there. */
export function EdgePage({
  edgeId,
  mayAct,
  mayConfigure,
}: {
  edgeId: string;
  mayAct: boolean;
  mayConfigure: boolean;
}) {
  const trpc = useTRPC();
  const query = useQuery(trpc.edges.get.queryOptions({ id: edgeId }));
  return (
    <QueryView query={query} pending={<SkeletonPage />}>
      {(edge) => <Edge edge={edge} mayAct={mayAct} mayConfigure={mayConfigure} />}
    </QueryView>
  );
}

function Edge({ edge, mayAct, mayConfigure }: { edge: EdgeView; mayAct: boolean; mayConfigure: boolean }) {
  const t = useTranslations('edgePages');
  return (
    <>
      <PageHeader
        title={edge.name}
        crumbs={[{ label: t('edges.title'), href: '/operations/edges' }]}
        status={<HealthDot stand={standOf(edge)} />}
        actions={<EdgeActions edge={edge} mayAct={mayAct} mayConfigure={mayConfigure} />}
      />
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-6">
          <Trouble edge={edge} />
          <CapacityCard edge={edge} />
          <EdgeRuns edge={edge} />
          <EdgeHolds edge={edge} mayAct={mayAct} />
        </div>
        <div className="grid min-w-0 gap-6 md:grid-cols-2 xl:grid-cols-1">
          <EdgeFacts edge={edge} />
          <EdgePlace edge={edge} mayAct={mayAct} />
          {edge.runs === 'containers' && <EdgeRegistryCard edge={edge} mayConfigure={mayConfigure} />}
        </div>
      </div>
    </>
  );
}

function EdgeActions({
  edge,
  mayAct,
  mayConfigure,
}: {
  edge: EdgeView;
  mayAct: boolean;
  mayConfigure: boolean;
}) {
  const t = useTranslations('edgePages');
  const check = useCheck();
  const why = mayAct ? undefined : t('failures.operatorsOnly');
  return (
    <>
      {mayConfigure && (
        <LinkButton href={`/admin/sites/${edge.id}`} variant="ghost" icon={<Settings />}>
          {t('edge.site')}
        </LinkButton>
      )}
      <Button
        icon={<RefreshCw />}
        busy={check.isPending}
        disabledReason={why ?? (edge.enabled ? undefined : t('edge.isOff'))}
        onClick={() => check.mutate({ id: edge.id })}
      >
        {t('edge.check')}
      </Button>
      <LinkButton
        href={`/operations/distributions/new?edges=${encodeURIComponent(edge.id)}`}
        variant="primary"
        icon={<PackagePlus />}
        disabledReason={why}
      >
        {t('edges.bring')}
      </LinkButton>
    </>
  );
}

function Trouble({ edge: { enabled, health } }: { edge: EdgeView }) {
  const t = useTranslations('edgePages.edge');
  const say = useProblemText();
  if (!enabled) return <Notice title={t('off')}>{t('offText')}</Notice>;
  if (!health.problem) return null;
  return (
    <Notice tone={health.state === 'unwell' ? 'danger' : 'warning'} title={say(health.problem)}>
      {health.problem.detail !== undefined && (
        <pre className="max-h-40 overflow-auto font-mono text-xs whitespace-pre-wrap">
          {health.problem.detail}
        </pre>
      )}
      <p className="text-text-muted mt-1 text-[0.8125rem]">
        {t('standsSince')} <RelativeTime at={health.since} />
      </p>
    </Notice>
  );
}

function CapacityCard({ edge: { capacity } }: { edge: EdgeView }) {
  const t = useTranslations('edgePages.capacity');
  return (
    <Card title={t('title')}>
      {capacity ? (
        <div className="flex flex-col gap-5">
          <CapacityBars capacity={capacity} />
          {capacity.nodes.length > 0 && <EdgeNodes nodes={capacity.nodes} />}
        </div>
      ) : (
        <p className="text-text-muted">{t('none')}</p>
      )}
    </Card>
  );
}
