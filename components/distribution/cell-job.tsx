'use client';

import { useTranslations } from 'next-intl';
import { JobLog } from '../jobs/job-log';
import { JobProgress } from '../jobs/job-progress';
import { isActive, useJob } from '../jobs/use-job';
import { Drawer } from '../ui/drawer';
import { LinkButton } from '../ui/link-button';

/** The job of one cell beside the matrix: what it does now, and its log. @param jobId none: closed */
export function CellJob({
  jobId,
  title,
  onClose,
}: {
  jobId: string | undefined;
  title: string;
  onClose: () => void;
}) {
  const t = useTranslations('distributionPages.run');
  return (
    <Drawer
      open={jobId !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={t('log')}
      description={title}
      size="lg"
      footer={
        jobId !== undefined && (
          <LinkButton href={`/activity/${jobId}`} onClick={onClose}>
            {t('openJob')}
          </LinkButton>
        )
      }
    >
      {jobId !== undefined && <Job jobId={jobId} />}
    </Drawer>
  );
}

function Job({ jobId }: { jobId: string }) {
  const { data: job } = useJob(jobId);
  return (
    <div className="flex flex-col gap-4">
      <JobProgress jobId={jobId} />
      {job && <JobLog jobId={jobId} over={!isActive(job)} />}
    </div>
  );
}
