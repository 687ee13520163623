import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { Suspense } from 'react';
import { requirePageRole } from '@/components/access/require-role';
import { ActivityList } from '@/components/jobs/activity-list';
import { SkeletonPage } from '@/components/ui/skeleton';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('jobs.activity'))('title') };
}

export default async function ActivityPage() {
  await requirePageRole('developer');
  return (
    <Suspense fallback={<SkeletonPage />}>
      <ActivityList />
    </Suspense>
  );
}
