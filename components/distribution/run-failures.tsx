'use client';

import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, RotateCcw, Send } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { RunCause } from '@/server/operations/distribution/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ErrorState, useProblemText } from '../ui/error-state';
import { choicesOf } from './cell-choices';
import { atPlace, idsAt, type Run } from './run-model';
import { useMayOperate } from './use-may-operate';
import { useRunActs } from './use-run-acts';

/** What failed, gathered by cause, each with one way to try all of it again. */
export function RunFailures({ run }: { run: Run }) {
  const t = useTranslations('distributionPages.run');
  const trpc = useTRPC();
  const failed = (run.counts.failed ?? 0) > 0;
  const query = useQuery(trpc.distributions.causes.queryOptions({ id: run.id }, { enabled: failed }));
  const causes = query.data ?? [];
  if (!failed || (causes.length === 0 && !query.error)) return null;
  return (
    <Card title={t('failures')} description={t('failuresText')}>
      {causes.length > 0 ? (
        <ul className="divide-border -my-3 divide-y">
          {causes.map((cause) => (
            <CauseRow key={cause.key} cause={cause} run={run} />
          ))}
        </ul>
      ) : (
        query.error && (
          <ErrorState compact problem={problemOf(query.error)} onRetry={() => void query.refetch()} />
        )
      )}
    </Card>
  );
}

function CauseRow({ cause, run }: { cause: RunCause; run: Run }) {
  const t = useTranslations('distributionPages.run');
  const mayOperate = useMayOperate();
  const acts = useRunActs(run.id);
  const [open, setOpen] = useState(false);
  const { places, problem } = cause;
  const cells = idsAt(run, places);
  const edges = new Set(cells.map(({ edgeId }) => edgeId)).size;
  const sentence = useCommonSentence(cause, edges);
  const refused = mayOperate ? {} : { disabledReason: t('operatorsAct') };
  const again = (anyway: boolean) =>
    acts.retry(
      choicesOf(cells).map((choice) => ({ ...choice, anyway })),
      cells.length,
    );
  return (
    <li className="flex flex-col gap-2 py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          {!cause.same && <p className="text-text-muted text-[0.8125rem]">{t('example')}</p>}
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
          {problem.key === 'distribution.errors.noSpace' && (
            <Button
              size="sm"
              icon={<Send />}
              busy={acts.sendingAnyway}
              onClick={() => again(true)}
              {...refused}
            >
              {t('sendAnyway')}
            </Button>
          )}
          <Button
            size="sm"
            icon={<RotateCcw />}
            busy={acts.retrying}
            onClick={() => again(false)}
            {...refused}
          >
            {t('retryThese')}
          </Button>
        </span>
      </div>
      {open && <Hit cause={cause} run={run} />}
    </li>
  );
}

/** What cells say in common, where they do: one that names its edge would not speak for the others. */
function useCommonSentence({ problem, same, places }: RunCause, edges: number): string {
  const t = useTranslations('distributionPages.run');
  const say = useProblemText();
  if (!same || edges < 2 || places.length < 2 || !('edge' in problem.params)) return say(problem);
  const sentence = say({ ...problem, params: { ...problem.params, edge: t('theEdge') } });
  return sentence.charAt(0).toLocaleUpperCase() + sentence.slice(1);
}

/** Whom a cause hit first, each with its own words. */
function Hit({ cause: { places, said }, run }: { cause: RunCause; run: Run }) {
  const t = useTranslations('distributionPages.run');
  const say = useProblemText();
  return (
    <ul
      // A box that scrolls must be reachable by keyboard (WCAG 2.1.1).
      tabIndex={0}
      className="bg-surface-sunken max-h-64 space-y-1.5 overflow-y-auto rounded-md p-3 text-sm"
    >
      {said.map((problem, index) => {
        const { edge, release } = atPlace(run, places[index] ?? 0);
        return (
          <li key={places[index]}>
            <span className="font-medium">{edge?.name}</span>{' '}
            <span className="text-text-muted">{release && `${release.name} ${release.version}`}</span>
            <span className="text-text-muted block text-[0.8125rem]">{say(problem)}</span>
          </li>
        );
      })}
      {places.length > said.length && (
        <li className="text-text-muted">{t('more', { count: places.length - said.length })}</li>
      )}
    </ul>
  );
}
