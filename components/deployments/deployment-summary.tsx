'use client';

import { useTranslations } from 'next-intl';
import { useMemo, type ReactNode } from 'react';
import type { StackPlan } from '@/server/sites/stacks';
import { Badge } from '../ui/badge';
import { useProblemText } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { SummaryCard } from '../ui/summary-card';
import { Verdict } from '../ui/verdict';
import { templateSummary } from './template-summary';

/** What will be made and what stands in the way, with the button that makes it so. Always in sight on wide screens. */
export function DeploymentSummary({
  packageName,
  siteName,
  plan,
  busy,
  children,
}: {
  packageName: string;
  siteName: string;
  plan: StackPlan;
  busy: boolean;
  /** What the server said against it. */
  children?: ReactNode;
}) {
  const t = useTranslations('deployments.new');
  const made = useMemo(() => templateSummary(plan.template), [plan.template]);
  return (
    <SummaryCard
      title={t('summary')}
      then={t('then')}
      submit={{ label: t('create'), busy, refusal: plan.reasons.length > 0 ? t('cannot') : undefined }}
    >
      <KeyValueList
        items={[
          { label: t('package'), value: packageName },
          { label: t('site'), value: siteName },
          ...(made
            ? [
                {
                  label: t('vms'),
                  value: t('vmCount', { count: made.vms.length }),
                  hint: (
                    <ul>
                      {made.vms.map(({ name, flavor }) => (
                        <li key={name}>{flavor === '' ? name : t('vm', { name, flavor })}</li>
                      ))}
                    </ul>
                  ),
                },
                { label: t('networks'), value: t('networkCount', { count: made.networks }) },
                { label: t('cards'), value: t('cardCount', { count: made.cards }) },
                { label: t('open'), value: <Open rules={made.open} /> },
              ]
            : []),
        ]}
      />
      <Against reasons={plan.reasons} />
      {children}
    </SummaryCard>
  );
}

function Open({ rules }: { rules: readonly string[] }) {
  if (rules.length === 0) return null;
  return (
    <span className="flex flex-wrap gap-1">
      {rules.map((rule) => (
        <Badge key={rule}>{rule}</Badge>
      ))}
    </span>
  );
}

function Against({ reasons }: { reasons: StackPlan['reasons'] }) {
  const t = useTranslations('deployments.new');
  const problemText = useProblemText();
  return (
    <div aria-live="polite" className="flex flex-col gap-2 text-sm">
      <Verdict
        good={t('ready')}
        bad={t('against')}
        reasons={reasons.map(({ key, params }) => problemText({ code: 'conflict', key, params }))}
      />
    </div>
  );
}
