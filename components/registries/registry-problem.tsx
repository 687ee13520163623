'use client';

import type { ReactNode } from 'react';
import type { ProblemReport } from '@/server/problem';
import { useProblemText } from '../ui/error-state';
import { Notice } from '../ui/notice';

/** Why a registry does not answer, with its own words below. */
export function RegistryProblem({
  title,
  problem,
  action,
}: {
  title: string;
  problem: ProblemReport;
  action?: ReactNode;
}) {
  const problemText = useProblemText();
  return (
    <Notice tone="danger" title={title} action={action}>
      <p>{problemText(problem)}</p>
      {problem.detail !== undefined && (
        <pre className="mt-1 max-h-40 overflow-auto font-mono text-xs whitespace-pre-wrap">
          {problem.detail}
        </pre>
      )}
    </Notice>
  );
}
