'use client';

import { RotateCcw, ScrollText, Square } from 'lucide-react';
import { useTranslations } from 'next-intl';
import {
  cellStates,
  type CellChoice,
  type Distribution,
  type DistributionCell,
} from '@/server/operations/distribution/schemas';
import { Button } from '../ui/button';
import { ByteSize } from '../ui/byte-size';
import { Duration } from '../ui/duration';
import { ErrorState } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { TextLink } from '../ui/link-button';
import { MatrixSwatch } from '../ui/matrix-cell';
import { Progress } from '../ui/progress';
import { stateLooks } from './looks';
import { useMayOperate } from './use-may-operate';
import { useRunActs } from './use-run-acts';

/** The sheet of a place in a running distribution: how far, how it ended and why; trying again, stopping, the log. */
export function RunDetail({
  distribution,
  edge,
  release,
  onClose,
  onLog,
}: {
  distribution: Distribution;
  edge: Distribution['edges'][number] | undefined;
  release: Distribution['releases'][number] | undefined;
  onClose: () => void;
  onLog: (jobId: string, title: string) => void;
}) {
  const t = useTranslations('distributionPages.run');
  const cells = distribution.cells.filter(
    ({ edgeId, releaseId }) => (!edge || edge.id === edgeId) && (!release || release.id === releaseId),
  );
  const one = edge && release ? cells[0] : undefined;
  const names = [edge?.name, release && `${release.name} ${release.version}`].filter(Boolean).join(' · ');
  const jobId = one?.jobId ?? null;
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
      {one ? <CellFacts cell={one} /> : <Counts cells={cells} />}
      {cells.length === 0 && <p className="text-text-muted">{t('notPlanned')}</p>}
      <Acts
        distributionId={distribution.id}
        cells={cells}
        choice={{
          ...(edge && { edgeIds: [edge.id] }),
          ...(release && { releaseIds: [release.id] }),
        }}
        onLog={
          jobId === null
            ? undefined
            : () => {
                onClose();
                onLog(jobId, names);
              }
        }
      />
    </div>
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

function Counts({ cells }: { cells: readonly DistributionCell[] }) {
  const t = useTranslations('distributionPages.states');
  const found = cellStates
    .map((state) => ({ state, count: cells.filter((cell) => cell.state === state).length }))
    .filter(({ count }) => count > 0);
  return (
    <ul className="space-y-1.5">
      {found.map(({ state, count }) => (
        <li key={state} className="flex items-center gap-2">
          <MatrixSwatch look={stateLooks[state]} />
          <span className="flex-1">{t(state)}</span>
          <span className="tabular text-text-muted">{count}</span>
        </li>
      ))}
    </ul>
  );
}

function Acts({
  distributionId,
  cells,
  choice,
  onLog,
}: {
  distributionId: string;
  cells: readonly DistributionCell[];
  choice: CellChoice;
  onLog: (() => void) | undefined;
}) {
  const t = useTranslations('distributionPages.run');
  const mayOperate = useMayOperate();
  const acts = useRunActs(distributionId);
  const count = (...states: DistributionCell['state'][]) =>
    cells.filter(({ state }) => states.includes(state)).length;
  const again = count('failed', 'cancelled');
  const refused = mayOperate ? {} : { disabledReason: t('operatorsAct') };
  return (
    <div className="flex flex-wrap gap-2 empty:hidden">
      {onLog && (
        <Button size="sm" icon={<ScrollText />} onClick={onLog}>
          {t('showLog')}
        </Button>
      )}
      {again > 0 && (
        <Button
          size="sm"
          icon={<RotateCcw />}
          busy={acts.retrying}
          onClick={() => acts.retry([choice], again)}
          {...refused}
        >
          {t('retry')}
        </Button>
      )}
      {count('waiting', 'running') > 0 && (
        <Button
          size="sm"
          icon={<Square />}
          busy={acts.cancelling}
          onClick={() => acts.cancel(choice)}
          {...refused}
        >
          {t('cancel')}
        </Button>
      )}
    </div>
  );
}
