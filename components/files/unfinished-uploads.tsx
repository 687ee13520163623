'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRef, useSyncExternalStore } from 'react';
import { toast } from 'sonner';
import type { UploadView } from '@/server/workbench/guest/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { useByteSize } from '../ui/byte-size';
import { Button } from '../ui/button';
import { useProblemText } from '../ui/error-state';
import { Notice } from '../ui/notice';
import { Progress } from '../ui/progress';
import { isActive } from './upload-item';
import { useUploadQueue } from './upload-provider';

/** Uploads that a reload or a cut left behind. A page may not read a file again by itself, so it asks for it. */
export function UnfinishedUploads({ vmId, vmName }: { vmId: string; vmName: string }) {
  const t = useTranslations('files.unfinished');
  const trpc = useTRPC();
  const queue = useUploadQueue();
  const { items } = useSyncExternalStore(queue.subscribe, queue.snapshot, queue.snapshot);
  const { data: uploads = [] } = useQuery(trpc.files.uploads.queryOptions({ vmId }));
  const here = new Set(
    items.filter((item) => isActive(item) || item.state === 'failed').map(({ uploadId }) => uploadId),
  );
  const left = uploads.filter(({ id, state }) => state === 'receiving' && !here.has(id));
  if (left.length === 0) return null;
  return (
    <Notice tone="info" title={t('title', { count: left.length })}>
      <p>{t('text')}</p>
      <ul className="mt-3 space-y-3">
        {left.map((upload) => (
          <Unfinished key={upload.id} upload={upload} vmName={vmName} />
        ))}
      </ul>
    </Notice>
  );
}

function Unfinished({ upload, vmName }: { upload: UploadView; vmName: string }) {
  const t = useTranslations('files.unfinished');
  const trpc = useTRPC();
  const queue = useUploadQueue();
  const bytes = useByteSize();
  const problemText = useProblemText();
  const input = useRef<HTMLInputElement>(null);
  const discard = useMutation(
    trpc.files.removeUpload.mutationOptions({
      onError: (error) => toast.error(problemText(problemOf(error))),
    }),
  );
  const name = upload.path.split('/').pop() ?? upload.path;
  const choose = (file: File) => {
    if (file.size === upload.size && file.name === name)
      queue.resume({ vmId: upload.vmId, vmName }, file, upload);
    else toast.error(t('wrongFile', { given: file.name, name, size: bytes(upload.size) }));
  };
  return (
    <li className="flex flex-wrap items-end gap-3">
      <div className="min-w-48 grow">
        <Progress label={upload.path} value={upload.received} max={Math.max(1, upload.size)} bytes />
      </div>
      <Button size="sm" aria-label={t('chooseNamed', { name })} onClick={() => input.current?.click()}>
        {t('choose')}
      </Button>
      <Button
        size="sm"
        variant="ghost"
        aria-label={t('discardNamed', { name })}
        busy={discard.isPending}
        onClick={() => discard.mutate({ vmId: upload.vmId, uploadId: upload.id })}
      >
        {t('discard')}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t('chooseNamed', { name })}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = '';
          if (file) choose(file);
        }}
      />
    </li>
  );
}
