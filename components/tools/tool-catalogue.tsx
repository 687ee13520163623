'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Eye, Pencil, Plus, Trash2, Wrench } from 'lucide-react';
import { useLocale, useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Tool } from '@/server/workbench/guest/catalogue';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { IconButton } from '../ui/icon-button';
import { PageHeader } from '../ui/page-header';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { ToolDialog } from './tool-dialog';

type Open = { kind: 'edit'; tool: Tool | undefined } | { kind: 'remove'; tool: Tool };

/** What developers can install, and where administrators change it. */
export function ToolCatalogue() {
  const t = useTranslations('tools.admin');
  const trpc = useTRPC();
  const [open, setOpen] = useState<Open>();
  const { data, error, refetch } = useQuery(trpc.tools.catalogue.queryOptions());
  const close = () => setOpen(undefined);
  const actionsFor = (tool: Tool) => <ToolActions tool={tool} onOpen={setOpen} />;
  const columns = useColumns();
  return (
    <>
      <PageHeader
        title={t('title')}
        description={t('text')}
        actions={
          <Button
            variant="primary"
            icon={<Plus />}
            onClick={() => setOpen({ kind: 'edit', tool: undefined })}
          >
            {t('add')}
          </Button>
        }
      />
      {error ? (
        <ErrorState problem={problemOf(error)} onRetry={() => void refetch()} />
      ) : data ? (
        <DataTable
          label={t('title')}
          rows={data}
          columns={columns}
          rowId={({ id }) => id}
          rowActions={actionsFor}
          empty={
            <EmptyState icon={<Wrench />} title={t('emptyTitle')}>
              {t('emptyText')}
            </EmptyState>
          }
        />
      ) : (
        <SkeletonRows />
      )}
      {open?.kind === 'edit' && <ToolDialog tool={open.tool} onClose={close} />}
      {open?.kind === 'remove' && <RemoveDialog tool={open.tool} onClose={close} />}
    </>
  );
}

function useColumns(): DataColumn<Tool>[] {
  const t = useTranslations('tools');
  const locale = useLocale();
  return [
    {
      id: 'name',
      header: t('name'),
      cell: (tool) => (
        <div className="min-w-0">
          <p className="font-medium">{locale === 'zh' ? tool.nameZh : tool.nameEn}</p>
          <p className="text-text-muted text-pretty">
            {locale === 'zh' ? tool.descriptionZh : tool.descriptionEn}
          </p>
        </div>
      ),
      sort: ({ nameEn, nameZh }) => (locale === 'zh' ? nameZh : nameEn),
    },
    { id: 'version', header: t('version'), cell: ({ version }) => version },
    {
      id: 'origin',
      header: t('admin.origin'),
      cell: ({ builtIn }) => (
        <Badge tone={builtIn ? 'accent' : 'neutral'}>{builtIn ? t('admin.builtIn') : t('admin.own')}</Badge>
      ),
      sort: ({ builtIn }) => Number(builtIn),
    },
    {
      id: 'updated',
      header: t('admin.updated'),
      cell: ({ updatedAt }) => <RelativeTime at={updatedAt} />,
      sort: ({ updatedAt }) => updatedAt,
    },
  ];
}

function ToolActions({ tool, onOpen }: { tool: Tool; onOpen: (open: Open) => void }) {
  const t = useTranslations('tools.admin');
  const locale = useLocale();
  const name = locale === 'zh' ? tool.nameZh : tool.nameEn;
  const fixed = tool.builtIn ? { disabledReason: t('builtInText') } : {};
  return (
    <span className="flex justify-end">
      <IconButton
        size="sm"
        label={tool.builtIn ? t('viewNamed', { name }) : t('editNamed', { name })}
        icon={tool.builtIn ? <Eye /> : <Pencil />}
        onClick={() => onOpen({ kind: 'edit', tool })}
      />
      <IconButton
        size="sm"
        variant="danger"
        label={t('removeNamed', { name })}
        icon={<Trash2 />}
        {...fixed}
        onClick={() => onOpen({ kind: 'remove', tool })}
      />
    </span>
  );
}

function RemoveDialog({ tool, onClose }: { tool: Tool; onClose: () => void }) {
  const t = useTranslations('tools.admin');
  const locale = useLocale();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(trpc.tools.remove.mutationOptions());
  const name = locale === 'zh' ? tool.nameZh : tool.nameEn;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t('removeTitle', { name })}
      confirmLabel={t('remove')}
      problemOf={problemOf}
      onConfirm={async () => {
        await remove.mutateAsync({ toolId: tool.id });
        toast.success(t('removed', { name }));
        await queryClient.invalidateQueries(trpc.tools.pathFilter());
      }}
    >
      <p>{t('removeText')}</p>
    </ConfirmDialog>
  );
}
