'use client';

import { useTranslations } from 'next-intl';
import { createContext, use, useEffect, useState, type ReactNode } from 'react';
import { DropZone } from '../ui/drop-zone';
import { useUploadQueue } from './upload-provider';

interface Place {
  /** Folder in the guest; empty for the home of the login. */
  directory: string;
  /** Why files cannot be taken now. */
  disabledReason: string | undefined;
}

type SetPlace = (place: Place | undefined) => void;

const OuterTarget = createContext<SetPlace | undefined>(undefined);

interface Props extends Partial<Place> {
  vmId: string;
  vmName: string;
  children: ReactNode;
}

/**
 * Makes everything inside a place to drop files or folders for a VM. Inside of another one it only says into which
 * folder they go: a drop bubbles, so two nested targets would take each file twice.
 *
 * `directory`: folder in the guest; the login's home when absent. `disabledReason`: why files cannot be taken now.
 */
export function VmDropTarget({ vmId, vmName, directory = '', disabledReason, children }: Props) {
  const setOuter = use(OuterTarget);
  useEffect(() => {
    if (!setOuter) return undefined;
    setOuter({ directory, disabledReason });
    return () => setOuter(undefined);
  }, [setOuter, directory, disabledReason]);
  if (setOuter) return children;
  return (
    <OutermostTarget vmId={vmId} vmName={vmName} place={{ directory, disabledReason }}>
      {children}
    </OutermostTarget>
  );
}

function OutermostTarget({
  vmId,
  vmName,
  place,
  children,
}: {
  vmId: string;
  vmName: string;
  place: Place;
  children: ReactNode;
}) {
  const t = useTranslations('files');
  const queue = useUploadQueue();
  const [inner, setInner] = useState<Place>();
  return (
    <OuterTarget value={setInner}>
      <DropZone
        folders
        label={t('dropLabel', { name: vmName })}
        disabledReason={place.disabledReason ?? inner?.disabledReason}
        onFiles={(files) =>
          void queue.add({ vmId, vmName, directory: inner?.directory ?? place.directory, files })
        }
      >
        {children}
      </DropZone>
    </OuterTarget>
  );
}
