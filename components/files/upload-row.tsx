'use client';

import { RotateCw, ShieldCheck, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useByteSize } from '../ui/byte-size';
import { Digest } from '../ui/digest';
import { useProblemText } from '../ui/error-state';
import { IconButton } from '../ui/icon-button';
import { Progress } from '../ui/progress';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';
import { isActive, type UploadItem, type UploadItemState } from './upload-item';
import type { UploadQueue } from './upload-queue';

const tones: Record<UploadItemState, Tone> = {
  waiting: 'neutral',
  uploading: 'accent',
  reconnecting: 'warning',
  hashing: 'accent',
  verifying: 'accent',
  conflict: 'warning',
  done: 'success',
  failed: 'danger',
  skipped: 'neutral',
  cancelled: 'neutral',
};

/** One file of the queue. */
export function UploadRow({ item, queue }: { item: UploadItem; queue: UploadQueue }) {
  const t = useTranslations('files');
  const bytes = useByteSize();
  const moving = item.state === 'uploading' || item.state === 'reconnecting';
  return (
    <li className="flex items-start gap-2 py-2 pr-2 pl-4">
      <div className="min-w-0 grow space-y-1">
        <p className="truncate" title={item.name}>
          {item.name}
        </p>
        {moving ? (
          <Progress
            label={t('queue.progressNamed', { name: item.name })}
            hideLabel
            value={item.sent}
            max={Math.max(1, item.size)}
            bytes
            detail={item.state === 'reconnecting' ? t('states.reconnecting') : undefined}
          />
        ) : (
          <div className="text-text-muted flex flex-wrap items-center gap-x-3 gap-y-1 text-[0.8125rem]">
            <StatusDot
              tone={tones[item.state]}
              label={t(`states.${item.state}`)}
              busy={item.state === 'hashing' || item.state === 'verifying'}
            />
            <span>{bytes(item.size)}</span>
            <span className="truncate">{t('queue.into', { vm: item.vmName })}</span>
          </div>
        )}
        <Outcome item={item} />
      </div>
      <RowActions item={item} queue={queue} />
    </li>
  );
}

function Outcome({ item }: { item: UploadItem }) {
  const t = useTranslations('files.queue');
  const problemText = useProblemText();
  if (item.state === 'failed' && item.problem)
    return <p className="text-danger text-[0.8125rem]">{problemText(item.problem)}</p>;
  if (item.digest === undefined) return null;
  return (
    <p className="text-success flex flex-wrap items-center gap-2 text-[0.8125rem]">
      <ShieldCheck aria-hidden className="size-4 shrink-0" />
      {t('digestsEqual')}
      <Digest value={`sha256:${item.digest}`} />
    </p>
  );
}

function RowActions({ item, queue }: { item: UploadItem; queue: UploadQueue }) {
  const t = useTranslations('files.queue');
  const { id, name, state } = item;
  if (state === 'failed' || state === 'cancelled')
    return (
      <div className="flex shrink-0">
        <IconButton
          size="sm"
          label={t('retryNamed', { name })}
          icon={<RotateCw />}
          onClick={() => queue.retry(id)}
        />
        <RemoveButton item={item} queue={queue} />
      </div>
    );
  if (state === 'verifying') return null;
  if (!isActive(item) && state !== 'conflict') return <RemoveButton item={item} queue={queue} />;
  return (
    <IconButton
      size="sm"
      label={t('cancelNamed', { name })}
      icon={<X />}
      onClick={() => void queue.cancel(id)}
    />
  );
}

function RemoveButton({ item, queue }: { item: UploadItem; queue: UploadQueue }) {
  const t = useTranslations('files.queue');
  return (
    <IconButton
      size="sm"
      label={t('removeNamed', { name: item.name })}
      icon={<X />}
      onClick={() => queue.clear(item.id)}
    />
  );
}
