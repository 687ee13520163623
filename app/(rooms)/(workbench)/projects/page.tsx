import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { ProjectList } from '@/components/workbench/project-list';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('workbench.list'))('title') };
}

export default async function ProjectsPage() {
  await requirePageRole('developer');
  return <ProjectList />;
}
