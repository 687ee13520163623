'use client';

import { useTranslations } from 'next-intl';
import { useCallback, useMemo } from 'react';
import { cellStands, type DistributionPlan } from '@/server/operations/distribution/schemas';
import { useByteSize } from '../ui/byte-size';
import type { MatrixCell } from '../ui/matrix-model';
import { cellFinder } from './cell-key';
import { edgeFull, edgeTrouble, noCell, standLooks } from './looks';
import { PlanDetail } from './plan-detail';
import { ReleaseMatrix } from './release-matrix';

/** What is where: edges down, releases across, before anything moves. */
export function PlanMatrix({ plan }: { plan: DistributionPlan }) {
  const t = useTranslations('distributionPages.plan');
  const { cells, edges, releases } = plan;
  const counts = useMemo(
    () => new Map(cellStands.map((stand) => [stand, cells.filter((cell) => cell.stand === stand).length])),
    [cells],
  );
  const open = useMemo(
    () => new Set(cells.filter(({ stand }) => stand !== 'present').map(({ edgeId }) => edgeId)),
    [cells],
  );
  const markOf = useCallback(
    ({ problem, fits }: DistributionPlan['edges'][number]) => {
      if (problem !== null) return { ...edgeTrouble, label: t('noAnswer') };
      return fits ? undefined : { ...edgeFull, label: t('full') };
    },
    [t],
  );
  const find = useMemo(() => cellFinder(cells), [cells]);
  const cell = usePlanCell(plan);
  return (
    <ReleaseMatrix
      of="plan"
      edges={edges}
      releases={releases}
      open={open}
      markOf={markOf}
      cell={cell}
      entries={cellStands.map((stand) => ({
        name: stand,
        look: standLooks[stand],
        words: t(`stands.${stand}`),
        count: counts.get(stand) ?? 0,
      }))}
      renderDetail={(edge, release, close) => (
        <PlanDetail
          plan={plan}
          edge={edge}
          release={release}
          cell={edge && release && find(edge.id, release.id)}
          onFollow={close}
        />
      )}
    />
  );
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
