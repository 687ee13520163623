'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useTRPC } from '../api/trpc-provider';
import { inItsOwnTime } from '../api/own-time';
import { problemOf } from '../api/problem-of';
import { useSubjectJobs } from '../jobs/use-job';
import { Dialog } from '../ui/dialog';
import { ErrorState } from '../ui/error-state';
import { SkeletonRows } from '../ui/skeleton';
import { CaptureForm } from './capture-form';
import { CaptureProgress } from './capture-progress';

export interface CaptureDialogProps {
  vmId: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Makes a disk image out of a VM: asks how, with what is found in the guest, then shows the work. */
export function CaptureDialog({ vmId, open, onOpenChange }: CaptureDialogProps) {
  const [started, setStarted] = useState<string>();
  // Whoever opens it while a capture runs sees that one.
  const running = useSubjectJobs({ type: 'vm', id: vmId }).active.find(({ kind }) => kind === 'vm.capture');
  const jobId = started ?? running?.id;
  const close = (next: boolean) => {
    onOpenChange(next);
    if (!next) setStarted(undefined);
  };
  return jobId === undefined ? (
    <Asking vmId={vmId} open={open} onOpenChange={close} onStarted={setStarted} />
  ) : (
    <CaptureProgress
      jobId={jobId}
      vmId={vmId}
      open={open}
      onOpenChange={close}
      onAgain={() => setStarted(undefined)}
    />
  );
}

function Asking({
  vmId,
  open,
  onOpenChange,
  onStarted,
}: CaptureDialogProps & { onStarted: (jobId: string) => void }) {
  const t = useTranslations('images.capture');
  const trpc = useTRPC();
  const vm = useQuery(trpc.workbench.vms.get.queryOptions({ vmId }, { enabled: open }));
  const doctor = useQuery(
    // The guest is asked each time: what it held a minute ago may be gone.
    trpc.images.capture.examine.queryOptions(
      { vmId },
      { ...inItsOwnTime, enabled: open, staleTime: 0, gcTime: 0 },
    ),
  );
  // The form is there at once; what is found in the guest comes into it.
  if (vm.data && open && !doctor.error) {
    return (
      <CaptureForm vm={vm.data} doctor={doctor.data} onOpenChange={onOpenChange} onStarted={onStarted} />
    );
  }
  const error = vm.error ?? doctor.error;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('title')} size="lg">
      {error ? (
        <ErrorState
          problem={problemOf(error)}
          onRetry={() => {
            void vm.refetch();
            void doctor.refetch();
          }}
          compact
        />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </Dialog>
  );
}
