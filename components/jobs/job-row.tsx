'use client';

import { ChevronDown, ChevronRight } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { JobView } from '@/server/api/job-view';
import { Button } from '../ui/button';
import { LinkButton } from '../ui/link-button';
import { RelativeTime } from '../ui/relative-time';
import { StatusDot } from '../ui/status-dot';
import { JobActions } from './job-actions';
import { JobLog } from './job-log';
import { JobState } from './job-progress';
import { stateTones, useJobWords } from './job-words';
import { SubjectLink } from './subject-link';
import { isActive } from './use-job';

/** A job in the drawer: what, about what, how far; with its log to unfold. */
export function JobRow({ job, onFollow }: { job: JobView; onFollow: () => void }) {
  const t = useTranslations('jobs.job');
  const words = useJobWords();
  const [open, setOpen] = useState(false);
  const active = isActive(job);
  return (
    <li className="border-border flex flex-col gap-2 border-b py-3 last:border-b-0">
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <p className="font-medium">{words.kind(job.kind)}</p>
          <p className="text-text-muted text-sm">
            <SubjectLink job={job} onFollow={onFollow} />
          </p>
        </div>
        <div className="flex flex-col items-end gap-0.5 text-sm">
          <StatusDot tone={stateTones[job.state]} busy={active} label={words.state(job.state)} />
          <span className="text-text-muted">
            <RelativeTime at={job.endedAt ?? job.createdAt} />
          </span>
        </div>
      </div>
      <JobState job={job} />
      <div className="-ml-2 flex flex-wrap items-center gap-1">
        <Button
          size="sm"
          variant="ghost"
          icon={open ? <ChevronDown /> : <ChevronRight />}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {t(open ? 'hideLog' : 'showLog')}
        </Button>
        <LinkButton href={`/activity/${job.id}`} size="sm" variant="ghost" onClick={onFollow}>
          {t('details')}
        </LinkButton>
        <JobActions job={job} />
      </div>
      {open && <JobLog jobId={job.id} over={!active} />}
    </li>
  );
}
