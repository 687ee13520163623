'use client';

import { ChevronDown, ChevronUp, Upload, X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useByteSize } from '../ui/byte-size';
import { Button } from '../ui/button';
import { useDuration } from '../ui/duration';
import { IconButton } from '../ui/icon-button';
import { Progress } from '../ui/progress';
import { isActive, needsSomebody, type UploadItem } from './upload-item';
import type { QueueSnapshot, UploadQueue } from './upload-queue';
import { UploadRow } from './upload-row';

const shownAtMost = 100;

/** The queue in the corner of every page: all files together, and each by itself. */
export function UploadPanel({ queue, snapshot }: { queue: UploadQueue; snapshot: QueueSnapshot }) {
  const t = useTranslations('files.queue');
  const [open, setOpen] = useState(true);
  const { items } = snapshot;
  const active = items.filter(isActive);
  const shown = items.toSorted(byNeed).slice(0, shownAtMost);
  return (
    <section
      aria-label={t('region')}
      className="border-border bg-surface-raised shadow-overlay fixed inset-x-2 bottom-20 z-40 rounded-xl border sm:inset-x-auto sm:right-4 sm:bottom-4 sm:w-96"
    >
      <header className="flex items-center gap-2 py-2 pr-2 pl-4">
        <Upload aria-hidden className="text-text-muted size-4 shrink-0" />
        <h2 className="min-w-0 grow truncate font-medium" aria-live="polite">
          <Headline items={items} />
        </h2>
        <IconButton
          size="sm"
          label={open ? t('collapse') : t('expand')}
          aria-expanded={open}
          icon={open ? <ChevronDown /> : <ChevronUp />}
          onClick={() => setOpen(!open)}
        />
        <IconButton
          size="sm"
          label={t('clear')}
          icon={<X />}
          {...(active.length > 0 && { disabledReason: t('clearReason') })}
          onClick={() => queue.clear()}
        />
      </header>
      {active.length > 0 && <Total items={active} speed={snapshot.speed} />}
      {open && (
        <>
          <ul className="border-border max-h-[40dvh] divide-y overflow-y-auto border-t">
            {shown.map((item) => (
              <UploadRow key={item.id} item={item} queue={queue} />
            ))}
            {items.length > shown.length && (
              <li className="text-text-muted px-4 py-2">
                {t('moreFiles', { count: items.length - shown.length })}
              </li>
            )}
          </ul>
          {active.length > 1 && (
            <footer className="border-border border-t px-4 py-2 text-end">
              <Button
                size="sm"
                variant="ghost"
                onClick={() => {
                  for (const { id } of active) void queue.cancel(id);
                }}
              >
                {t('cancelAll')}
              </Button>
            </footer>
          )}
        </>
      )}
    </section>
  );
}

function Headline({ items }: { items: readonly UploadItem[] }) {
  const t = useTranslations('files.queue');
  const active = items.filter(isActive).length;
  const waiting = items.filter(needsSomebody).length;
  if (active > 0) return t('active', { count: active });
  if (waiting > 0) return t('someFailed', { count: waiting });
  return t('allDone', { count: items.filter(({ state }) => state === 'done').length });
}

function Total({ items, speed }: { items: readonly UploadItem[]; speed: number }) {
  const t = useTranslations('files.queue');
  const bytes = useByteSize();
  const duration = useDuration();
  const size = items.reduce((sum, item) => sum + item.size, 0);
  const sent = items.reduce((sum, item) => sum + item.sent, 0);
  const left = speed > 0 ? ((size - sent) / speed) * 1000 : undefined;
  const detail = [
    ...(speed > 0 ? [t('speed', { speed: bytes(Math.round(speed)) })] : []),
    ...(left !== undefined && left > 1000 ? [t('left', { time: duration(left) })] : []),
  ].join(' · ');
  return (
    <div className="px-4 pb-3">
      <Progress label={t('total')} value={sent} max={Math.max(1, size)} bytes detail={detail} />
    </div>
  );
}

// What asks for somebody first, then what moves, then what is over.
function byNeed(a: UploadItem, b: UploadItem): number {
  return rank(a) - rank(b);
}

function rank(item: UploadItem): number {
  if (needsSomebody(item)) return 0;
  if (item.state === 'waiting') return 2;
  return isActive(item) ? 1 : 3;
}
