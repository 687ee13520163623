'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { Fragment, useDeferredValue, type ReactNode } from 'react';
import { useWatch } from 'react-hook-form';
import type { CloudOffers, SiteOffers } from '@/server/sites/site';
import type { VmPlan } from '@/server/workbench/model';
import { inItsOwnTime } from '../api/own-time';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { classNames } from '../ui/class-names';
import { useProblemText } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { Progress } from '../ui/progress';
import { Spinner } from '../ui/spinner';
import { SummaryCard } from '../ui/summary-card';
import { Verdict } from '../ui/verdict';
import { portName } from './create-ports';
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
      {
        ...inItsOwnTime, // What is being made would stand in its own way: its name is taken.
        enabled: choices !== undefined && !busy,
        placeholderData: keepPreviousData,
        staleTime: 5000,
      },
    ),
  );
  const image = offers.images.find(({ id }) => id === values.imageId);
  const network = offers.networks.find(({ id }) => id === values.network.id);
  const size = plan.data?.size;
  const against = plan.data && !plan.data.fits ? plan.data.reasons : [];

  const { cloud } = values;
  const networkWords = (name: string) =>
    cloud
      ? t('create.cloudWords', {
          name,
          networks: 1 + cloud.moreNetworks.length,
          floating: cloud.floatingNetworkId === undefined ? 'no' : 'yes',
        })
      : t('create.networkWords', { name, ports: values.network.forwards.length });

  return (
    <SummaryCard
      title={t('create.summary')}
      then={t('create.then')}
      submit={{
        label: t('create.create'),
        busy,
        refusal: against.length > 0 ? t('create.cannot') : undefined,
      }}
    >
      <KeyValueList
        items={[
          { label: t('create.name'), value: values.name || undefined },
          { label: t('create.site'), value: siteName },
          { label: t('create.image'), value: image?.name },
          {
            label: t('create.flavor'),
            value:
              size && t('vm.sizeWords', { vcpus: size.vcpus, memory: size.memoryMiB, disk: size.diskGiB }),
          },
          {
            label: t('create.network'),
            value: network && networkWords(network.name),
          },
          ...(cloud
            ? [
                {
                  label: t('create.openPorts'),
                  value: cloud.openPorts.map(portName).join(', ') || t('create.openPortsNone'),
                },
              ]
            : []),
          { label: t('create.tools'), value: t('create.toolCount', { count: values.toolIds.length }) },
        ]}
      />
      {plan.data && <Amounts amounts={plan.data.amounts} />}
      {offers.cloud && <Quota quota={offers.cloud.quota} />}
      <div aria-live="polite" className="flex flex-col gap-2 text-sm">
        {plan.error ? (
          <p className="text-danger">{problemText(problemOf(plan.error))}</p>
        ) : plan.data === undefined ? (
          <Spinner label={t('create.checking')} />
        ) : (
          <Verdict
            good={t('create.fits')}
            bad={t('create.doesNotFit')}
            reasons={against.map(({ key, params }) => problemText({ code: 'conflict', key, params }))}
          />
        )}
      </div>
      {children}
    </SummaryCard>
  );
}

function Amounts({ amounts }: { amounts: VmPlan['amounts'] }) {
  const t = useTranslations('workbench.create');
  return (
    <div className="flex flex-col gap-3">
      {amounts.map(({ resource, asked, free, total }) =>
        // A total of -1 means without limit.
        total < 0 ? (
          <p key={resource} className="flex flex-wrap justify-between gap-x-3 text-[0.8125rem]">
            <span className="font-medium">{t(`amounts.${resource}`)}</span>
            <span className="text-text-muted tabular">{t('amountNoLimit', { resource, asked })}</span>
          </p>
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

/** What the project has left at the cloud beside size: only what has a limit, the scarcest first. */
function Quota({ quota }: { quota: CloudOffers['quota'] }) {
  const t = useTranslations('workbench.create');
  const tQuota = useTranslations('sites.quota');
  const limited = quota
    .filter(({ total }) => total >= 0)
    .toSorted((a, b) => a.total - a.used - (b.total - b.used));
  if (limited.length === 0) return null;
  return (
    <details className="text-[0.8125rem]">
      <summary className="cursor-pointer font-medium">{t('quota')}</summary>
      <dl className="mt-2 grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-1">
        {limited.map(({ resource, total, used }) => (
          <Fragment key={resource}>
            <dt className="text-text-muted">{tQuota(resource)}</dt>
            <dd className={classNames('tabular', used >= total && 'text-danger font-medium')}>
              {t('quotaWords', { used, total })}
            </dd>
          </Fragment>
        ))}
      </dl>
    </details>
  );
}
