import type { ReactNode } from 'react';
import { requirePageRole } from '@/components/access/require-role';
import { projectOfPage } from '@/components/workbench/page-subjects';
import { ProjectFrame } from '@/components/workbench/project-frame';

export default async function ProjectLayout({
  params,
  children,
}: {
  params: Promise<{ projectId: string }>;
  children: ReactNode;
}) {
  await requirePageRole('developer');
  const { id } = await projectOfPage((await params).projectId);
  return <ProjectFrame projectId={id}>{children}</ProjectFrame>;
}
