import type { ReactNode } from 'react';
import { requirePageRole } from '@/components/access/require-role';
import { ProjectFrame } from '@/components/workbench/project-frame';

export default async function ProjectLayout({
  params,
  children,
}: {
  params: Promise<{ projectId: string }>;
  children: ReactNode;
}) {
  await requirePageRole('developer');
  const { projectId } = await params;
  return <ProjectFrame projectId={projectId}>{children}</ProjectFrame>;
}
