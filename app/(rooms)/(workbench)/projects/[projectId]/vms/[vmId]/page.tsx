import type { Metadata } from 'next';
import { requirePageRole } from '@/components/access/require-role';
import { VmPage } from '@/components/vms/vm-page';
import { vmOfPage, vmTitle } from '@/components/workbench/page-subjects';

type Props = { params: Promise<{ projectId: string; vmId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await vmTitle((await params).vmId) };
}

export default async function VirtualMachinePage({ params }: Props) {
  await requirePageRole('developer');
  const { projectId, vmId } = await params;
  const { id } = await vmOfPage(projectId, vmId);
  return <VmPage vmId={id} />;
}
