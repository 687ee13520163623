'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Bot, Plus, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { RegistryRow, RobotView } from '@/server/registries/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DataTable } from '../ui/data-table';
import { EmptyState } from '../ui/empty-state';
import { IconButton } from '../ui/icon-button';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { CreateRobotDialog } from './create-robot';
import { useRobotColumns } from './robot-columns';

/** Logins for machines at the registry that comes with Edgeyard: make, see when each was used, revoke. */
export function RobotsCard({ rows }: { rows: readonly RegistryRow[] }) {
  const t = useTranslations('adminRegistries.robots');
  const trpc = useTRPC();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<RobotView>();
  const columns = useRobotColumns();
  const robots = useQuery(trpc.registries.robots.list.queryOptions());
  const bundled = rows.filter(({ kind }) => kind === 'bundled');
  const actionsFor = (robot: RobotView) => (
    <IconButton
      size="sm"
      variant="danger"
      label={t('revokeNamed', { name: robot.name })}
      icon={<Trash2 />}
      onClick={() => setRevoking(robot)}
    />
  );
  return (
    <Card
      title={t('title')}
      description={t('text')}
      actions={
        <Button
          size="sm"
          icon={<Plus />}
          disabledReason={bundled.length === 0 ? t('noBundled') : undefined}
          onClick={() => setCreating(true)}
        >
          {t('create')}
        </Button>
      }
    >
      <QueryView query={robots} pending={<SkeletonRows rows={2} />}>
        {(list) => (
          <DataTable
            label={t('title')}
            rows={list}
            columns={columns}
            rowId={({ id }) => id}
            rowActions={actionsFor}
            empty={
              <EmptyState compact icon={<Bot />} title={t('emptyTitle')}>
                {t('emptyText')}
              </EmptyState>
            }
          />
        )}
      </QueryView>
      {creating && (
        <CreateRobotDialog
          roles={bundled.map(({ role }) => role)}
          address={bundled[0]?.address ?? ''}
          encrypted={bundled[0]?.encrypted ?? false}
          onClose={() => setCreating(false)}
        />
      )}
      {revoking && <RevokeDialog robot={revoking} onClose={() => setRevoking(undefined)} />}
    </Card>
  );
}

function RevokeDialog({ robot, onClose }: { robot: RobotView; onClose: () => void }) {
  const t = useTranslations('adminRegistries.robots');
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t('revokeTitle', { name: robot.name })}
      confirmLabel={t('revoke')}
      problemOf={problemOf}
      onConfirm={async () => {
        await client.registries.robots.revoke.mutate({ id: robot.id });
        await queries.invalidateQueries(trpc.registries.robots.pathFilter());
        toast.success(t('revoked', { name: robot.name }));
      }}
    >
      <p>{t('revokeText')}</p>
    </ConfirmDialog>
  );
}
