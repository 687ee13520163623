'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import {
  cellStates,
  type CellState,
  type Distribution,
  type DistributionCell,
} from '@/server/operations/distribution/schemas';
import { useTRPC } from '../api/trpc-provider';
import { ByteSize } from '../ui/byte-size';
import { Duration } from '../ui/duration';
import { ErrorState } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { TextLink } from '../ui/link-button';
import { MatrixSwatch } from '../ui/matrix-cell';
import { Progress } from '../ui/progress';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { CellActs } from './cell-acts';
import { stateLooks } from './looks';
import { countsAt, placeFinder, type Run } from './run-model';

type Edge = Distribution['edges'][number];
type Release = Distribution['releases'][number];

/** The sheet of a place in a running distribution: how far, how it ended and why; trying again, stopping, the log. */
export function RunDetail({
  run,
  edge,
  release,
  onClose,
  onLog,
}: {
  run: Run;
  edge: Edge | undefined;
  release: Release | undefined;
  onClose: () => void;
  onLog: (jobId: string, title: string) => void;
}) {
  const t = useTranslations('distributionPages.run');
  const one = edge && release && run.states[placeFinder(run)(edge.id, release.id)] !== undefined;
  return (
    <div className="flex flex-col gap-3 text-sm">
      <div>
        {edge && (
          <TextLink href={`/operations/edges/${edge.id}`} onClick={onClose} className="font-semibold">
            {edge.name}
          </TextLink>
        )}
        {release && (
          <p className={edge ? 'text-text-muted' : 'font-semibold'}>
            {release.name} {release.version}
          </p>
        )}
      </div>
      {one ? (
        <OneCell run={run} edge={edge} release={release} onClose={onClose} onLog={onLog} />
      ) : edge && release ? (
        <p className="text-text-muted">{t('notPlanned')}</p>
      ) : (
        <ManyCells run={run} edge={edge} release={release} />
      )}
    </div>
  );
}

/** One cell; what the matrix does not know of it is asked for. */
function OneCell({
  run,
  edge,
  release,
  onClose,
  onLog,
}: {
  run: Run;
  edge: Edge;
  release: Release;
  onClose: () => void;
  onLog: (jobId: string, title: string) => void;
}) {
  const trpc = useTRPC();
  const at = { edgeId: edge.id, releaseId: release.id };
  const query = useQuery(trpc.distributions.get.queryOptions({ id: run.id, ...at, limit: 1 }));
  return (
    <QueryView query={query} pending={<SkeletonRows rows={2} />}>
      {({ cells: [cell] }) => {
        if (!cell) return null;
        const { jobId, problem } = cell;
        return (
          <>
            <CellFacts cell={cell} />
            <CellActs
              distributionId={run.id}
              choice={{ edgeIds: [edge.id], releaseIds: [release.id] }}
              counts={{ [cell.state]: 1 }}
              full={problem?.key === 'distribution.errors.noSpace'}
              onLog={
                jobId === null
                  ? undefined
                  : () => {
                      onClose();
                      onLog(jobId, `${edge.name} · ${release.name} ${release.version}`);
                    }
              }
            />
          </>
        );
      }}
    </QueryView>
  );
}

function CellFacts({ cell }: { cell: DistributionCell }) {
  const t = useTranslations('distributionPages');
  const { state, done, total, bytesMoved, bytesKept, ms, problem } = cell;
  return (
    <>
      <p className="flex items-center gap-2 font-medium">
        <MatrixSwatch look={stateLooks[state]} />
        {t(`states.${state}`)}
      </p>
      {state === 'running' && (
        <Progress label={t('run.soFar')} bytes {...(total > 0 && { value: done, max: total })} />
      )}
      {problem !== null && <ErrorState problem={problem} compact />}
      {state === 'skipped' && <p className="text-text-muted text-pretty">{t('run.skippedText')}</p>}
      {(state === 'done' || state === 'skipped') && (
        <KeyValueList
          items={[
            { label: t('run.moved'), value: <ByteSize bytes={bytesMoved} exact /> },
            { label: t('run.kept'), value: <ByteSize bytes={bytesKept} exact /> },
            { label: t('run.took'), value: <Duration ms={ms} /> },
          ]}
        />
      )}
    </>
  );
}

/** All cells of an edge, or of a release. */
function ManyCells({
  run,
  edge,
  release,
}: {
  run: Run;
  edge: Edge | undefined;
  release: Release | undefined;
}) {
  const counts = countsAt(run, {
    ...(edge && { edgeId: edge.id }),
    ...(release && { releaseId: release.id }),
  });
  return (
    <>
      <Counts counts={counts} />
      <CellActs
        distributionId={run.id}
        choice={{ ...(edge && { edgeIds: [edge.id] }), ...(release && { releaseIds: [release.id] }) }}
        counts={counts}
      />
    </>
  );
}

function Counts({ counts }: { counts: Record<CellState, number> }) {
  const t = useTranslations('distributionPages');
  const found = cellStates.filter((state) => counts[state] > 0);
  if (found.length === 0) return <p className="text-text-muted">{t('run.notPlanned')}</p>;
  return (
    <ul className="space-y-1.5">
      {found.map((state) => (
        <li key={state} className="flex items-center gap-2">
          <MatrixSwatch look={stateLooks[state]} />
          <span className="flex-1">{t(`states.${state}`)}</span>
          <span className="tabular text-text-muted">{counts[state]}</span>
        </li>
      ))}
    </ul>
  );
}
