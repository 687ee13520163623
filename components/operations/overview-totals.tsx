'use client';

import { useFormatter, useTranslations } from 'next-intl';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Overview } from '@/server/operations/overview/schemas';
import { standColours, stands } from './stand';

/** How everything stands, in four figures, each a way to what it counts. */
export function OverviewTotals({ totals }: { totals: Overview['totals'] }) {
  const t = useTranslations('edgePages.totals');
  const { edges, releases, placed, behind, deployments } = totals;
  const all = stands.reduce((sum, stand) => sum + edges[stand], 0);
  return (
    <ul aria-label={t('label')} className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Total href="/operations/edges" label={t('edges')} figure={all}>
        {all > 0 && <Shares counts={edges} total={all} />}
        <Parts
          parts={[
            { text: t('well', { count: edges.well }), shown: true },
            { text: t('unwell', { count: edges.unwell }), tone: 'text-danger', shown: edges.unwell > 0 },
            { text: t('unknown', { count: edges.unknown }), tone: 'text-warning', shown: edges.unknown > 0 },
            { text: t('off', { count: edges.off }), shown: edges.off > 0 },
          ]}
        />
      </Total>
      <Total href="/operations/releases" label={t('inSync')} figure={releases.inSync}>
        <Parts
          parts={[
            { text: t('waiting', { count: releases.waiting }), shown: true },
            {
              text: t('syncing', { count: releases.syncing }),
              tone: 'text-info',
              shown: releases.syncing > 0,
            },
            {
              text: t('syncFailed', { count: releases.failed }),
              tone: 'text-danger',
              shown: releases.failed > 0,
            },
          ]}
        />
      </Total>
      <Total href="/operations/distributions" label={t('placed')} figure={placed}>
        <Parts
          parts={[
            {
              text: t('behind', { count: behind }),
              ...(behind > 0 && { tone: 'text-warning' }),
              shown: true,
            },
          ]}
        />
      </Total>
      <Total href="/deployments" label={t('running')} figure={deployments.running}>
        <Parts
          parts={[
            {
              text: t('broken', { count: deployments.broken }),
              ...(deployments.broken > 0 && { tone: 'text-danger' }),
              shown: true,
            },
            { text: t('changing', { count: deployments.changing }), shown: deployments.changing > 0 },
          ]}
        />
      </Total>
    </ul>
  );
}

function Total({
  href,
  label,
  figure,
  children,
}: {
  href: string;
  label: string;
  figure: number;
  children: ReactNode;
}) {
  const format = useFormatter();
  return (
    <li>
      <Link
        href={href}
        className="border-border bg-surface shadow-card hover:border-border-strong flex h-full flex-col gap-1.5 rounded-xl border px-4 py-3 transition-colors"
      >
        <span className="eyebrow">{label}</span>
        <span className="tabular text-2xl leading-none font-semibold tracking-tight">
          {format.number(figure)}
        </span>
        {children}
      </Link>
    </li>
  );
}

function Parts({ parts }: { parts: { text: string; tone?: string; shown: boolean }[] }) {
  return (
    <span className="text-text-muted tabular flex flex-wrap gap-x-2.5 text-[0.8125rem]">
      {parts
        .filter(({ shown }) => shown)
        .map(({ text, tone }) => (
          <span key={text} className={tone}>
            {text}
          </span>
        ))}
    </span>
  );
}

/** A bar of the shares of each stand; the words below say the same. */
function Shares({ counts, total }: { counts: Overview['totals']['edges']; total: number }) {
  return (
    <span aria-hidden className="flex h-1.5 gap-px overflow-hidden rounded-full">
      {stands
        .toReversed()
        .filter((stand) => counts[stand] > 0)
        .map((stand) => (
          <span
            key={stand}
            style={{ width: `${(counts[stand] / total) * 100}%`, background: standColours[stand] }}
          />
        ))}
    </span>
  );
}
