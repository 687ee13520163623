import type { Metadata } from 'next';
import { requirePageRole } from '@/components/access/require-role';
import { CreateVm } from '@/components/vms/create-vm';
import { projectTitle, vmProjectOfPage } from '@/components/workbench/page-subjects';

type Props = { params: Promise<{ projectId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await projectTitle((await params).projectId, 'newVm') };
}

export default async function NewVmPage({ params }: Props) {
  await requirePageRole('developer');
  const { id } = await vmProjectOfPage((await params).projectId);
  return <CreateVm projectId={id} />;
}
