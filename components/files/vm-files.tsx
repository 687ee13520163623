'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { FolderOpen, PowerOff, RefreshCw } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import type { FolderListing } from '@/server/workbench/guest/schemas';
import type { VmView } from '@/server/workbench/model';
import { inItsOwnTime } from '../api/own-time';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { useByteSize } from '../ui/byte-size';
import { EmptyState } from '../ui/empty-state';
import { ErrorState, useProblemText } from '../ui/error-state';
import { IconButton } from '../ui/icon-button';
import { SkeletonRows } from '../ui/skeleton';
import { ReachPanel, reachOptions } from '../vms/reach-panel';
import { FileTable } from './file-table';
import { FolderCrumbs } from './folder-crumbs';
import { NewFolderButton } from './new-folder-dialog';
import { UnfinishedUploads } from './unfinished-uploads';
import { UploadButtons } from './upload-buttons';
import { useUploadQueue } from './upload-provider';
import { VmDropTarget } from './vm-drop-target';

/** The files of a VM: walk through folders, upload by drop or dialog, download, delete. The folder is in the address. */
export function VmFiles({ vmId }: { vmId: string }) {
  const t = useTranslations('files');
  const root = useTranslations();
  const trpc = useTRPC();
  const vm = useQuery(trpc.workbench.vms.get.queryOptions({ vmId }));
  if (vm.error) return <ErrorState problem={problemOf(vm.error)} onRetry={() => void vm.refetch()} />;
  if (!vm.data) return <SkeletonRows />;
  const gate = vm.data.gates.files;
  if (!gate.allowed)
    return (
      <EmptyState icon={<PowerOff />} title={t('closedTitle')}>
        {root(gate.key, { name: vm.data.name })}
      </EmptyState>
    );
  return <Folder vm={vm.data} />;
}

function Folder({ vm }: { vm: VmView }) {
  const { id: vmId, name: vmName } = vm;
  const t = useTranslations('files');
  const trpc = useTRPC();
  const problemText = useProblemText();
  const queue = useUploadQueue();
  const [path, goTo] = usePathInAddress();
  const listing = useQuery({
    ...trpc.files.list.queryOptions({ vmId, path }, inItsOwnTime),
    placeholderData: keepPreviousData,
  });
  const directory = listing.data?.path ?? path;
  const addFiles = (files: File[]) => void queue.add({ vmId, vmName, directory, files });
  const reach = vm.capabilities.includes('reach');
  const way = useQuery({ ...reachOptions(trpc, vmId), enabled: reach && !listing.data });
  const broken = way.data?.hops.some(({ ok }) => !ok) === true;
  const problem = listing.error ? problemOf(listing.error) : undefined;
  // A guest that says that there is no such folder is reached.
  const noFolder = problem?.code === 'not_found';
  const closed = noFolder
    ? problemText(problem)
    : problem || (broken && !listing.data)
      ? t('noSshTitle')
      : undefined;
  return (
    <VmDropTarget vmId={vmId} vmName={vmName} directory={directory} disabledReason={closed}>
      <div className="space-y-4">
        <UnfinishedUploads vmId={vmId} vmName={vmName} />
        <div className="flex flex-wrap items-center gap-2">
          <div className="min-w-0 grow basis-64">
            {listing.data && <FolderCrumbs path={listing.data.path} home={listing.data.home} onOpen={goTo} />}
          </div>
          <IconButton
            label={t('refresh')}
            icon={<RefreshCw />}
            busy={listing.isFetching}
            onClick={() => void listing.refetch()}
          />
          <NewFolderButton vmId={vmId} folder={directory} disabledReason={closed} />
          <UploadButtons onFiles={addFiles} disabledReason={closed} />
        </div>
        {problem ? (
          <>
            <ErrorState
              problem={problem}
              onRetry={() => void listing.refetch()}
              action={noFolder && <Button onClick={() => goTo('')}>{t('goHome')}</Button>}
            />
            {reach && !noFolder && <ReachPanel vm={vm} />}
          </>
        ) : listing.data ? (
          <FolderContent vmId={vmId} listing={listing.data} busy={listing.isPlaceholderData} onOpen={goTo} />
        ) : reach ? (
          // A closed port answers nothing, so the guest is waited for long; the cloud knows at once.
          <ReachPanel vm={vm} otherwise={<SkeletonRows />} />
        ) : (
          <SkeletonRows />
        )}
      </div>
    </VmDropTarget>
  );
}

function FolderContent({
  vmId,
  listing,
  busy,
  onOpen,
}: {
  vmId: string;
  listing: FolderListing;
  busy: boolean;
  onOpen: (path: string) => void;
}) {
  const t = useTranslations('files');
  const bytes = useByteSize();
  return (
    <>
      <FileTable
        vmId={vmId}
        listing={listing}
        busy={busy}
        onOpen={onOpen}
        empty={
          <EmptyState compact icon={<FolderOpen />} title={t('emptyTitle')}>
            {t('emptyText')}
          </EmptyState>
        }
      />
      <p className="text-text-muted text-[0.8125rem]">
        {listing.space && t('free', { free: bytes(listing.space.free), total: bytes(listing.space.total) })}{' '}
        {t('dropHint')} {listing.truncated && t('truncated', { count: listing.entries.length })}
      </p>
    </>
  );
}

// In the address, so that Back goes back and a folder can be sent to somebody.
function usePathInAddress(): [string, (path: string) => void] {
  const router = useRouter();
  const page = usePathname();
  const search = useSearchParams();
  return [
    search.get('path') ?? '',
    (path) => {
      const next = new URLSearchParams(search);
      if (path === '') next.delete('path');
      else next.set('path', path);
      router.push(next.size === 0 ? page : `${page}?${next.toString()}`, { scroll: false });
    },
  ];
}
