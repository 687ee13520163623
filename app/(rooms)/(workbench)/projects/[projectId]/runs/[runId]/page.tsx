import type { Metadata } from 'next';
import { requirePageRole } from '@/components/access/require-role';
import { RunPage } from '@/components/containers/run-page';
import { containerProjectOfPage, projectTitle } from '@/components/workbench/page-subjects';

type Props = { params: Promise<{ projectId: string; runId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await projectTitle((await params).projectId, 'runs') };
}

export default async function TestRunPage({ params }: Props) {
  await requirePageRole('developer');
  const { projectId, runId } = await params;
  const { id, name } = await containerProjectOfPage(projectId);
  return <RunPage projectId={id} projectName={name} runId={runId} />;
}
