import type { Metadata } from 'next';
import { projectTitle } from '@/components/workbench/page-subjects';
import { ProjectSettings } from '@/components/workbench/project-settings';

type Props = { params: Promise<{ projectId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await projectTitle((await params).projectId, 'settings') };
}

export default async function ProjectSettingsPage({ params }: Props) {
  const { projectId } = await params;
  return <ProjectSettings projectId={projectId} />;
}
