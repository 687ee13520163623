'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useByteSize } from '../ui/byte-size';
import { Button } from '../ui/button';
import { Checkbox } from '../ui/checkbox';
import { Dialog } from '../ui/dialog';
import { KeyValueList } from '../ui/key-value';
import { DateTime } from '../ui/relative-time';
import type { UploadItem } from './upload-item';
import type { ConflictAnswer, UploadQueue } from './upload-queue';

/** Asks, one file after the other, what to do with a file of the same name. */
export function ConflictDialog({ queue, items }: { queue: UploadQueue; items: readonly UploadItem[] }) {
  const conflicts = items.filter(({ state }) => state === 'conflict');
  const [first] = conflicts;
  if (!first) return null;
  return <Question key={first.id} queue={queue} item={first} others={conflicts.length - 1} />;
}

function Question({ queue, item, others }: { queue: UploadQueue; item: UploadItem; others: number }) {
  const t = useTranslations('files.conflict');
  const [forAll, setForAll] = useState(false);
  const answer = (what: ConflictAnswer) => queue.answer(item.id, what, forAll);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) answer('skip');
      }}
      title={t('title', { name: item.name })}
      description={t('text')}
      footer={
        <>
          <Button onClick={() => answer('skip')}>{t('skip')}</Button>
          <Button variant="primary" onClick={() => answer('replace')}>
            {t('replace')}
          </Button>
        </>
      }
    >
      <KeyValueList
        items={[
          { label: t('there'), value: item.existing && <Facts {...item.existing} /> },
          { label: t('yours'), value: <Facts size={item.size} modifiedAt={item.modifiedAt} /> },
        ]}
      />
      {others > 0 && (
        <div className="mt-4">
          <Checkbox
            label={t('forAll', { count: others })}
            checked={forAll}
            onChange={(event) => setForAll(event.target.checked)}
          />
        </div>
      )}
    </Dialog>
  );
}

function Facts({ size, modifiedAt }: { size: number; modifiedAt: number }) {
  const bytes = useByteSize();
  return (
    <>
      {bytes(size)} · <DateTime at={modifiedAt} />
    </>
  );
}
