import type { Metadata } from 'next';
import { projectTitle, vmProjectOfPage } from '@/components/workbench/page-subjects';
import { ProjectVms } from '@/components/workbench/project-vms';

type Props = { params: Promise<{ projectId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await projectTitle((await params).projectId, 'vms') };
}

export default async function ProjectVmsPage({ params }: Props) {
  const { id } = await vmProjectOfPage((await params).projectId);
  return <ProjectVms projectId={id} />;
}
