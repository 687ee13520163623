'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { TokenView } from '@/server/access/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DataTable } from '../ui/data-table';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { SkeletonRows } from '../ui/skeleton';
import { CreateTokenDialog } from './create-token';
import { useTokenColumns } from './token-columns';

/** One's API tokens: make, see when each was used, revoke. */
export function TokensCard({ isAdmin }: { isAdmin: boolean }) {
  const t = useTranslations('access.tokens');
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<TokenView>();
  const columns = useTokenColumns();
  const tokens = useQuery(trpc.access.tokens.queryOptions());
  const create = (
    <Button
      size="sm"
      icon={<Plus />}
      onClick={() => {
        setCreating(true);
      }}
    >
      {t('create')}
    </Button>
  );
  const actionsFor = (row: TokenView) => (
    <Button
      size="sm"
      icon={<Trash2 />}
      onClick={() => {
        setRevoking(row);
      }}
    >
      {t('revoke')}
    </Button>
  );
  return (
    <Card title={t('title')} description={t('description')} actions={create}>
      {tokens.isPending && <SkeletonRows rows={2} />}
      {tokens.error && (
        <ErrorState problem={problemOf(tokens.error)} onRetry={() => void tokens.refetch()} compact />
      )}
      {tokens.data && (
        <DataTable
          label={t('title')}
          rows={tokens.data}
          columns={columns}
          rowId={(row) => row.id}
          empty={
            <EmptyState compact icon={<KeyRound />} title={t('emptyTitle')}>
              {t('emptyText')}
            </EmptyState>
          }
          rowActions={actionsFor}
        />
      )}
      <CreateTokenDialog open={creating} onOpenChange={setCreating} isAdmin={isAdmin} />
      <ConfirmDialog
        open={revoking !== undefined}
        onOpenChange={() => {
          setRevoking(undefined);
        }}
        title={t('revokeTitle', { name: revoking?.name ?? '' })}
        confirmLabel={t('revoke')}
        problemOf={problemOf}
        onConfirm={async () => {
          if (!revoking) return;
          await client.access.revokeToken.mutate({ id: revoking.id });
          await queries.invalidateQueries(trpc.access.tokens.queryFilter());
          toast.success(t('revoked'));
        }}
      >
        {t('revokeText')}
      </ConfirmDialog>
    </Card>
  );
}
