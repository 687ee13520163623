'use client';

import { CircleAlert, CircleCheck, Rocket } from 'lucide-react';
import { useFormatter, useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { ReleasePlan } from '@/server/operations/deployments/schemas';
import type { EdgeView } from '@/server/operations/edges/schemas';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { useProblemText } from '../ui/error-state';
import { Spinner } from '../ui/spinner';
import { SummaryCard } from '../ui/summary-card';
import { mostPlans, type EdgePlan } from './use-release-plans';

/** Whether it fits at each edge, what stands in the way there, and the button that deploys at all of them. */
export function ReleaseSummary({
  release,
  edges,
  plans,
  refusal,
  busy,
  children,
}: {
  release: SyncedRelease;
  edges: readonly EdgeView[];
  plans: readonly EdgePlan[];
  /** Why it cannot be started whatever the edges say. */
  refusal: string | undefined;
  busy: boolean;
  /** What the form or the server has against it. */
  children?: ReactNode;
}) {
  const t = useTranslations('deploymentPages.new');
  const hindered = plans.filter(
    ({ plan, problem }) => problem !== undefined || (plan?.reasons.length ?? 0) > 0,
  );
  const allHindered = hindered.length === edges.length;
  const reason = refusal ?? (allHindered ? t('allHindered') : undefined);
  return (
    <SummaryCard
      title={t('summary')}
      description={`${release.name} ${release.version}`}
      submit={{ label: t('deploy', { count: edges.length }), icon: <Rocket />, busy, refusal: reason }}
    >
      <ul aria-live="polite" className="divide-border -my-2 max-h-96 divide-y overflow-y-auto">
        {plans.map((each) => (
          <EdgeVerdict key={each.edge.id} of={each} />
        ))}
      </ul>
      {edges.length > mostPlans && (
        <p className="text-text-muted text-[0.8125rem]">
          {t('further', { count: edges.length - mostPlans })}
        </p>
      )}
      {hindered.length > 0 && !allHindered && (
        <p className="text-text-muted text-[0.8125rem]">{t('someHindered')}</p>
      )}
      {children}
    </SummaryCard>
  );
}

function EdgeVerdict({ of: { edge, plan, problem, asking } }: { of: EdgePlan }) {
  const t = useTranslations('deploymentPages.new');
  const say = useProblemText();
  const reasons = problem
    ? [say(problem)]
    : (plan?.reasons.map(({ key, params }) => say({ code: 'conflict', key, params })) ?? []);
  const waiting = plan === undefined && problem === undefined;
  return (
    <li className="flex gap-2.5 py-2.5">
      {waiting || asking ? (
        <Spinner className="text-text-muted mt-0.5 size-4 shrink-0" />
      ) : reasons.length > 0 ? (
        <CircleAlert aria-hidden className="text-danger mt-0.5 size-4 shrink-0" />
      ) : (
        <CircleCheck aria-hidden className="text-success mt-0.5 size-4 shrink-0" />
      )}
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{edge.name}</p>
        {waiting && <p className="text-text-muted text-[0.8125rem]">{t('asking')}</p>}
        {!waiting && reasons.length === 0 && <p className="text-text-muted text-[0.8125rem]">{t('fits')}</p>}
        {reasons.map((reason) => (
          <p key={reason} className="text-danger text-[0.8125rem] text-pretty">
            {reason}
          </p>
        ))}
        {plan && <Quota quota={plan.quota} />}
      </div>
    </li>
  );
}

/** What is asked of what is free; left out where that says nothing. */
function Quota({ quota }: { quota: ReleasePlan['quota'] }) {
  const t = useTranslations('deploymentPages.quota');
  const format = useFormatter();
  const known = quota.filter(({ asks, free }) => free !== null || (asks ?? 0) > 0);
  if (known.length === 0) return null;
  const amount = (of: number) => format.number(of, { maximumFractionDigits: 1 });
  const words = ({ asks, free }: ReleasePlan['quota'][number]) => {
    if (free === null) return t('asks', { asks: amount(asks ?? 0) });
    return asks === null
      ? t('free', { free: amount(free) })
      : t('asksOf', { asks: amount(asks), free: amount(free) });
  };
  return (
    <dl className="mt-1.5 space-y-1 text-[0.8125rem]">
      {known.map((each) => (
        <div key={each.resource} className="flex justify-between gap-3">
          <dt className="text-text-muted">{t(each.resource)}</dt>
          <dd
            className={each.free !== null && (each.asks ?? 0) > each.free ? 'text-danger tabular' : 'tabular'}
          >
            {words(each)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
