'use client';

import { ListChecks, Pencil } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { EdgeView } from '@/server/operations/edges/schemas';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { PageHeader } from '../ui/page-header';
import { ChooseEdges } from './choose-edges';
import { ChooseReleases } from './choose-releases';
import { keepInAddress } from './chosen-ids';
import { PlanView } from './plan-view';
import { ReleasesAndEdges } from './releases-and-edges';

/** What is to go where. */
export interface Chosen {
  releaseIds: string[];
  edgeIds: string[];
}

/** The page that brings releases to edges: what and where, then what that moves, then the start. */
export function NewDistribution({ first }: { first: Chosen }) {
  const t = useTranslations('distributionPages');
  return (
    <>
      <PageHeader
        title={t('new.title')}
        crumbs={[{ label: t('list.title'), href: '/operations/distributions' }]}
        description={t('new.text')}
      />
      <ReleasesAndEdges loading={t('new.loading')}>
        {(releases, edges) => (
          <Choosing
            releases={releases}
            edges={edges}
            first={{
              releaseIds: thatExist(first.releaseIds, releases),
              edgeIds: thatExist(first.edgeIds, edges),
            }}
          />
        )}
      </ReleasesAndEdges>
    </>
  );
}

const thatExist = (ids: readonly string[], all: readonly { id: string }[]) =>
  ids.filter((id) => all.some((each) => each.id === id));

function Choosing({
  releases,
  edges,
  first,
}: {
  releases: readonly SyncedRelease[];
  edges: readonly EdgeView[];
  first: Chosen;
}) {
  const t = useTranslations('distributionPages.new');
  const [chosen, setChosen] = useState(first);
  const complete = chosen.releaseIds.length > 0 && chosen.edgeIds.length > 0;
  // Who comes with both chosen wants to see what that means.
  const [planning, setPlanning] = useState(complete);
  const choose = (part: Partial<Chosen>) => {
    const next = { ...chosen, ...part };
    setChosen(next);
    keepInAddress('/operations/distributions/new', { releases: next.releaseIds, edges: next.edgeIds });
  };
  if (planning && complete) {
    return (
      <div className="flex flex-col gap-6">
        <ChosenCard chosen={chosen} releases={releases} edges={edges} onChange={() => setPlanning(false)} />
        <PlanView
          chosen={chosen}
          onLeaveOut={(left) => choose({ edgeIds: chosen.edgeIds.filter((id) => !left.includes(id)) })}
        />
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-6">
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <ChooseReleases
          releases={releases}
          selected={new Set(chosen.releaseIds)}
          onChange={(ids) => choose({ releaseIds: [...ids] })}
        />
        <ChooseEdges
          edges={edges}
          selected={new Set(chosen.edgeIds)}
          onChange={(ids) => choose({ edgeIds: [...ids] })}
        />
      </div>
      <div className="flex flex-wrap items-center justify-end gap-4">
        <p aria-live="polite" className="text-text-muted">
          {t('chosen', { releases: chosen.releaseIds.length, edges: chosen.edgeIds.length })}
        </p>
        <Button
          variant="primary"
          size="lg"
          icon={<ListChecks />}
          onClick={() => setPlanning(true)}
          {...(!complete && { disabledReason: t('chooseBoth') })}
        >
          {t('plan')}
        </Button>
      </div>
    </div>
  );
}

/** Names shown of many. */
const mostNames = 4;

function ChosenCard({
  chosen,
  releases,
  edges,
  onChange,
}: {
  chosen: Chosen;
  releases: readonly SyncedRelease[];
  edges: readonly EdgeView[];
  onChange: () => void;
}) {
  const t = useTranslations('distributionPages.new');
  const some = (names: string[]) =>
    names.length <= mostNames
      ? names.join(', ')
      : t('andMore', { names: names.slice(0, mostNames).join(', '), count: names.length - mostNames });
  const releaseNames = releases
    .filter(({ id }) => chosen.releaseIds.includes(id))
    .map(({ name, version }) => `${name} ${version}`);
  const edgeNames = edges.filter(({ id }) => chosen.edgeIds.includes(id)).map(({ name }) => name);
  return (
    <Card>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 flex-1 basis-64 text-pretty">
          <span className="font-medium">{some(releaseNames)}</span>{' '}
          <span className="text-text-muted">{t('to')}</span>{' '}
          <span className="font-medium">{some(edgeNames)}</span>
        </p>
        <Button size="sm" icon={<Pencil />} onClick={onChange}>
          {t('change')}
        </Button>
      </div>
    </Card>
  );
}
