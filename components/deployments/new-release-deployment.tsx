'use client';

import { useQuery } from '@tanstack/react-query';
import { Layers } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { EdgeView } from '@/server/operations/edges/schemas';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { useTRPC } from '../api/trpc-provider';
import { addressOf, keepInAddress } from '../distribution/chosen-ids';
import { ReleasesAndEdges } from '../distribution/releases-and-edges';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { Field } from '../ui/field';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { Select } from '../ui/select';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { ReleaseEdges } from './release-edges';
import { ReleaseForm } from './release-form';

/** The page that deploys a release: which, at which edges that have it, with what, and what comes of it. */
export function NewReleaseDeployment({
  first,
}: {
  first: { releaseId: string | undefined; edgeIds: string[] };
}) {
  const t = useTranslations('deploymentPages.new');
  const all = useTranslations('deployments.list');
  return (
    <>
      <PageHeader
        title={t('title')}
        crumbs={[{ label: all('title'), href: '/deployments' }]}
        description={t('text')}
      />
      <ReleasesAndEdges loading={t('loading')}>
        {(known, edges) => <Choosing releases={known.filter(isHere)} edges={edges} first={first} />}
      </ReleasesAndEdges>
    </>
  );
}

/** Only what was synced can be at an edge. */
const isHere = ({ syncedAt }: SyncedRelease) => syncedAt !== null;

function Choosing({
  releases,
  edges,
  first,
}: {
  releases: readonly SyncedRelease[];
  edges: readonly EdgeView[];
  first: { releaseId: string | undefined; edgeIds: string[] };
}) {
  const t = useTranslations('deploymentPages.new');
  const [releaseId, setReleaseId] = useState(first.releaseId);
  const [edgeIds, setEdgeIds] = useState<readonly string[]>(first.edgeIds);
  const release = releases.find(({ id }) => id === releaseId);
  if (releases.length === 0) {
    return (
      <EmptyState
        icon={<Layers />}
        title={t('noReleases')}
        action={<LinkButton href="/operations/releases">{t('toReleases')}</LinkButton>}
      >
        {t('noReleasesText')}
      </EmptyState>
    );
  }
  const choose = (release_: string | undefined, edges_: readonly string[]) => {
    setReleaseId(release_);
    setEdgeIds(edges_);
    keepInAddress('/deployments/new', { release: release_ === undefined ? [] : [release_], edges: edges_ });
  };
  return (
    <div className="flex flex-col gap-6">
      <Card>
        <Field label={t('release')} required>
          <Select
            value={release?.id ?? ''}
            placeholder={t('chooseRelease')}
            onChange={(event) => choose(event.target.value === '' ? undefined : event.target.value, [])}
            options={releases
              .toSorted((one, other) => wordsOf(one).localeCompare(wordsOf(other)))
              .map((each) => ({ value: each.id, label: `${wordsOf(each)} · ${each.provider}` }))}
          />
        </Field>
      </Card>
      {release && (
        <AtEdges
          key={release.id}
          release={release}
          edges={edges}
          edgeIds={edgeIds}
          onEdges={(ids) => choose(release.id, ids)}
        />
      )}
    </div>
  );
}

const wordsOf = ({ name, version }: SyncedRelease) => `${name} ${version}`;

function AtEdges({
  release,
  edges,
  edgeIds,
  onEdges,
}: {
  release: SyncedRelease;
  edges: readonly EdgeView[];
  edgeIds: readonly string[];
  onEdges: (ids: string[]) => void;
}) {
  const t = useTranslations('deploymentPages.new');
  const trpc = useTRPC();
  const query = useQuery(trpc.distributions.placements.queryOptions({ releaseId: release.id }));
  const distribute = addressOf('/operations/distributions/new', { releases: [release.id], edges: edgeIds });
  return (
    <QueryView query={query} pending={<SkeletonRows rows={3} label={t('loading')} />}>
      {(placements) => {
        const placed = new Set(placements.map(({ edgeId }) => edgeId));
        const chosen = edgeIds.filter((id) => placed.has(id));
        return (
          <>
            <ReleaseEdges
              edges={edges}
              placed={placed}
              selected={new Set(chosen)}
              onChange={(ids) => onEdges([...ids])}
              distributeHref={distribute}
            />
            {chosen.length > 0 && (
              <ReleaseForm release={release} edges={edges.filter(({ id }) => chosen.includes(id))} />
            )}
          </>
        );
      }}
    </QueryView>
  );
}
