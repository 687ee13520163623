'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { PackageOpen, Play, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { toast } from 'sonner';
import type { Placement } from '@/server/operations/distribution/schemas';
import type { EdgeView } from '@/server/operations/edges/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Badge } from '../ui/badge';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { Digest } from '../ui/digest';
import { EmptyState } from '../ui/empty-state';
import { IconButton } from '../ui/icon-button';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';

/** A release that is at the edge, by name. */
interface Held extends Placement {
  name: string;
  version: string;
}

/** The releases that were proved to be at an edge, with the digests it told. */
export function EdgeHolds({ edge, mayAct }: { edge: EdgeView; mayAct: boolean }) {
  const t = useTranslations('edgePages.holds');
  const trpc = useTRPC();
  const placements = useQuery(trpc.distributions.placements.queryOptions({ edgeId: edge.id }));
  const [leaving, setLeaving] = useState<Held>();
  const names = useReleaseNames();
  const columns = useColumns();
  const actionsFor = (held: Held) => (
    <HeldActions edge={edge} held={held} mayAct={mayAct} onLeave={() => setLeaving(held)} />
  );
  return (
    <section aria-labelledby="edge-holds" className="flex flex-col gap-3">
      <div>
        <h2 id="edge-holds" className="text-[0.9375rem] font-semibold">
          {t('title')}
        </h2>
        <p className="text-text-muted text-[0.8125rem]">{t('text')}</p>
      </div>
      <QueryView query={placements} pending={<SkeletonRows rows={3} />}>
        {(list) => (
          <DataTable
            label={t('title')}
            rows={list.map((placement) => ({ ...placement, ...names(placement.releaseId) }))}
            columns={columns}
            rowId={({ releaseId }) => releaseId}
            rowActions={actionsFor}
            initialSort={{ id: 'release' }}
            pageSize={20}
            dense
            empty={
              <EmptyState compact icon={<PackageOpen />} title={t('emptyTitle')}>
                {t('emptyText')}
              </EmptyState>
            }
          />
        )}
      </QueryView>
      {leaving && <TakeAway edge={edge} held={leaving} onClose={() => setLeaving(undefined)} />}
    </section>
  );
}

/** Names of releases by id; the id itself for one of which nothing is known any more. */
function useReleaseNames(): (id: string) => { name: string; version: string } {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.overview.get.queryOptions());
  const names = useMemo(() => new Map(data?.releases.map((release) => [release.id, release])), [data]);
  return (id) => {
    const found = names.get(id);
    return { name: found?.name ?? id, version: found?.version ?? '' };
  };
}

function useColumns(): DataColumn<Held>[] {
  const t = useTranslations('edgePages.holds');
  return [
    {
      id: 'release',
      header: t('release'),
      phone: 'title',
      sort: ({ name, version }) => `${name} ${version}`,
      cell: ({ name, version, behind }) => (
        <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium break-words">{name}</span>
          <span className="text-text-muted tabular">{version}</span>
          {behind && <Badge tone="warning">{t('behind')}</Badge>}
        </span>
      ),
    },
    {
      id: 'images',
      header: t('images'),
      cell: ({ images }) => (
        <ul className="flex flex-col gap-0.5">
          {images.map(({ name, digest }) => (
            <li key={`${name} ${digest}`} className="flex flex-wrap items-center gap-x-2">
              <span className="max-w-64 truncate" title={name}>
                {name}
              </span>
              <Digest value={digest} label={name} />
            </li>
          ))}
        </ul>
      ),
    },
    {
      id: 'verified',
      header: t('verified'),
      sort: ({ verifiedAt }) => verifiedAt,
      cell: ({ verifiedAt }) => <RelativeTime at={verifiedAt} />,
    },
  ];
}

function HeldActions({
  edge,
  held,
  mayAct,
  onLeave,
}: {
  edge: EdgeView;
  held: Held;
  mayAct: boolean;
  onLeave: () => void;
}) {
  const t = useTranslations('edgePages');
  const router = useRouter();
  const name = `${held.name} ${held.version}`.trim();
  const why = mayAct ? undefined : t('failures.operatorsOnly');
  return (
    <>
      <IconButton
        size="sm"
        label={t('holds.deploy', { name })}
        icon={<Play />}
        disabledReason={why}
        onClick={() =>
          router.push(
            `/deployments/new?release=${encodeURIComponent(held.releaseId)}&edge=${encodeURIComponent(edge.id)}`,
          )
        }
      />
      <IconButton
        size="sm"
        variant="danger"
        label={t('holds.takeAway', { name })}
        icon={<Trash2 />}
        disabledReason={why}
        onClick={onLeave}
      />
    </>
  );
}

function TakeAway({ edge, held, onClose }: { edge: EdgeView; held: Held; onClose: () => void }) {
  const t = useTranslations('edgePages.holds');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const name = `${held.name} ${held.version}`.trim();
  const withdraw = useMutation(
    trpc.distributions.withdraw.mutationOptions({
      onSuccess: async () => {
        toast.success(t('leaving', { name, edge: edge.name }));
        await queries.invalidateQueries(trpc.jobs.pathFilter());
      },
    }),
  );
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('takeAwayTitle', { name, edge: edge.name })}
      losses={held.images.map((image) => image.name)}
      confirmLabel={t('takeAwayConfirm')}
      problemOf={problemOf}
      onConfirm={async () => {
        await withdraw.mutateAsync({ releaseId: held.releaseId, edgeId: edge.id });
      }}
    >
      {t('takeAwayText')}
    </ConfirmDialog>
  );
}
