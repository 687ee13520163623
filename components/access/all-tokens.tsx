'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import { problemOf } from '../api/problem-of';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DataTable } from '../ui/data-table';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { SkeletonRows } from '../ui/skeleton';
import { useTokenColumns } from './token-columns';
import type { TokenView } from '@/server/access/schemas';

type OwnedToken = TokenView & { ownerName: string };

/** The API tokens of all users, for administrators. */
export function AllTokens() {
  const t = useTranslations('access');
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [revoking, setRevoking] = useState<OwnedToken>();
  const tokens = useQuery(trpc.access.allTokens.queryOptions());
  const [name, ...others] = useTokenColumns<OwnedToken>();
  if (tokens.isPending) return <SkeletonRows />;
  if (tokens.error)
    return <ErrorState problem={problemOf(tokens.error)} onRetry={() => void tokens.refetch()} />;
  const owner = {
    id: 'owner',
    header: t('tokens.owner'),
    sort: (row: OwnedToken) => row.ownerName,
    cell: (row: OwnedToken) => row.ownerName,
  };
  const actionsFor = (row: OwnedToken) => (
    <Button
      size="sm"
      icon={<Trash2 />}
      onClick={() => {
        setRevoking(row);
      }}
    >
      {t('tokens.revoke')}
    </Button>
  );
  return (
    <>
      <DataTable<OwnedToken>
        label={t('allTokens.title')}
        rows={tokens.data}
        columns={name ? [name, owner, ...others] : []}
        rowId={(row) => row.id}
        pageSize={50}
        empty={
          <EmptyState icon={<KeyRound />} title={t('allTokens.emptyTitle')}>
            {t('allTokens.emptyText')}
          </EmptyState>
        }
        rowActions={actionsFor}
      />
      <ConfirmDialog
        open={revoking !== undefined}
        onOpenChange={() => {
          setRevoking(undefined);
        }}
        title={t('tokens.revokeTitle', { name: revoking?.name ?? '' })}
        confirmLabel={t('tokens.revoke')}
        problemOf={problemOf}
        onConfirm={async () => {
          if (!revoking) return;
          await client.access.revokeAnyToken.mutate({ id: revoking.id });
          await queries.invalidateQueries(trpc.access.allTokens.queryFilter());
          toast.success(t('tokens.revoked'));
        }}
      >
        {t('tokens.revokeText')}
      </ConfirmDialog>
    </>
  );
}
