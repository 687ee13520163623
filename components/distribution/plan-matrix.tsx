'use client';

import { useTranslations } from 'next-intl';
import { useMemo, useState } from 'react';
import { cellStands, type DistributionPlan } from '@/server/operations/distribution/schemas';
import { useByteSize } from '../ui/byte-size';
import { Checkbox } from '../ui/checkbox';
import { Matrix } from '../ui/matrix';
import type { MatrixCell, MatrixHead } from '../ui/matrix-model';
import { cellFinder } from './cell-key';
import { Legend } from './legend';
import { edgeFull, edgeTrouble, noCell, standLooks } from './looks';
import { PlanDetail } from './plan-detail';

/** What is where: edges down, releases across, before anything moves. */
export function PlanMatrix({ plan }: { plan: DistributionPlan }) {
  const t = useTranslations('distributionPages.plan');
  const [only, setOnly] = useState(false);
  const { cells, edges, releases } = plan;
  const counts = useMemo(
    () => new Map(cellStands.map((stand) => [stand, cells.filter((cell) => cell.stand === stand).length])),
    [cells],
  );
  const rows = useEdgeHeads(plan, only);
  const columns = useMemo<MatrixHead[]>(
    () => releases.map(({ id, name, version }) => ({ id, name, note: version })),
    [releases],
  );
  const find = useMemo(() => cellFinder(cells), [cells]);
  const cell = usePlanCell(plan);
  return (
    <Matrix
      label={t('matrix')}
      corner={t('corner', { edges: rows.length, releases: columns.length })}
      rows={rows}
      columns={columns}
      cell={cell}
      renderDetail={(edgeId, releaseId, close) => (
        <PlanDetail
          plan={plan}
          edge={edges.find(({ id }) => id === edgeId)}
          release={releases.find(({ id }) => id === releaseId)}
          cell={edgeId === undefined || releaseId === undefined ? undefined : find(edgeId, releaseId)}
          onFollow={close}
        />
      )}
      tools={
        <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
          <Legend
            label={t('legend')}
            entries={cellStands.map((stand) => ({
              name: stand,
              look: standLooks[stand],
              words: t(`stands.${stand}`),
              count: counts.get(stand) ?? 0,
            }))}
          />
          <Checkbox
            label={t('onlyOpen')}
            checked={only}
            onChange={(event) => setOnly(event.target.checked)}
          />
        </div>
      }
    />
  );
}

function useEdgeHeads({ edges, cells }: DistributionPlan, only: boolean): MatrixHead[] {
  const t = useTranslations('distributionPages.plan');
  return useMemo(() => {
    const open = new Set(cells.filter(({ stand }) => stand !== 'present').map(({ edgeId }) => edgeId));
    return edges
      .filter(({ id }) => !only || open.has(id))
      .map(({ id, name, kind, problem, fits }) => ({
        id,
        name,
        note: kind,
        ...(problem !== null
          ? { mark: { ...edgeTrouble, label: t('noAnswer') } }
          : !fits && { mark: { ...edgeFull, label: t('full') } }),
      }));
  }, [edges, cells, only, t]);
}

function usePlanCell({ edges, releases, cells }: DistributionPlan) {
  const t = useTranslations('distributionPages.plan');
  const bytesText = useByteSize();
  return useMemo(() => {
    const find = cellFinder(cells);
    const edgeNames = new Map(edges.map(({ id, name }) => [id, name]));
    const releaseNames = new Map(releases.map(({ id, name, version }) => [id, `${name} ${version}`]));
    return (edgeId: string, releaseId: string): MatrixCell => {
      const found = find(edgeId, releaseId);
      if (!found) return { ...noCell, label: '' };
      const { stand, bytes } = found;
      const moves = stand !== 'present' && stand !== 'impossible';
      const names = [edgeNames.get(edgeId), releaseNames.get(releaseId), t(`stands.${stand}`)];
      return {
        ...standLooks[stand],
        label: [...names, moves && bytesText(bytes)].filter(Boolean).join(' · '),
        ...(moves && { text: bytesText(bytes) }),
      };
    };
  }, [edges, releases, cells, bytesText, t]);
}
