import type { Metadata } from 'next';
import { ProjectImages } from '@/components/containers/project-images';
import { containerProjectOfPage, projectTitle } from '@/components/workbench/page-subjects';

type Props = { params: Promise<{ projectId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await projectTitle((await params).projectId, 'images') };
}

export default async function ProjectImagesPage({ params }: Props) {
  const { id } = await containerProjectOfPage((await params).projectId);
  return <ProjectImages projectId={id} />;
}
