'use client';

import type { ReactNode } from 'react';
import { problemOf } from '../api/problem-of';
import { ErrorState } from '../ui/error-state';

interface Query<Data> {
  data: Data | undefined;
  error: unknown;
  refetch: () => Promise<unknown>;
}

/** What a query gave, or that it is coming, or why it did not come. Data once shown stay while they are refreshed. */
export function QueryView<Data>({
  query,
  pending,
  children,
}: {
  query: Query<Data>;
  pending: ReactNode;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) return pending;
  return <ErrorState problem={problemOf(query.error)} onRetry={() => void query.refetch()} />;
}
