'use client';

import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { DropZone } from '../ui/drop-zone';
import { useUploadQueue } from './upload-provider';

/**
 * Makes everything inside a place to drop files or folders for a VM.
 *
 * `directory`: folder in the guest; the login's home when absent. `disabledReason`: why files cannot be taken now.
 */
export function VmDropTarget({
  vmId,
  vmName,
  directory = '',
  disabledReason,
  children,
}: {
  vmId: string;
  vmName: string;
  directory?: string;
  disabledReason?: string | undefined;
  children: ReactNode;
}) {
  const t = useTranslations('files');
  const queue = useUploadQueue();
  return (
    <DropZone
      folders
      label={t('dropLabel', { name: vmName })}
      disabledReason={disabledReason}
      onFiles={(files) => void queue.add({ vmId, vmName, directory, files })}
    >
      {children}
    </DropZone>
  );
}
