import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { JobDetail } from '@/components/jobs/job-detail';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('jobs.activity'))('title') };
}

export default async function JobPage({ params }: { params: Promise<{ jobId: string }> }) {
  await requirePageRole('developer');
  const { jobId } = await params;
  return <JobDetail jobId={jobId} />;
}
