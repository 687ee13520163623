'use client';

import { ChevronDown, ChevronRight, RotateCcw } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useMemo, useState } from 'react';
import type { Distribution, DistributionCell } from '@/server/operations/distribution/schemas';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { useProblemText } from '../ui/error-state';
import { causesOf, choicesOf, type Cause } from './causes';
import { useMayOperate } from './use-may-operate';
import { useRunActs } from './use-run-acts';

/** What failed, gathered by cause, each with one way to try all of it again. */
export function RunFailures({ distribution }: { distribution: Distribution }) {
  const t = useTranslations('distributionPages.run');
  const causes = useMemo(() => causesOf(distribution.cells), [distribution.cells]);
  if (causes.length === 0) return null;
  return (
    <Card title={t('failures')} description={t('failuresText')}>
      <ul className="divide-border -my-3 divide-y">
        {causes.map((cause) => (
          <CauseRow key={cause.key} cause={cause} distribution={distribution} />
        ))}
      </ul>
    </Card>
  );
}

function CauseRow({ cause, distribution }: { cause: Cause; distribution: Distribution }) {
  const t = useTranslations('distributionPages.run');
  const mayOperate = useMayOperate();
  const acts = useRunActs(distribution.id);
  const [open, setOpen] = useState(false);
  const { cells, problem } = cause;
  const edges = new Set(cells.map(({ edgeId }) => edgeId)).size;
  const sentence = useCommonSentence(cause, edges);
  return (
    <li className="flex flex-col gap-2 py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          <p className="font-medium text-pretty">{sentence}</p>
          {problem.detail !== undefined && (
            <p className="text-text-muted mt-0.5 line-clamp-2 font-mono text-xs break-words">
              {problem.detail}
            </p>
          )}
        </div>
        <span className="flex flex-wrap items-center gap-2">
          <Button
            size="sm"
            variant="ghost"
            aria-expanded={open}
            icon={open ? <ChevronDown /> : <ChevronRight />}
            onClick={() => setOpen(!open)}
          >
            {t('causeCount', { cells: cells.length, edges })}
          </Button>
          <Button
            size="sm"
            icon={<RotateCcw />}
            busy={acts.retrying}
            onClick={() => acts.retry(choicesOf(cells), cells.length)}
            {...(!mayOperate && { disabledReason: t('operatorsAct') })}
          >
            {t('retryThese')}
          </Button>
        </span>
      </div>
      {open && <Hit cells={cells} distribution={distribution} />}
    </li>
  );
}

/** What cells say in common: one that names its edge would not speak for the others. */
function useCommonSentence({ problem, cells }: Cause, edges: number): string {
  const t = useTranslations('distributionPages.run');
  const say = useProblemText();
  if (edges < 2 || cells.length < 2 || !('edge' in problem.params)) return say(problem);
  const sentence = say({ ...problem, params: { ...problem.params, edge: t('theEdge') } });
  return sentence.charAt(0).toLocaleUpperCase() + sentence.slice(1);
}

/** Whom a cause hit, each with its own words where they differ. */
function Hit({ cells, distribution }: { cells: readonly DistributionCell[]; distribution: Distribution }) {
  const say = useProblemText();
  const names = useMemo(
    () => ({
      edges: new Map(distribution.edges.map(({ id, name }) => [id, name])),
      releases: new Map(distribution.releases.map(({ id, name, version }) => [id, `${name} ${version}`])),
    }),
    [distribution],
  );
  return (
    <ul className="bg-surface-sunken max-h-64 space-y-1.5 overflow-y-auto rounded-md p-3 text-sm">
      {cells.map(({ edgeId, releaseId, problem }) => (
        <li key={`${edgeId} ${releaseId}`}>
          <span className="font-medium">{names.edges.get(edgeId)}</span>{' '}
          <span className="text-text-muted">{names.releases.get(releaseId)}</span>
          {problem !== null && <span className="text-text-muted block text-[0.8125rem]">{say(problem)}</span>}
        </li>
      ))}
    </ul>
  );
}
