import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { requirePageRole } from '@/components/access/require-role';
import { JobDetail } from '@/components/jobs/job-detail';
import { callerOfRequest } from '@/server/api/trpc/server';

type Props = { params: Promise<{ jobId: string }> };

const findJob = cache(async (id: string) =>
  (await callerOfRequest()).jobs.get({ id }).catch(() => undefined),
);

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('jobs.activity'))('title') };
}

export default async function JobPage({ params }: Props) {
  await requirePageRole('developer');
  const job = await findJob((await params).jobId);
  if (!job) notFound();
  return <JobDetail jobId={job.id} />;
}
