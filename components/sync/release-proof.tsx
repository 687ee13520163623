'use client';

import { ShieldCheck } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { syncResult, type SyncedRelease } from '@/server/operations/sync/schemas';
import { JobLog } from '../jobs/job-log';
import { JobProgress } from '../jobs/job-progress';
import { isActive, useJob } from '../jobs/use-job';
import { useByteSize } from '../ui/byte-size';
import { useDuration } from '../ui/duration';
import { Notice } from '../ui/notice';

/** What the last sync proved: which hashes fit, and what moved, or that nothing had to. */
export function ReleaseProof({ release }: { release: SyncedRelease }) {
  const t = useTranslations('syncPages.release');
  const { proof, jobId, state } = release;
  if (jobId === null && proof === null) return null;
  return (
    <section aria-label={t('proof')} className="flex flex-col gap-3">
      <h3 className="font-semibold">{t('proof')}</h3>
      {proof !== null && state !== 'failed' && (
        <p className="flex items-start gap-2">
          <ShieldCheck aria-hidden className="text-success mt-0.5 size-4 shrink-0" />
          {t(`proofs.${proof}`)}
        </p>
      )}
      {jobId !== null && <LastSync jobId={jobId} />}
    </section>
  );
}

/** Nothing for a job of somebody else's, which the visitor may not see. */
function LastSync({ jobId }: { jobId: string }) {
  const t = useTranslations('syncPages.release');
  const bytes = useByteSize();
  const duration = useDuration();
  const { data: job } = useJob(jobId);
  if (!job) return null;
  const result = syncResult.safeParse(job.result).data;
  return (
    <>
      <JobProgress jobId={jobId} hideDone />
      {result && (
        <Notice
          tone="success"
          title={t(result.unchanged ? 'unchanged' : 'moved', {
            moved: bytes(result.bytesMoved),
            kept: bytes(result.bytesKept),
            time: duration(result.ms),
          })}
        />
      )}
      <JobLog jobId={jobId} over={!isActive(job)} />
    </>
  );
}
