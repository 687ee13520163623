'use client';

import { useTranslations } from 'next-intl';
import type { RobotView } from '@/server/registries/schemas';
import { Badge } from '../ui/badge';
import { useNow } from '../ui/clock';
import { CopyButton } from '../ui/copy-button';
import type { DataColumn } from '../ui/data-table-model';
import { DateTime, RelativeTime } from '../ui/relative-time';

/** What is shown of each login for a machine. */
export function useRobotColumns(): DataColumn<RobotView>[] {
  const t = useTranslations('adminRegistries.robots');
  const roles = useTranslations('adminRegistries.roles');
  return [
    {
      id: 'name',
      header: t('columns.name'),
      cell: ({ user }) => (
        <span className="inline-flex items-center gap-1">
          <code className="min-w-0 font-medium wrap-anywhere">{user}</code>
          <CopyButton text={user} label={t('user')} />
        </span>
      ),
      sort: ({ name }) => name,
    },
    {
      id: 'right',
      header: t('columns.right'),
      cell: ({ right }) => (
        <Badge tone={right === 'push' ? 'accent' : 'neutral'}>{t(`rights.${right}`)}</Badge>
      ),
      sort: ({ right }) => right,
    },
    {
      id: 'role',
      header: t('columns.role'),
      cell: ({ role }) => roles(role),
      sort: ({ role }) => role,
    },
    {
      id: 'repositories',
      header: t('columns.repositories'),
      cell: ({ repositories }) =>
        repositories.includes('*') ? (
          t('allRepositories')
        ) : (
          <code className="text-[0.8125rem] break-all">{repositories.join(', ')}</code>
        ),
    },
    {
      id: 'used',
      header: t('columns.used'),
      cell: ({ lastUsedAt }) =>
        lastUsedAt === undefined ? t('neverUsed') : <RelativeTime at={lastUsedAt} />,
      sort: ({ lastUsedAt }) => lastUsedAt,
    },
    {
      id: 'expires',
      header: t('columns.expires'),
      cell: ({ expiresAt }) => <Expiry at={expiresAt} />,
      sort: ({ expiresAt }) => expiresAt,
    },
  ];
}

function Expiry({ at }: { at: number | undefined }) {
  const t = useTranslations('adminRegistries.robots');
  const now = useNow(60_000);
  if (at === undefined) return t('noEnd');
  return (
    <span className="flex flex-wrap items-center gap-2">
      <DateTime at={at} />
      {now !== undefined && at < now && <Badge tone="danger">{t('over')}</Badge>}
    </span>
  );
}
