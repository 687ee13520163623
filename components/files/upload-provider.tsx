'use client';

import { useQueries } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import {
  createContext,
  use,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { ConflictDialog } from './conflict-dialog';
import { digestInWorker } from './digest-in-worker';
import { sendFile } from './tus-send';
import { isActive } from './upload-item';
import { UploadPanel } from './upload-panel';
import { UploadQueue, type QueueSnapshot } from './upload-queue';

const QueueContext = createContext<UploadQueue | undefined>(undefined);

/** The queue of uploads. @throws Error outside of `UploadProvider` */
export function useUploadQueue(): UploadQueue {
  const queue = use(QueueContext);
  if (!queue) throw new Error('There is no UploadProvider above.');
  return queue;
}

/** Keeps the uploads going while people walk from page to page, and shows them in a corner. Once, above all pages. */
export function UploadProvider({ children }: { children: ReactNode }) {
  const client = useTRPCClient();
  const [queue] = useState(
    () =>
      new UploadQueue({
        uploads: (vmId) => client.files.uploads.query({ vmId }),
        confirm: (vmId, uploadId, sha256) => client.files.confirmUpload.mutate({ vmId, uploadId, sha256 }),
        remove: async (vmId, uploadId) => {
          await client.files.removeUpload.mutate({ vmId, uploadId });
        },
        send: sendFile,
        digest: digestInWorker,
      }),
  );
  return (
    <QueueContext value={queue}>
      {children}
      <Uploads queue={queue} />
    </QueueContext>
  );
}

const nothing: QueueSnapshot = { items: [], speed: 0 };

function Uploads({ queue }: { queue: UploadQueue }) {
  const snapshot = useSyncExternalStore(queue.subscribe, queue.snapshot, () => nothing);
  useVerdicts(queue, snapshot);
  useLeaveWarning(snapshot.items.some((item) => isActive(item) && item.state !== 'verifying'));
  if (snapshot.items.length === 0) return null;
  return (
    <>
      <UploadPanel queue={queue} snapshot={snapshot} />
      <ConflictDialog queue={queue} items={snapshot.items} />
    </>
  );
}

// The server verifies by itself; its notices make these queries fresh.
function useVerdicts(queue: UploadQueue, { items }: QueueSnapshot): void {
  const trpc = useTRPC();
  const vmIds = useMemo(
    () => [...new Set(items.filter(({ state }) => state === 'verifying').map(({ vmId }) => vmId))],
    [items],
  );
  const uploads = useQueries({
    queries: vmIds.map((vmId) => trpc.files.uploads.queryOptions({ vmId })),
    combine: (queries) => queries.flatMap(({ data }) => data ?? []),
  });
  useEffect(() => queue.learn(uploads), [uploads, queue]);
}

function useLeaveWarning(active: boolean): void {
  const t = useTranslations('files');
  const words = t('leaving');
  useEffect(() => {
    if (!active) return undefined;
    const warn = (event: BeforeUnloadEvent) => {
      event.preventDefault();
      // Old browsers ask only when there is a text.
      event.returnValue = words;
    };
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [active, words]);
}
