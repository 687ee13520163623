import type { Metadata } from 'next';
import { ProjectRuns } from '@/components/containers/project-runs';
import { containerProjectOfPage, projectTitle } from '@/components/workbench/page-subjects';

type Props = { params: Promise<{ projectId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await projectTitle((await params).projectId, 'runs') };
}

export default async function ProjectRunsPage({ params }: Props) {
  const { id } = await containerProjectOfPage((await params).projectId);
  return <ProjectRuns projectId={id} />;
}
