'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { TextContent } from '@/server/containers/schemas';
import { problemOf } from '../api/problem-of';
import { useByteSize } from '../ui/byte-size';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { DropZone } from '../ui/drop-zone';
import { readTextFile } from './text-file';
import type { TextDraft } from './use-text-draft';

const accept = '.yaml,.yml,.json,.tgz,.tar.gz';

/** Takes a file as the deployment text. @param replaces whether there is one that it takes the place of */
export function TextDrop({ draft, replaces }: { draft: TextDraft; replaces: boolean }) {
  const t = useTranslations('containerPages.deployment');
  const size = useByteSize();
  const [asked, setAsked] = useState<{ name: string; content: TextContent }>();
  const take = async (file: File) => {
    const read = await readTextFile(file);
    if ('refused' in read) {
      const limit = read.refused === 'tooLarge' ? size(read.limit) : '';
      toast.error(t(read.refused, { name: file.name, limit }));
    } else if (replaces) setAsked({ name: file.name, content: read.content });
    // What went wrong stands in the page: the draft tells it.
    else await draft.replace(read.content).catch(() => undefined);
  };
  return (
    <>
      <DropZone
        onFiles={([file]) => {
          if (file) void take(file);
        }}
        label={t('drop')}
        hint={t('dropHint')}
        accept={accept}
        multiple={false}
        compact
      />
      <ConfirmDialog
        open={asked !== undefined}
        onOpenChange={(open) => {
          if (!open) setAsked(undefined);
        }}
        title={t('replaceTitle')}
        confirmLabel={t('replaceConfirm')}
        cancelLabel={t('cancel')}
        problemOf={problemOf}
        onConfirm={async () => {
          if (asked) await draft.replace(asked.content);
        }}
      >
        {t('replaceText', { name: asked?.name ?? '' })}
      </ConfirmDialog>
    </>
  );
}
