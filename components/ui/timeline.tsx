'use client';

import { Ban, Check, LoaderCircle, Minus, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { classNames } from './class-names';
import { Progress } from './progress';

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'cancelled';

export interface TimelineStep {
  id: string;
  title: ReactNode;
  state: StepState;
  detail?: ReactNode;
  /** When, or how long it took. */
  time?: ReactNode;
  progress?: { value: number; max: number; bytes?: boolean } | undefined;
}

const marks: Record<StepState, { look: string; icon: ReactNode }> = {
  waiting: { look: 'border-border-strong/60 bg-surface', icon: null },
  running: {
    look: 'border-accent bg-accent-soft text-accent-strong',
    icon: <LoaderCircle className="animate-spin" />,
  },
  done: { look: 'border-success bg-success-soft text-success', icon: <Check strokeWidth={2.5} /> },
  failed: { look: 'border-danger bg-danger-soft text-danger', icon: <X strokeWidth={2.5} /> },
  skipped: { look: 'border-border-strong/60 bg-surface-sunken text-text-muted', icon: <Minus /> },
  cancelled: { look: 'border-border-strong/60 bg-surface-sunken text-text-muted', icon: <Ban /> },
};

/** The steps of something, what became of each, and how far the present one is. */
export function Timeline({ label, steps }: { label: string; steps: TimelineStep[] }) {
  return (
    <ol aria-label={label} className="flex flex-col">
      {steps.map((step, index) => (
        <Step key={step.id} step={step} last={index === steps.length - 1} />
      ))}
    </ol>
  );
}

function Step({ step, last }: { step: TimelineStep; last: boolean }) {
  const t = useTranslations('ui');
  const mark = marks[step.state];
  const word = t(`step.${step.state}`);
  return (
    <li
      aria-current={step.state === 'running' ? 'step' : undefined}
      className={classNames('relative flex gap-3', !last && 'pb-4')}
    >
      {!last && (
        <span
          aria-hidden
          className={classNames(
            'absolute top-7 bottom-0.5 left-[0.6875rem] w-0.5 rounded-full',
            step.state === 'done' ? 'bg-success-line' : 'bg-border',
          )}
        />
      )}
      <span
        aria-hidden
        className={classNames(
          'mt-px grid size-6 shrink-0 place-items-center rounded-full border-[1.5px] [&_svg]:size-3.5',
          mark.look,
        )}
      >
        {mark.icon}
      </span>
      <div className="flex min-w-0 flex-1 flex-col gap-1 pt-0.5">
        <div className="flex items-baseline justify-between gap-3">
          <span
            className={classNames(
              'min-w-0 leading-snug',
              step.state === 'running' || step.state === 'failed' ? 'font-semibold' : 'font-medium',
              (step.state === 'waiting' || step.state === 'skipped') && 'text-text-muted',
            )}
          >
            {step.title}
            <span className="sr-only"> ({word})</span>
          </span>
          {step.time !== undefined && (
            <span className="text-text-muted tabular shrink-0 text-[0.8125rem]">{step.time}</span>
          )}
        </div>
        {step.detail !== undefined && (
          <div
            className={classNames(
              'text-[0.8125rem]',
              step.state === 'failed' ? 'text-danger' : 'text-text-muted',
            )}
          >
            {step.detail}
          </div>
        )}
        {step.state === 'running' && step.progress !== undefined && (
          <Progress label={word} {...step.progress} />
        )}
      </div>
    </li>
  );
}
