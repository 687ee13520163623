'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useDeferredValue, type ReactNode } from 'react';
import { useWatch } from 'react-hook-form';
import type { SiteOffers } from '@/server/sites/site';
import type { VmPlan } from '@/server/workbench/model';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { useProblemText } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { Progress } from '../ui/progress';
import { Spinner } from '../ui/spinner';
import { toChoices, type CreateVmForm } from './create-form';

/** What was chosen, whether it fits and because of what not, and the button that makes it so. Always in sight. */
export function CreateSummary({
  projectId,
  siteName,
  offers,
  busy,
  children,
}: {
  projectId: string;
  siteName: string;
  offers: SiteOffers;
  busy: boolean;
  /** What the server said against it. */
  children?: ReactNode;
}) {
  const t = useTranslations('workbench');
  const trpc = useTRPC();
  const problemText = useProblemText();
  const values = useWatch<CreateVmForm>() as CreateVmForm;
  const choices = useDeferredValue(toChoices(values));
  const plan = useQuery(
    trpc.workbench.vms.plan.queryOptions(
      { projectId, choices: choices ?? { siteId: '' } },
      { enabled: choices !== undefined, placeholderData: keepPreviousData, staleTime: 5000 },
    ),
  );
  const image = offers.images.find(({ id }) => id === values.imageId);
  const network = offers.networks.find(({ id }) => id === values.network.id);
  const size = plan.data?.size;
  const against = plan.data && !plan.data.fits ? plan.data.reasons : [];

  return (
    <aside className="lg:sticky lg:top-20" aria-label={t('create.summary')}>
      <Card title={t('create.summary')}>
        <div className="flex flex-col gap-4">
          <KeyValueList
            items={[
              { label: t('create.name'), value: values.name || undefined },
              { label: t('create.site'), value: siteName },
              { label: t('create.image'), value: image?.name },
              {
                label: t('create.flavor'),
                value:
                  size &&
                  t('vm.sizeWords', { vcpus: size.vcpus, memory: size.memoryMiB, disk: size.diskGiB }),
              },
              {
                label: t('create.network'),
                value:
                  network &&
                  t('create.networkWords', { name: network.name, ports: values.network.forwards.length }),
              },
              { label: t('create.tools'), value: t('create.toolCount', { count: values.toolIds.length }) },
            ]}
          />
          {plan.data && <Amounts amounts={plan.data.amounts} />}
          <div aria-live="polite" className="flex flex-col gap-2 text-sm">
            {plan.error ? (
              <p className="text-danger">{problemText(problemOf(plan.error))}</p>
            ) : plan.data === undefined ? (
              <Spinner label={t('create.checking')} />
            ) : plan.data.fits ? (
              <p className="text-success flex items-center gap-2 font-medium">
                <CircleCheck aria-hidden className="size-4 shrink-0" />
                {t('create.fits')}
              </p>
            ) : (
              <>
                <p className="text-danger flex items-center gap-2 font-medium">
                  <CircleAlert aria-hidden className="size-4 shrink-0" />
                  {t('create.doesNotFit')}
                </p>
                <ul className="list-disc space-y-1 pl-5">
                  {against.map(({ key, params }) => (
                    <li key={key}>{problemText({ code: 'conflict', key, params })}</li>
                  ))}
                </ul>
              </>
            )}
          </div>
          {children}
          <Button
            type="submit"
            variant="primary"
            size="lg"
            busy={busy}
            {...(against.length > 0 ? { disabledReason: t('create.cannot') } : {})}
          >
            {t('create.create')}
          </Button>
          <p className="text-text-muted text-[0.8125rem]">{t('create.then')}</p>
        </div>
      </Card>
    </aside>
  );
}

function Amounts({ amounts }: { amounts: VmPlan['amounts'] }) {
  const t = useTranslations('workbench.create');
  return (
    <div className="flex flex-col gap-3">
      {amounts.map(({ resource, asked, free, total }) =>
        total < 0 ? (
          <div key={resource} className="flex flex-wrap items-baseline justify-between gap-x-3">
            <span className="font-medium">{t(`amounts.${resource}`)}</span>
            <span className="text-text-muted tabular text-[0.8125rem]">
              {t('amountWithoutLimit', { resource, asked })}
            </span>
          </div>
        ) : (
          <Progress
            key={resource}
            label={t(`amounts.${resource}`)}
            value={Math.min(asked, Math.max(free, 1))}
            max={Math.max(free, 1)}
            tone={asked > free ? 'danger' : asked > free * 0.8 ? 'warning' : 'accent'}
            detail={t('amountWords', { resource, asked, free, total: Math.floor(total) })}
          />
        ),
      )}
    </div>
  );
}
