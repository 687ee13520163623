import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { requirePageRole } from '@/components/access/require-role';
import { PackageView } from '@/components/packages/package-view';
import { projectOfPage } from '@/components/workbench/page-subjects';
import { callerOfRequest } from '@/server/api/trpc/server';

type Props = { params: Promise<{ projectId: string; packageId: string }> };

const findPackage = cache(async (id: string) =>
  (await callerOfRequest()).packages.get({ id }).catch(() => undefined),
);

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const item = await findPackage((await params).packageId);
  return item ? { title: `${item.name} ${item.version}` } : {};
}

export default async function PackagePage({ params }: Props) {
  await requirePageRole('developer');
  const { projectId, packageId } = await params;
  const project = await projectOfPage(projectId);
  const item = await findPackage(packageId);
  if (item?.projectId !== project.id) notFound();
  return <PackageView packageId={item.id} projectName={project.name} />;
}
