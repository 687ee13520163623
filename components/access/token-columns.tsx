'use client';

import { useTranslations } from 'next-intl';
import type { TokenView } from '@/server/access/schemas';
import { Badge } from '../ui/badge';
import { InlineCode } from '../ui/code-block';
import type { DataColumn } from '../ui/data-table-model';
import { RelativeTime } from '../ui/relative-time';

/** The columns of a list of API tokens. */
export function useTokenColumns<Row extends TokenView>(): DataColumn<Row>[] {
  const t = useTranslations('access.tokens');
  return [
    {
      id: 'name',
      header: t('name'),
      sort: (row) => row.name,
      cell: (row) => (
        <span className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{row.name}</span>
          <InlineCode>{row.hint}…</InlineCode>
        </span>
      ),
    },
    {
      id: 'scopes',
      header: t('scopes'),
      cell: (row) => (
        <span className="flex flex-wrap gap-1">
          {row.scopes.map((scope) => (
            <Badge key={scope}>{t(`scopeNames.${scope}`)}</Badge>
          ))}
        </span>
      ),
    },
    {
      id: 'expires',
      header: t('expires'),
      sort: (row) => row.expiresAt,
      cell: (row) =>
        row.expiresAt < Date.now() ? (
          <Badge tone="warning">{t('expired')}</Badge>
        ) : (
          <RelativeTime at={row.expiresAt} />
        ),
    },
    {
      id: 'lastUsed',
      header: t('lastUsed'),
      sort: (row) => row.lastUsedAt,
      cell: (row) => (row.lastUsedAt === undefined ? t('never') : <RelativeTime at={row.lastUsedAt} />),
    },
  ];
}
