'use client';

import { Camera } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { VmView } from '@/server/workbench/model';
import { CaptureDialog } from '../capture/capture-dialog';
import { Button } from '../ui/button';
import { useVmActions } from './use-vm-actions';

/** Opens the dialog that makes a disk image out of a VM; while that runs, it shows how far it is. */
export function CaptureButton({ vm }: { vm: VmView }) {
  const t = useTranslations('workbench');
  const actions = useVmActions(vm);
  const [open, setOpen] = useState(false);
  const running = vm.state === 'capturing';
  const reason = running ? undefined : actions.reason('capture');
  const wayOut = actions.wayOut('capture');
  return (
    <>
      <Button
        icon={<Camera />}
        onClick={() => setOpen(true)}
        {...(reason === undefined ? {} : { disabledReason: reason })}
        reasonAction={
          wayOut !== undefined && (
            <Button size="sm" onClick={() => actions.act(wayOut)}>
              {t(`power.${wayOut}`)}
            </Button>
          )
        }
      >
        {running ? t('vm.capturing') : t('vm.capture')}
      </Button>
      <CaptureDialog vmId={vm.id} open={open} onOpenChange={setOpen} />
    </>
  );
}
