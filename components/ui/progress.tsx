'use client';

import { useFormatter, useTranslations } from 'next-intl';
import { useId, type ReactNode } from 'react';
import { useByteSize } from './byte-size';
import { classNames } from './class-names';

const fills = { accent: 'bg-accent', success: 'bg-success', warning: 'bg-warning', danger: 'bg-danger' };

export interface ProgressProps {
  label: string;
  /** How far; absent: under way, nobody knows how far. */
  value?: number | undefined;
  max?: number | undefined;
  /** The figures are bytes: shown as "12 MiB of 40 MiB". */
  bytes?: boolean;
  tone?: keyof typeof fills;
  hideLabel?: boolean;
  /** Below the bar: rate, time left, what is being done. */
  detail?: ReactNode;
}

/** How far something is, as a bar and in figures. */
export function Progress({
  label,
  value,
  max = 100,
  bytes = false,
  tone = 'accent',
  hideLabel = false,
  detail,
}: ProgressProps) {
  const id = useId();
  const t = useTranslations('ui');
  const format = useFormatter();
  const inWords = useByteSize();
  const known = value !== undefined && max > 0;
  const share = known ? Math.min(1, Math.max(0, value / max)) : undefined;
  const percent =
    share === undefined ? undefined : format.number(Math.floor(share * 100) / 100, { style: 'percent' });
  const figures =
    share === undefined
      ? t('working')
      : bytes && value !== undefined
        ? t('bytesOf', { done: inWords(value), total: inWords(max) })
        : percent;
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <div className="flex items-baseline justify-between gap-3">
        <span id={id} className={hideLabel ? 'sr-only' : 'truncate font-medium'}>
          {label}
        </span>
        <span className="text-text-muted tabular ml-auto shrink-0 text-[0.8125rem]">{figures}</span>
      </div>
      <div
        role="progressbar"
        aria-labelledby={id}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === undefined ? undefined : Math.floor(share * 100)}
        aria-valuetext={figures}
        className="bg-hover relative h-1.5 overflow-hidden rounded-full"
      >
        {share === undefined ? (
          <span
            className={classNames('animate-travel absolute inset-y-0 left-0 w-2/5 rounded-full', fills[tone])}
          />
        ) : (
          <span
            className={classNames('block h-full rounded-full transition-[width] duration-300', fills[tone])}
            style={{ width: `${share * 100}%` }}
          />
        )}
      </div>
      {detail !== undefined && <div className="text-text-muted text-[0.8125rem]">{detail}</div>}
    </div>
  );
}
