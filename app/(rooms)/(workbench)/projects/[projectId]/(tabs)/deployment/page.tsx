import type { Metadata } from 'next';
import { ProjectDeployment } from '@/components/containers/project-deployment';
import { containerProjectOfPage, projectTitle } from '@/components/workbench/page-subjects';

type Props = { params: Promise<{ projectId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await projectTitle((await params).projectId, 'deployment') };
}

export default async function ProjectDeploymentPage({ params }: Props) {
  const { id } = await containerProjectOfPage((await params).projectId);
  return <ProjectDeployment projectId={id} />;
}
