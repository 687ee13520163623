import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageRole } from '@/components/access/require-role';
import { NewProject } from '@/components/workbench/new-project';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('workbench.form'))('newTitle') };
}

export default async function NewProjectPage() {
  const { name } = await requirePageRole('developer');
  return <NewProject provider={name} />;
}
