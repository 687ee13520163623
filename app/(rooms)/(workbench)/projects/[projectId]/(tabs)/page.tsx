import type { Metadata } from 'next';
import { projectTitle } from '@/components/workbench/page-subjects';
import { ProjectOverview } from '@/components/workbench/project-overview';

type Props = { params: Promise<{ projectId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await projectTitle((await params).projectId) };
}

export default async function ProjectPage({ params }: Props) {
  const { projectId } = await params;
  return <ProjectOverview projectId={projectId} />;
}
