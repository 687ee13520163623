'use client';

import { useTranslations } from 'next-intl';
import type { JobView } from '@/server/api/job-view';
import { TextLink } from '../ui/link-button';

type Subjected = Pick<JobView, 'subject' | 'subjectName' | 'projectId'>;

/** Address of the page about a job's subject; undefined when it has none, or is gone. */
export function subjectHref({ subject, subjectName, projectId }: Subjected): string | undefined {
  // The registries have one page, whatever a job was about.
  if (subject.type === 'registry') return '/admin/registries';
  if (subjectName === undefined) return undefined;
  const id = encodeURIComponent(subject.id);
  const project = projectId === undefined ? undefined : `/projects/${encodeURIComponent(projectId)}`;
  switch (subject.type) {
    case 'project':
      return `/projects/${id}`;
    case 'vm':
      return project && `${project}/vms/${id}`;
    case 'package':
      return project && `${project}/packages/${id}`;
    case 'deployment':
      return `/deployments/${id}`;
    case 'image':
      return `/images/${id}`;
    case 'store':
      return '/operations/stores';
    case 'syncedRelease':
      return `/operations/releases?release=${id}`;
    default:
      return undefined;
  }
}

/** What a job is about, as a link where there is a page about it. */
export function SubjectLink({ job, onFollow }: { job: Subjected; onFollow?: (() => void) | undefined }) {
  const t = useTranslations('jobs.subjects');
  const href = subjectHref(job);
  const words = job.subjectName ?? t(job.subject.type);
  if (href === undefined) return <span className="break-words">{words}</span>;
  return (
    <TextLink href={href} className="break-words" {...(onFollow && { onClick: onFollow })}>
      {words}
    </TextLink>
  );
}
