'use client';

import { RotateCw, TriangleAlert } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useCallback, type ReactNode } from 'react';
import type { ProblemReport } from '@/server/problem';
import { useTextOf } from '../i18n/use-text-of';
import { Button } from './button';
import { classNames } from './class-names';

/**
 * Says a Problem in the reader's language.
 *
 * @returns a function from a report to its sentence; the report's own detail, or the unexpected-error text, where a
 *   message is missing
 */
export function useProblemText(): (problem: ProblemReport) => string {
  const t = useTranslations('problems');
  const textOf = useTextOf();
  return useCallback(
    ({ key, params, detail }) => textOf(key, params) ?? detail ?? t('unexpected'),
    [t, textOf],
  );
}

/** Something went wrong: what, why, and what to do now. */
export function ErrorState({
  problem,
  title,
  onRetry,
  action,
  compact = false,
}: {
  problem: ProblemReport;
  title?: string;
  onRetry?: (() => void) | undefined;
  action?: ReactNode;
  compact?: boolean;
}) {
  const t = useTranslations('ui');
  const text = useProblemText()(problem);
  const detail = problem.detail === text ? undefined : problem.detail;
  return (
    <div
      role="alert"
      className={classNames(
        'border-danger-line bg-danger-soft flex gap-3 rounded-xl border text-left',
        compact ? 'p-3' : 'mx-auto my-4 max-w-2xl p-5',
      )}
    >
      <TriangleAlert
        aria-hidden
        className={classNames('text-danger shrink-0', compact ? 'size-5' : 'size-6')}
      />
      <div className="flex min-w-0 flex-1 flex-col gap-1.5">
        <p className="font-semibold">{title ?? t('errorTitle')}</p>
        <p className="text-pretty">{text}</p>
        {detail !== undefined && detail !== '' && <Detail text={detail} />}
        {(onRetry !== undefined || action !== undefined) && (
          <div className="mt-2 flex flex-wrap gap-2">
            {onRetry !== undefined && (
              <Button size={compact ? 'sm' : 'md'} icon={<RotateCw aria-hidden />} onClick={onRetry}>
                {t('tryAgain')}
              </Button>
            )}
            {action}
          </div>
        )}
      </div>
    </div>
  );
}

function Detail({ text }: { text: string }) {
  const t = useTranslations('ui');
  return (
    <details className="text-text-muted text-[0.8125rem]">
      <summary className="w-fit cursor-pointer rounded-sm">{t('errorDetail')}</summary>
      <pre className="bg-surface text-text mt-1.5 max-h-48 overflow-auto rounded-md p-2.5 font-mono text-xs break-words whitespace-pre-wrap">
        {text}
      </pre>
    </details>
  );
}
