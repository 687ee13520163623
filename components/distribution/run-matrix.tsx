'use client';

import { useFormatter, useTranslations } from 'next-intl';
import { useMemo } from 'react';
import { cellStates } from '@/server/operations/distribution/schemas';
import { useByteSize } from '../ui/byte-size';
import type { MatrixCell } from '../ui/matrix-model';
import { noCell, stateLooks } from './looks';
import { ReleaseMatrix } from './release-matrix';
import { RunDetail } from './run-detail';
import { openEdges, placeFinder, type Run } from './run-model';

/** Each release at each edge, live. @param onLog opens the log of a cell's job */
export function RunMatrix({ run, onLog }: { run: Run; onLog: (jobId: string, title: string) => void }) {
  const t = useTranslations('distributionPages');
  const open = useMemo(() => openEdges(run), [run]);
  const cell = useRunCell(run);
  return (
    <section aria-label={t('run.matrix')}>
      <ReleaseMatrix
        of="run"
        edges={run.edges}
        releases={run.releases}
        open={open}
        cell={cell}
        entries={cellStates.map((state) => ({
          name: state,
          look: stateLooks[state],
          words: t(`states.${state}`),
          count: run.counts[state] ?? 0,
        }))}
        renderDetail={(edge, release, close) => (
          <RunDetail run={run} edge={edge} release={release} onClose={close} onLog={onLog} />
        )}
      />
    </section>
  );
}

function useRunCell({ edges, releases, states, amounts }: Run) {
  const t = useTranslations('distributionPages');
  const format = useFormatter();
  const bytesText = useByteSize();
  return useMemo(() => {
    const find = placeFinder({ edges, releases });
    const edgeNames = new Map(edges.map(({ id, name }) => [id, name]));
    const releaseNames = new Map(releases.map(({ id, name, version }) => [id, `${name} ${version}`]));
    return (edgeId: string, releaseId: string): MatrixCell => {
      const place = find(edgeId, releaseId);
      const state = states[place];
      const names = [edgeNames.get(edgeId), releaseNames.get(releaseId)];
      if (!state) return { ...noCell, label: [...names, t('run.notPlanned')].join(' · ') };
      const amount = amounts[place] ?? 0;
      const share = state === 'running' && amount > 0 ? amount / 100 : undefined;
      const figure =
        share !== undefined
          ? format.number(share, { style: 'percent' })
          : state === 'done'
            ? bytesText(amount)
            : undefined;
      return {
        ...stateLooks[state],
        text: figure ?? t(`shortStates.${state}`),
        label: [...names, t(`states.${state}`), figure].filter(Boolean).join(' · '),
        ...(share !== undefined && { progress: share }),
      };
    };
  }, [edges, releases, states, amounts, bytesText, format, t]);
}
