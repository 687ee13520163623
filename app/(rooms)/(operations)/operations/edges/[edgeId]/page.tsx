import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { requirePageRole } from '@/components/access/require-role';
import { EdgePage } from '@/components/operations/edge-page';
import { hasRole } from '@/server/access/actor';
import { callerOfRequest } from '@/server/api/trpc/server';

interface Params {
  params: Promise<{ edgeId: string }>;
}

const edgeOfPage = cache(async (id: string) =>
  (await callerOfRequest()).edges.get({ id }).catch(() => undefined),
);

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  const edge = await edgeOfPage((await params).edgeId);
  return edge ? { title: edge.name } : {};
}

export default async function EdgeDetailPage({ params }: Params) {
  const actor = await requirePageRole('developer');
  const edge = await edgeOfPage((await params).edgeId);
  if (!edge) notFound();
  return (
    <EdgePage edgeId={edge.id} mayAct={hasRole(actor, 'operator')} mayConfigure={hasRole(actor, 'admin')} />
  );
}
