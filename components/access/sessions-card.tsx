'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { SessionView } from '@/server/access/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { ErrorState, useProblemText } from '../ui/error-state';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { browserOf } from './browser-name';

/** The browsers one is signed in with, and how to end them. */
export function SessionsCard() {
  const t = useTranslations('access');
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [asking, setAsking] = useState(false);
  const sessions = useQuery(trpc.access.sessions.queryOptions());
  const refresh = () => queries.invalidateQueries(trpc.access.sessions.queryFilter());
  const end = useMutation(
    trpc.access.endSession.mutationOptions({
      onSuccess: () => toast.success(t('sessions.ended')),
      onError: (error) => toast.error(problemText(problemOf(error))),
      onSettled: refresh,
    }),
  );
  const columns = useColumns();
  const others = sessions.data?.some((session) => !session.current) === true;

  const actionsFor = (row: SessionView) =>
    !row.current && (
      <Button
        size="sm"
        busy={end.isPending && end.variables.id === row.id}
        onClick={() => {
          end.mutate({ id: row.id });
        }}
      >
        {t('sessions.end')}
      </Button>
    );
  return (
    <Card
      title={t('sessions.title')}
      description={t('sessions.description')}
      actions={
        <Button
          size="sm"
          icon={<LogOut />}
          onClick={() => {
            setAsking(true);
          }}
          {...(!others && { disabledReason: t('sessions.endOthersNone') })}
        >
          {t('sessions.endOthers')}
        </Button>
      }
    >
      {sessions.isPending && <SkeletonRows rows={2} />}
      {sessions.error && (
        <ErrorState problem={problemOf(sessions.error)} onRetry={() => void sessions.refetch()} compact />
      )}
      {sessions.data && (
        <DataTable
          label={t('sessions.title')}
          rows={sessions.data}
          columns={columns}
          rowId={(row) => row.id}
          rowActions={actionsFor}
        />
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('sessions.endOthersConfirm')}
        confirmLabel={t('sessions.endOthers')}
        problemOf={problemOf}
        onConfirm={async () => {
          await client.access.endOtherSessions.mutate();
          await refresh();
        }}
      >
        {t('sessions.endOthersText')}
      </ConfirmDialog>
    </Card>
  );
}

function useColumns(): DataColumn<SessionView>[] {
  const t = useTranslations('access.sessions');
  return [
    {
      id: 'browser',
      header: t('browser'),
      cell: (row) => (
        <span className="flex flex-wrap items-center gap-2">
          {browserOf(row.userAgent) ?? t('unknownBrowser')}
          {row.current && <Badge tone="success">{t('current')}</Badge>}
        </span>
      ),
    },
    { id: 'address', header: t('address'), cell: (row) => row.ipAddress },
    { id: 'lastSeen', header: t('lastSeen'), cell: (row) => <RelativeTime at={row.lastSeenAt} /> },
    { id: 'started', header: t('started'), cell: (row) => <RelativeTime at={row.createdAt} /> },
  ];
}
