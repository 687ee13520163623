'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { AuditEntry } from '@/server/access/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { useTextOf } from '../i18n/use-text-of';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { useByteSize } from '../ui/byte-size';
import { InlineCode } from '../ui/code-block';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { DateTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { AuditFilters, useAuditQuery } from './audit-filters';

/** Every change, newest first, page by page. */
export function AuditLog() {
  const t = useTranslations('access.audit');
  const trpc = useTRPC();
  const columns = useColumns();
  const log = useInfiniteQuery(
    trpc.access.audit.infiniteQueryOptions(useAuditQuery(), {
      getNextPageParam: (page) => page.nextCursor,
      placeholderData: (previous) => previous,
    }),
  );
  const entries = log.data?.pages.flatMap((page) => page.entries);
  return (
    <div className="flex flex-col gap-5">
      <AuditFilters />
      {log.isPending && <SkeletonRows />}
      {log.error && <ErrorState problem={problemOf(log.error)} onRetry={() => void log.refetch()} />}
      {entries && (
        <DataTable
          dense
          label={t('title')}
          rows={entries}
          columns={columns}
          rowId={(row) => String(row.id)}
          busy={log.isPlaceholderData}
          empty={
            <EmptyState icon={<ScrollText />} title={t('emptyTitle')}>
              {t('emptyText')}
            </EmptyState>
          }
        />
      )}
      {log.hasNextPage && (
        <div className="text-center">
          <Button busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {t('older')}
          </Button>
        </div>
      )}
    </div>
  );
}

function useColumns(): DataColumn<AuditEntry>[] {
  const t = useTranslations('access.audit');
  const actionText = useActionText();
  const detailText = useDetailText();
  return [
    { id: 'when', header: t('when'), cell: (row) => <DateTime at={row.at} /> },
    {
      id: 'who',
      header: t('who'),
      cell: (row) => (
        <span className="flex flex-wrap items-center gap-2">
          {row.actorName}
          {row.via !== 'session' && <Badge>{t(`via.${row.via}`)}</Badge>}
        </span>
      ),
    },
    { id: 'what', header: t('what'), phone: 'title', cell: (row) => actionText(row.action) },
    {
      id: 'subject',
      header: t('subject'),
      cell: (row) =>
        row.subjectId === undefined ? undefined : (
          <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5 max-sm:justify-end">
            {row.detail['name'] !== undefined && (
              <span className="[overflow-wrap:anywhere]">{row.detail['name']}</span>
            )}
            <InlineCode className="[overflow-wrap:anywhere]">{row.subjectId}</InlineCode>
          </span>
        ),
    },
    {
      id: 'detail',
      header: t('detail'),
      cell: (row) => (
        <span className="text-text-muted block min-w-32 [overflow-wrap:anywhere]">
          {Object.entries(row.detail)
            .filter(([key]) => key !== 'name')
            .map(([key, value]) => detailText(key, value))
            .join(' · ')}
        </span>
      ),
    },
  ];
}

/** An action in words where there are some; the code itself for one that is younger than this page. */
function useActionText(): (action: string) => string {
  const textOf = useTextOf('access.actions');
  return (action) => textOf(action) ?? action;
}

/** One fact of an entry in words; digests in short, sizes as people read them. */
function useDetailText(): (name: string, value: string | number) => string {
  const t = useTranslations('access.audit');
  const textOf = useTextOf('access');
  const byteSize = useByteSize();
  return (name, value) => {
    const shown =
      name === 'digest'
        ? shortDigest(String(value))
        : name === 'size'
          ? byteSize(Number(value))
          : (textOf(`roles.${value}`) ?? String(value));
    return t('pair', { name: textOf(`audit.details.${name}`) ?? name, value: shown });
  };
}

/** The first twelve figures, as everywhere else; the whole digest stands with the thing itself. */
function shortDigest(digest: string): string {
  return digest.length > 24 ? `${digest.slice(0, 'sha256:'.length + 12)}…` : digest;
}
