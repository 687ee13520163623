'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download, File, FileSymlink, Folder, Trash2 } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState, type ReactNode } from 'react';
import { toast } from 'sonner';
import type { FileEntry, FolderListing } from '@/server/workbench/guest/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { ByteSize } from '../ui/byte-size';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { IconButton } from '../ui/icon-button';
import { RelativeTime } from '../ui/relative-time';

interface Props {
  vmId: string;
  listing: FolderListing;
  busy: boolean;
  empty: ReactNode;
  onOpen: (path: string) => void;
}

/** What a folder of the guest holds. */
export function FileTable({ vmId, listing, busy, empty, onOpen }: Props) {
  const t = useTranslations('files');
  const [removing, setRemoving] = useState<FileEntry>();
  const actionsFor = (entry: FileEntry) => <EntryActions vmId={vmId} entry={entry} onRemove={setRemoving} />;
  return (
    <>
      <DataTable
        label={t('table', { path: listing.path })}
        rows={listing.entries}
        columns={useColumns(onOpen)}
        rowId={({ path }) => path}
        rowActions={actionsFor}
        busy={busy}
        empty={empty}
        dense
        pageSize={200}
      />
      {removing && <RemoveDialog vmId={vmId} entry={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

function useColumns(onOpen: (path: string) => void): DataColumn<FileEntry>[] {
  const t = useTranslations('files');
  return [
    {
      id: 'name',
      header: t('name'),
      phone: 'title',
      cell: (entry) => <EntryName entry={entry} onOpen={onOpen} />,
      sort: ({ kind, name }) => `${kind === 'folder' ? 0 : 1}${name.toLocaleLowerCase()}`,
    },
    {
      id: 'size',
      header: t('size'),
      align: 'end',
      cell: ({ kind, size }) => (kind === 'file' ? <ByteSize bytes={size} /> : '–'),
      sort: ({ size }) => size,
    },
    {
      id: 'modified',
      header: t('modified'),
      cell: ({ modifiedAt }) => <RelativeTime at={modifiedAt} />,
      sort: ({ modifiedAt }) => modifiedAt,
    },
    {
      id: 'mode',
      header: t('mode'),
      phone: 'hide',
      cell: ({ mode }) => <span className="font-mono">{mode}</span>,
    },
  ];
}

function EntryName({ entry, onOpen }: { entry: FileEntry; onOpen: (path: string) => void }) {
  const t = useTranslations('files.kinds');
  const Icon = entry.kind === 'folder' ? Folder : entry.kind === 'link' ? FileSymlink : File;
  const content = (
    <>
      <Icon aria-label={t(entry.kind)} className="text-text-muted size-4 shrink-0" />
      <span className="truncate">{entry.name}</span>
    </>
  );
  // A link may lead to a folder; opening it tells.
  if (entry.kind !== 'folder' && entry.kind !== 'link')
    return <span className="flex min-w-0 items-center gap-2">{content}</span>;
  return (
    <button
      type="button"
      onClick={() => onOpen(entry.path)}
      className="flex min-w-0 items-center gap-2 rounded-sm font-medium hover:underline"
    >
      {content}
    </button>
  );
}

function EntryActions({
  vmId,
  entry,
  onRemove,
}: {
  vmId: string;
  entry: FileEntry;
  onRemove: (entry: FileEntry) => void;
}) {
  const t = useTranslations('files');
  const href = `/api/v1/vms/${encodeURIComponent(vmId)}/files/content?path=${encodeURIComponent(entry.path)}`;
  return (
    <span className="flex justify-end">
      {entry.kind === 'file' && (
        <IconButton
          size="sm"
          label={t('downloadNamed', { name: entry.name })}
          icon={<Download />}
          onClick={() => download(href, entry.name)}
        />
      )}
      <IconButton
        size="sm"
        variant="danger"
        label={t('deleteNamed', { name: entry.name })}
        icon={<Trash2 />}
        onClick={() => onRemove(entry)}
      />
    </span>
  );
}

function download(href: string, name: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
}

function RemoveDialog({ vmId, entry, onClose }: { vmId: string; entry: FileEntry; onClose: () => void }) {
  const t = useTranslations('files');
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(trpc.files.remove.mutationOptions());
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t('deleteTitle', { name: entry.name })}
      confirmLabel={t('delete')}
      problemOf={problemOf}
      onConfirm={async () => {
        await remove.mutateAsync({ vmId, path: entry.path });
        toast.success(t('deleted', { name: entry.name }));
        await queryClient.invalidateQueries(trpc.files.list.pathFilter());
      }}
    >
      <p>{entry.kind === 'folder' ? t('deleteFolder') : t('deleteFile')}</p>
    </ConfirmDialog>
  );
}
