import type { Metadata } from 'next';
import { ProjectPackages } from '@/components/packages/project-packages';
import { projectTitle } from '@/components/workbench/page-subjects';

type Props = { params: Promise<{ projectId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await projectTitle((await params).projectId, 'packages') };
}

export default async function ProjectPackagesPage({ params }: Props) {
  const { projectId } = await params;
  return <ProjectPackages projectId={projectId} />;
}
