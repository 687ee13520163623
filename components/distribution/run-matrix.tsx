'use client';

import { useFormatter, useTranslations } from 'next-intl';
import { useMemo, useState } from 'react';
import {
  cellStates,
  type Distribution,
  type DistributionCell,
} from '@/server/operations/distribution/schemas';
import { useByteSize } from '../ui/byte-size';
import { Checkbox } from '../ui/checkbox';
import { Matrix } from '../ui/matrix';
import type { MatrixCell, MatrixHead } from '../ui/matrix-model';
import { cellFinder } from './cell-key';
import { Legend } from './legend';
import { noCell, stateLooks } from './looks';
import { RunDetail } from './run-detail';

/** Each release at each edge, live. @param onLog opens the log of a cell's job */
export function RunMatrix({
  distribution,
  onLog,
}: {
  distribution: Distribution;
  onLog: (jobId: string, title: string) => void;
}) {
  const t = useTranslations('distributionPages.run');
  const states = useTranslations('distributionPages.states');
  const [only, setOnly] = useState(false);
  const { cells, edges, releases } = distribution;
  const counts = useMemo(
    () => new Map(cellStates.map((state) => [state, cells.filter((cell) => cell.state === state).length])),
    [cells],
  );
  const rows = useMemo<MatrixHead[]>(() => {
    const open = new Set(cells.filter(({ state }) => !isThere(state)).map(({ edgeId }) => edgeId));
    return edges
      .filter(({ id }) => !only || open.has(id))
      .map(({ id, name, kind }) => ({ id, name, note: kind }));
  }, [edges, cells, only]);
  const columns = useMemo<MatrixHead[]>(
    () => releases.map(({ id, name, version }) => ({ id, name, note: version })),
    [releases],
  );
  const cell = useRunCell(distribution);
  return (
    <section aria-label={t('matrix')}>
      <Matrix
        label={t('matrix')}
        corner={t('corner', { edges: rows.length, releases: columns.length })}
        rows={rows}
        columns={columns}
        cell={cell}
        renderDetail={(edgeId, releaseId, close) => (
          <RunDetail
            distribution={distribution}
            edge={edges.find(({ id }) => id === edgeId)}
            release={releases.find(({ id }) => id === releaseId)}
            onClose={close}
            onLog={onLog}
          />
        )}
        tools={
          <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
            <Legend
              label={t('legend')}
              entries={cellStates.map((state) => ({
                name: state,
                look: stateLooks[state],
                words: states(state),
                count: counts.get(state) ?? 0,
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
    </section>
  );
}

const isThere = (state: DistributionCell['state']) => state === 'done' || state === 'skipped';

function useRunCell({ edges, releases, cells }: Distribution) {
  const t = useTranslations('distributionPages.states');
  const short = useTranslations('distributionPages.shortStates');
  const words = useTranslations('distributionPages.run');
  const format = useFormatter();
  const bytesText = useByteSize();
  return useMemo(() => {
    const find = cellFinder(cells);
    const edgeNames = new Map(edges.map(({ id, name }) => [id, name]));
    const releaseNames = new Map(releases.map(({ id, name, version }) => [id, `${name} ${version}`]));
    return (edgeId: string, releaseId: string): MatrixCell => {
      const found = find(edgeId, releaseId);
      if (!found) {
        return {
          ...noCell,
          label: [edgeNames.get(edgeId), releaseNames.get(releaseId), words('notPlanned')].join(' · '),
        };
      }
      const { state, done, total, bytesMoved } = found;
      const share = state === 'running' && total > 0 ? Math.min(1, done / total) : undefined;
      const text =
        share !== undefined
          ? format.number(Math.floor(share * 100) / 100, { style: 'percent' })
          : state === 'done'
            ? bytesText(bytesMoved)
            : short(state);
      const names = [edgeNames.get(edgeId), releaseNames.get(releaseId), t(state)];
      return {
        ...stateLooks[state],
        text,
        label: [...names, (share !== undefined || state === 'done') && text].filter(Boolean).join(' · '),
        ...(state === 'running' && share !== undefined && { progress: share }),
      };
    };
  }, [edges, releases, cells, bytesText, format, short, words, t]);
}
